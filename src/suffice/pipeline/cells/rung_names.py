"""Names of rungs, held against what can be run before anything is fitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from suffice.base_models import CATALOGUE, hub_id_of, locate
from suffice.errors import EndpointError, ModelError, Problem, SufficeError, TaskError, nearest, quoted
from suffice.records.progress import Progress
from suffice.records.task import HostedSpec, Kind, TrainSpec
from suffice.rungs.endpoint import missing_client, missing_key
from suffice.rungs.ladder import (
    HOSTED,
    PROMPTED,
    RUNGS,
    base_of,
    describe,
    endpoint_of,
    in_order_of_cost,
)


def ordered_rungs(
    names: Sequence[str], *, where: str, hosted: Iterable[str] = (), kind: Kind = "classify"
) -> tuple[str, ...]:
    """The rungs from cheap to dear, each once.

    Args:
        names: as given.
        where: the option or key that names them, for errors.
        hosted: names of the task's endpoints.
        kind: of the task.

    Raises:
        TaskError: no rung at all, endpoints that the task does not have, or rungs that cannot do its kind, all at once.
        ModelError: names that are neither rungs nor base models nor paths, all at once.
    """
    causal = [entry.name for entry in CATALOGUE if entry.kind == "causal"]
    known = [rung.name for rung in RUNGS if not rung.method and rung.name != "hosted:ID"] + causal
    rule = f"a rung must be one of {', '.join(known)}, or a base model: a hub id owner/name, a folder, a .gguf file"
    rule += f"; {PROMPTED} behind a base model leaves it untuned"
    near = [*known, *(f"{name}{PROMPTED}" for name in causal)]
    endpoints = tuple(hosted)
    asked = [(name, endpoint) for name in names if (endpoint := endpoint_of(name)) is not None]
    unknown = [name for name, endpoint in asked if endpoint not in endpoints]
    if unknown:
        raise TaskError([_no_such_endpoint(name, where=where, known=endpoints) for name in unknown])
    if not names:
        raise TaskError(Problem(where=where, rule=rule, got="none", fix=f"name one, such as {known[1]}"))
    problems = [
        Problem(where=where, rule=rule, got=f"{quoted(name)}{nearest(name, near)}", fix="correct the name or the path")
        for name in names
        if not _may_be_run(name)
    ]
    if problems:
        raise ModelError(problems)
    unable = [name for name in names if kind not in describe(name).kinds]
    if unable:
        raise TaskError([_cannot(name, where=where, kind=kind) for name in unable])
    return in_order_of_cost(names, parameters={entry.name: entry.n_total for entry in CATALOGUE})


def require_endpoints(rungs: Iterable[str], hosted: Mapping[str, HostedSpec]) -> None:
    """Looks, before anything is fitted, for what calls to endpoints need; nothing is sent.

    Args:
        rungs: as in `ladder`, those that are still to be run.
        hosted: the task's endpoints.

    Raises:
        EndpointError: the client is not installed, or keys are not in the environment, all at once.
    """
    asked = {name: hosted[endpoint] for name in rungs if (endpoint := endpoint_of(name)) is not None}
    problems = [problem for name, spec in asked.items() if (problem := missing_key(spec, where=name)) is not None]
    if asked and (problem := missing_client(where=next(iter(asked)))) is not None:
        problems.insert(0, problem)
    if problems:
        raise EndpointError(problems)


def require_ordered_rows(rungs: Sequence[str], train: TrainSpec) -> None:
    """Refuses an order of rows that nothing would be trained in.

    Args:
        rungs: as in `ladder`.
        train: the task's training section.

    Raises:
        TaskError: rows are to be ordered, and every rung sees all of them at once.
    """
    if train.curriculum != "random" and not any(describe(rung).trains for rung in rungs):
        rule = f"{train.curriculum} is an order for rungs that see a few rows at a time: encoder, or a tuned base model"
        fix = "add such a rung, or take train.curriculum out"
        raise TaskError(Problem(where="train.curriculum", rule=rule, got=f"{', '.join(rungs)} alone", fix=fix))


def bring_bases(rungs: Iterable[str], train: TrainSpec, *, every: bool, progress: Progress) -> None:
    """Brings base models before hours of training, so that a missing one is met first.

    Args:
        rungs: as in `ladder`.
        train: names the encoder.
        every: all of them will be run; otherwise only those are brought that the person named by hub id or path, since
            a rung with a short name may never be reached.
        progress: told while one is fetched.

    Raises:
        ModelError: base models that cannot be found, all at once.
    """
    problems: list[Problem] = []
    for base in dict.fromkeys(base_of(rung, train) for rung in surely_run(rungs, train, every=every)):
        try:
            if base is not None:
                locate(base, progress=progress)
        except SufficeError as error:
            problems.extend(error.problems)
    if problems:
        raise ModelError(problems)


def surely_run(rungs: Iterable[str], train: TrainSpec, *, every: bool) -> tuple[str, ...]:
    """The rungs whose base models are looked at before hours of training.

    Args:
        rungs: as in `ladder`.
        train: names the encoder.
        every: all of them will be run; otherwise only those that the person named by hub id or path.
    """
    short = {entry.name for entry in CATALOGUE}
    return tuple(rung for rung in rungs if every or base_of(rung, train) not in short)


def _cannot(name: str, *, where: str, kind: Kind) -> Problem:
    """A rung that gives labels where text is asked for, or the reverse."""
    able = [rung.name for rung in RUNGS if kind in rung.kinds]
    rule = f"kind: {kind} is for rungs that can do it: {', '.join(able)}"
    prompted = f"{name}{PROMPTED}"
    near = f"write {prompted}, or " if kind in describe(prompted).kinds and not name.endswith(PROMPTED) else ""
    known = {rung.name for rung in RUNGS}
    fix = "take it out" if name in known else f"{near}take it out"
    return Problem(where=where, rule=rule, got=quoted(name), fix=fix)


def _no_such_endpoint(name: str, *, where: str, known: Sequence[str]) -> Problem:
    rule = "hosted:NAME must name an endpoint of the task file, below its key `hosted`"
    fix = "describe the endpoint below `hosted` in the task file, or leave the rung out"
    if known:
        fix = f"correct the name, or add the endpoint; the task has {', '.join(f'{HOSTED}{one}' for one in known)}"
    got = f"{quoted(name)}{nearest(name.removeprefix(HOSTED), known)}"
    return Problem(where=where, rule=rule, got=got, fix=fix)


def _may_be_run(name: str) -> bool:
    if endpoint_of(name) is not None:
        return True  # It has been held against the task's endpoints.
    base, known = name.removesuffix(PROMPTED), {entry.name: entry.kind for entry in CATALOGUE}
    if base in known:
        return known[base] == "causal"
    path = Path(base).expanduser()
    is_model = (path / "config.json").is_file() if path.is_dir() else path.is_file() and path.suffix == ".gguf"
    is_base = is_model or hub_id_of(base) is not None
    return bool(base) and (is_base or not describe(name).method)


def one_seed(rungs: Sequence[str], *, n_seeds: int) -> tuple[str, ...]:
    """What to know of networks that are trained once; nothing where none is.

    Args:
        rungs: as in `ladder`.
        n_seeds: training seeds of each.
    """
    networks = [rung for rung in rungs if describe(rung).trains]
    if n_seeds > 1 or not networks:
        return ()
    return (
        f"one seed: figures of {', '.join(networks)} are those of this run, and another seed would give others; "
        "--seeds 3 measures how far they differ",
    )
