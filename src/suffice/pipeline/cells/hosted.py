"""The cell of a hosted rung: asked about validation rows, judged on what it answered, timed by its calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version as installed
from importlib.util import find_spec
from pathlib import Path
from platform import python_version

import numpy as np
from numpy.typing import NDArray

from suffice.bundles import Classifier
from suffice.errors import Problem, TaskError
from suffice.evaluate import evaluate, hosted_figures
from suffice.pipeline.cells.answered import write_predictions
from suffice.pipeline.rows.prepare import Material
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.evaluation import Cost, Predictions
from suffice.records.hosted import HostedFigures
from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.records.run import RUN_FORMAT, Cell, RunManifest
from suffice.rungs.hosted import Asked, Hosted, Reply, SavedHosted
from suffice.rungs.hosted_calls import Incomplete
from suffice.rungs.ladder import endpoint_of
from suffice.split import nested_subset
from suffice.store import strict_json
from suffice.store.files import replacing_folder
from suffice.text.normalise import is_empty

LIBRARIES = ("numpy", "openai", "scipy", "suffice")


def rows_asked(cell: Cell, material: Material) -> NDArray[np.int64]:
    """Positions of the validation rows that an endpoint is asked about, at most `max_rows`.

    They keep label shares, and a larger `max_rows` keeps the rows of a smaller one, which are paid for.

    Args:
        cell: of a hosted rung.
        material: the rows that may be seen.

    Raises:
        TaskError: not even one group of rows fits.
    """
    assert cell.hosted is not None, "a hosted rung has an endpoint"
    rows = material.rows("validation")
    if len(rows) <= cell.hosted.max_rows:
        return rows
    some = nested_subset(rows, material.strata, n=cell.hosted.max_rows, seed=cell.split_seed)
    if not len(some):
        where, rule = f"hosted.{endpoint_of(cell.rung)}.max_rows", "must hold one group of rows at least"
        raise TaskError(Problem(where=where, rule=rule, got=f"{cell.hosted.max_rows:,}", fix="raise it"))
    return some


def run_hosted(cell: Cell, material: Material, *, name: str, out: Path, progress: Progress) -> RunManifest:
    """Asks the endpoint what is not answered yet, and judges it.

    Args:
        cell: of a hosted rung.
        material: the rows that may be seen.
        name: the run's name.
        out: the run's folder.
        progress: told of every call.

    Raises:
        EndpointError: not everything was answered: then there is `incomplete.json` in the folder and no manifest, and
            the same call again goes on.
    """
    assert cell.hosted is not None, "a hosted rung has an endpoint"
    rung = _rung(cell, material, out=out)
    data = material.data.take(rows := rows_asked(cell, material))
    again = rows_asked_again(cell, material, rows)
    try:
        first, others = _ask(rung, data.texts, again, repeats=cell.hosted.repeats, progress=progress)
    except Incomplete as error:
        strict_json.write(out / "incomplete.json", error.record)
        raise
    (out / "incomplete.json").unlink(missing_ok=True)
    prior = _prior(material)
    predictions = Predictions(
        ids=tuple(data.ids),
        labels=material.labels,
        probs=None,
        n_truncated=0,
        given=_labels_given(first, prior=prior),
    )
    write_predictions(out / "predictions.parquet", predictions)
    evaluation = evaluate(
        predictions,
        material.y[rows],
        material.groups[rows],
        rung=cell.rung,
        run=name,
        split="validation",
        n_empty=sum(map(is_empty, data.texts)),
        seed=cell.seed,
        aspects=material.aspects.take(rows),
    )
    replies = [reply for reply in first if reply is not None]
    figures = hosted_figures(replies, others, cell.hosted, spent=rung.spent())
    manifest = RunManifest(
        format=RUN_FORMAT,
        name=name,
        cell=cell,
        n_train=0,
        n_tune=0,
        precision=rung.precision,
        n_threads=cell.hosted.concurrency,
        versions={"python": python_version()} | {name: installed(name) for name in LIBRARIES if find_spec(name)},
        temperature=1.0,
        prior=tuple(prior.tolist()),
        train_accuracy=None,
        cost=cost_of_calls(figures),
        training=None,
        judged_on="validation",
        evaluation=evaluation,
        hosted=figures,
    )
    strict_json.write(out / "manifest.json", manifest)
    return manifest


def predictions_of(
    fitted: Path,
    texts: Sequence[str],
    ids: Sequence[str],
    *,
    send: bool,
    done: Callable[[int], None],
    progress: Progress,
) -> Predictions:
    """A finished run's answers to texts, whether it runs here or behind an endpoint.

    Args:
        fitted: the folder `fitted` of the run.
        texts: messages, length N.
        ids: their row ids, length N.
        send: whether calls to an endpoint may be made; otherwise answers that are kept must do.
        done: called with the number of texts answered since the last call.
        progress: told of every call.

    Raises:
        EndpointError: not everything is answered.
    """
    if not (fitted / "hosted.json").exists():
        return Classifier.load(fitted).predict(texts, ids, done=done)
    manifest = strict_json.read(fitted.parent / "manifest.json", RunManifest)
    rung = _loaded(fitted.parent, manifest)
    first, _ = _ask(rung, texts, (), repeats=1, send=send, progress=progress)
    done(len(texts))
    given = _labels_given(first, prior=np.array(manifest.prior))
    return Predictions(ids=tuple(ids), labels=rung.labels, probs=None, n_truncated=0, given=given)


def spent_on(run_folder: Path) -> float:
    """What the endpoint of a finished run was paid so far, for all rows.

    Args:
        run_folder: of a hosted rung.
    """
    return _loaded(run_folder, strict_json.read(run_folder / "manifest.json", RunManifest)).spent()


def _loaded(run_folder: Path, manifest: RunManifest) -> Hosted:
    labels = LabelSet(names=manifest.cell.labels)
    return Hosted.load(run_folder / "fitted", labels, base_folder=_answers_beside(run_folder))


def _rung(cell: Cell, material: Material, *, out: Path) -> Hosted:
    """The rung, written down for whoever asks it again."""
    endpoint = endpoint_of(cell.rung)
    assert endpoint is not None, "a hosted rung has an endpoint"
    assert cell.hosted is not None, "a hosted rung has an endpoint"
    saved = SavedHosted(endpoint=endpoint, spec=cell.hosted, instruction=cell.instruction)
    rung = Hosted(saved, material.labels, answers=_answers_beside(out))
    with replacing_folder(out / "fitted") as part:
        rung.save(part)
    return rung


def _answers_beside(out: Path) -> Path:
    """Where answers are kept, for all runs of an output folder."""
    return Workspace(out=out.resolve().parent.parent).hosted


def rows_asked_again(cell: Cell, material: Material, rows: NDArray[np.int64]) -> tuple[int, ...]:
    """Places among the rows of those that are asked repeatedly.

    Args:
        cell: of a hosted rung.
        material: the rows that may be seen.
        rows: positions of the rows that are asked.
    """
    assert cell.hosted is not None, "a hosted rung has an endpoint"
    if cell.hosted.repeats == 1:
        return ()
    n = min(cell.hosted.repeat_rows, len(rows))
    some = nested_subset(rows, material.strata, n=n, seed=cell.split_seed)
    return tuple(np.flatnonzero(np.isin(rows, some)).tolist())


def _prior(material: Material) -> NDArray[np.float64]:
    """Label shares of the training rows; one is added to each count, as in every other rung."""
    counts = np.bincount(material.y[material.rows("train")], minlength=len(material.labels)) + 1.0
    return np.asarray(counts / counts.sum())


def _ask(
    rung: Hosted, texts: Sequence[str], again: Sequence[int], *, repeats: int, send: bool = True, progress: Progress
) -> tuple[list[Reply | None], list[tuple[Reply, ...]]]:
    """The first reply to each text, None for one with nothing in it; and all replies to each that is asked again."""
    told = [place for place, text in enumerate(texts) if not is_empty(text)]
    repeated = [place for place in again if not is_empty(texts[place])]
    asked = [Asked(text=texts[place]) for place in told]
    asked += [Asked(text=texts[place], repeat=k) for place in repeated for k in range(1, repeats)]
    replies = iter(rung.replies(asked, send=send, progress=progress))
    first: list[Reply | None] = [None] * len(texts)
    for place in told:
        first[place] = next(replies)
    more = {place: [next(replies) for _ in range(1, repeats)] for place in repeated}
    return first, [(one, *others) for place, others in more.items() if (one := first[place]) is not None]


def _labels_given(replies: Sequence[Reply | None], *, prior: NDArray[np.float64]) -> NDArray[np.int64]:
    """Label codes, shape [N]; a text with nothing in it is answered with the commonest label, as by every rung."""
    common = int(prior.argmax())
    return np.array([common if reply is None else reply.label for reply in replies], dtype=np.int64)


def cost_of_calls(figures: HostedFigures) -> Cost:
    """Nothing is loaded and nothing trained here; a message takes as long as its call.

    Args:
        figures: what the calls came to.
    """
    return Cost(
        latency_p50_ms=figures.latency_p50_ms,
        latency_p95_ms=figures.latency_p95_ms,
        n_timed=figures.n_asked,
        size_bytes=0,
        adapter_bytes=0,
        train_seconds=0.0,
        n_train=0,
    )
