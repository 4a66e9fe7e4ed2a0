"""Rungs to cells, and cells to names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from suffice.pipeline.cells.changes import changed
from suffice.pipeline.cells.rows import training_rows
from suffice.pipeline.rows.knowledge import Readings
from suffice.pipeline.rows.prepare import Material, Prepared
from suffice.records.knowledge import Reads
from suffice.records.next_cells import Wanted
from suffice.records.progress import Progress
from suffice.records.run import CLOSED_BOOK, DEFAULTS, FOUND, GOLD_PASSAGE, Cell, LabelOutput, RunManifest
from suffice.records.task import TrainSpec
from suffice.rungs.ladder import PROMPTED, base_of, describe, endpoint_of
from suffice.store.strict_json import digest


def cells_of(rung: str, prepared: Prepared, *, seed: int, progress: Progress) -> tuple[Cell, ...]:
    """The cells of one rung: one, or one for each label output that is to be compared.

    Args:
        rung: as in `ladder`.
        prepared: the task and its rows.
        seed: initialisation, shuffles and subsets.
        progress: told while a base model is fetched.

    Raises:
        ModelError: the base model cannot be found.
    """
    base = base_of(rung, prepared.task.train)
    return _cells(rung, prepared, seed=seed, fingerprint=None if base is None else _fingerprint(base, progress))


def cells_without_fetching(rung: str, prepared: Prepared, *, seed: int) -> tuple[Cell, ...]:
    """The same, without a fingerprint where the base model is not on this machine: no run is of such a cell.

    Args:
        rung: as in `ladder`.
        prepared: the task and its rows.
        seed: initialisation, shuffles and subsets.

    Raises:
        ModelError: what is there of the base model cannot be used.
    """
    from suffice.base_models import find_here  # noqa: PLC0415 - rungs without a base never load the room

    base = base_of(rung, prepared.task.train)
    files = None if base is None else find_here(base)
    return _cells(rung, prepared, seed=seed, fingerprint=None if files is None else files.fingerprint)


def wanted_cells(wanted: Wanted, cells: Sequence[Cell], material: Material) -> tuple[Cell, ...]:
    """What `diagnose` wants: one cell, or of a rung on all rows one for each label output.

    Args:
        wanted: by `next_cells`.
        cells: of its rung on all rows.
        material: the rows that may be seen.
    """
    if wanted.n is None and wanted.change is None:
        return tuple(cells)
    probe = replace(cells[0], n=wanted.n, subset_seed=wanted.subset_seed, probe=True)
    if wanted.change is None:
        return (probe,)
    return (_reading(changed(probe, wanted.change, n_train=len(training_rows(probe, material))), material.readings),)


def _cells(rung: str, prepared: Prepared, *, seed: int, fingerprint: str | None) -> tuple[Cell, ...]:
    task = prepared.task
    base = base_of(rung, task.train)
    return tuple(
        Cell(
            rung=rung,
            base=base,
            base_fingerprint=fingerprint,
            label_output=output,
            data_sha256=prepared.version.sha256,
            split_sha256=prepared.splits.sha256,
            labels=prepared.labels.names,
            instruction=task.instruction,
            defaults=DEFAULTS,
            context_tokens=task.context_tokens,
            too_long=task.too_long,
            train=_train(rung, prepared),
            split_seed=task.split.seed,
            n=None,
            subset_seed=seed,
            seed=seed,
            change=None,
            probe=False,
            refit_temperature=None,
            hosted=None if (endpoint := endpoint_of(rung)) is None else task.hosted[endpoint],
            answer=task.free,
            completion=None if task.kind == "classify" else task.completion,
            reads=_reads(rung, prepared),
        )
        for output in _outputs(rung, prepared)
    )


def _reads(rung: str, prepared: Prepared) -> Reads | None:
    """What stands before every question of a rung: rungs that look answers up by their question read nothing else."""
    spec, readings = prepared.task.knowledge, prepared.material.readings
    if spec is None or spec.use != "always" or readings is None or describe(rung).cheap:
        return None
    return readings.of("found")


def _reading(cell: Cell, readings: Readings | None) -> Cell:
    """The cell as its change has it read: with nothing of the knowledge, with what is found, or with gold passages."""
    if cell.change == CLOSED_BOOK:
        return replace(cell, reads=None)
    if readings is None or cell.change not in {FOUND, GOLD_PASSAGE}:
        return cell
    return replace(cell, reads=readings.of("gold" if cell.change == GOLD_PASSAGE else "found"))


def refit_of(chosen: RunManifest) -> Cell:
    """The cell that fits the chosen run's recipe on train plus validation.

    Args:
        chosen: a finished run of a cheap rung.
    """
    return replace(chosen.cell, refit_temperature=chosen.temperature)


def run_name(cell: Cell, prepared: Prepared, *, material: Material | None = None) -> str:
    """`smollm2-135m-lora16-n1565-s7-3f2a`: rung, method, examples, seed, and four digits of the cell's hash.

    A prompted model's method is how many examples it is shown: `smollm2-135m-prompted8-n1565-s7-3f2a`.

    Args:
        cell: what is to be run.
        prepared: the task and its rows.
        material: the rows with what a change of labels makes of them; None for the task's own.
    """
    kind = describe(cell.rung)
    chosen = cell.train.rank if kind.trains else cell.train.shots
    method = [f"{kind.method}{chosen}"] if kind.method else []
    parts = [slug(cell.rung.removesuffix(PROMPTED)), *method]
    n = len(training_rows(cell, material or prepared.material))
    subset = [f"d{cell.subset_seed}"] if cell.subset_seed != cell.seed else []
    change = [slug(cell.change)] if cell.change else []
    return "-".join([*parts, f"n{n}", *subset, f"s{cell.seed}", *change, digest(cell)[:4]])


def names_of_runs(rung: str) -> str:
    """The pattern that the names of a rung's runs match, whatever their settings, and those of no other rung.

    Args:
        rung: as in `ladder`.
    """
    method = describe(rung).method
    return f"{slug(rung.removesuffix(PROMPTED))}-{f'{method}[0-9]*-' if method else ''}n[0-9]*"


def slug(rung: str) -> str:
    """A rung's name as part of a folder's name; the last part of a path or hub id.

    Args:
        rung: as in `ladder`.
    """
    base = rung.removesuffix(PROMPTED)
    last = base.rstrip("/").rpartition("/")[2].removesuffix(".gguf")
    name = re.sub(r"[^a-z0-9._]+", "-", last.lower()).strip("-.") or "rung"
    return name if base == rung else f"{name}-prompted"


def _outputs(rung: str, prepared: Prepared) -> tuple[LabelOutput | None, ...]:
    if not describe(rung).tunes_causal or prepared.task.kind != "classify":
        return (None,)
    wanted = prepared.task.train.label_output
    return ("tokens", "head") if wanted == "auto" else (wanted,)


def _train(rung: str, prepared: Prepared) -> TrainSpec:
    """The task's, with what would change nothing in this rung left at its default: a run says no more than it does."""
    train, kind = prepared.task.train, describe(rung)
    if endpoint_of(rung) is not None:  # Nothing is trained.
        return TrainSpec()
    if kind.method and not kind.trains:  # Of its rows it is shown a few, and nothing is fitted.
        return TrainSpec(n_train=train.n_train, base=train.base, shots=train.shots)
    train = train.model_copy(update={"shots": 0})
    if kind.cheap:  # It sees all rows at once: there is no order.
        unused = {"curriculum": "random", "difficulty": "loss", "target": "trace", "wrong_traces": "keep"}
        return train.model_copy(update=unused)
    if kind.method and train.n_train_causal is not None:
        return train.model_copy(update={"n_train": min(train.n_train or train.n_train_causal, train.n_train_causal)})
    return train


def _fingerprint(base: str, progress: Progress) -> str:
    from suffice.base_models import locate  # noqa: PLC0415 - rungs without a base never load the room

    return locate(base, progress=progress).fingerprint
