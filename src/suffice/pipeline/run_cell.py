"""One cell: fit, save, load, judge, time. A function of its inputs, so that another executor can run it elsewhere."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from importlib.metadata import version as installed
from pathlib import Path
from platform import python_version

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_info

from suffice.base_models.memory import give_back_freed_memory, keep_few_products
from suffice.bundles.classifier import CLASSIFIER_FORMAT, Classifier, SavedClassifier
from suffice.bundles.latency import N_TIMED, time_one_by_one
from suffice.errors import BundleError, Problem
from suffice.evaluate import evaluate
from suffice.pipeline.answered import Answered, read_predictions, slices_of_answers, write_predictions
from suffice.pipeline.difficulty import difficulty_of
from suffice.pipeline.hosted_cell import rows_asked, run_hosted
from suffice.pipeline.prepare import Material
from suffice.pipeline.tracking import tracked
from suffice.pipeline.workspace import read_run
from suffice.records.evaluation import Cost, Predictions
from suffice.records.progress import Progress
from suffice.records.run import RUN_FORMAT, Cell, RunManifest, Training
from suffice.records.splits import MIN_VALIDATION
from suffice.records.task import ReportTo
from suffice.rungs.interface import Settings, TrainingData
from suffice.rungs.ladder import describe
from suffice.rungs.out_of_fold import N_FOLDS, N_REPEATS, out_of_fold_scores
from suffice.split import folds, nested_subset, tune_rows
from suffice.stats.temperature import fit_temperature, softmax
from suffice.store import strict_json
from suffice.store.files import replacing_folder
from suffice.text.normalise import is_empty

MIN_ROWS_TO_TUNE = 500
"""Below this many training rows, choices made while fitting are made by cross-validation."""
N_TUNE_FOLDS_CHEAP, N_TUNE_FOLDS = 3, 2
"""Folds of that cross-validation: a network is trained once for each, and once more on every row."""
MAX_TRAIN_JUDGED = 2_000
N_TIMED_OF_PROBE = 20
"""Messages timed of a run that nothing ships of."""
LIBRARIES = ("numpy", "scikit-learn", "scipy", "suffice", "tokenizers", "torch", "transformers")


@dataclass(frozen=True, kw_only=True, slots=True)
class FitRecord:
    """What fitting cost: written beside the fitted rung, before it is judged."""

    train_seconds: float
    """Wall time of fitting."""
    n_train: int
    """Rows fitted on, tune rows included."""
    n_tune: int
    """Rows held back for choices; 0 where they were made by cross-validation."""
    training: Training | None
    """How fast its network was trained; None for rungs that train none."""


def run_cell(
    cell: Cell,
    material: Material,
    *,
    name: str,
    out: Path,
    report_to: ReportTo,
    progress: Progress,
    planned_memory_bytes: int | None = None,
) -> RunManifest:
    """Runs a cell, or what is left of it, or nothing where it is finished.

    Args:
        cell: what to run.
        material: the rows that may be seen.
        name: the run's name.
        out: the run's folder.
        report_to: the tracker that gets figures of a network while it is trained.
        progress: told of every step.
        planned_memory_bytes: what it is expected to need, for its manifest.

    Raises:
        SufficeError: what the person can fix.
    """
    if is_finished(cell, out=out):
        finished = read_run(out)
        _must_be_same(cell, finished.cell, out=out)
        return _on_slices_of_now(finished, material, out=out)
    _begin(cell, out=out)
    if cell.hosted is not None:
        return run_hosted(cell, material, name=name, out=out, progress=progress)
    rows = training_rows(cell, material)
    if cell.probe:
        return _probe(cell, material, rows, name=name, out=out, progress=progress)
    if not (out / "fitted" / "fit.json").exists():
        settings: dict[str, str | int | float] = {
            "rung": cell.rung,
            "seed": cell.seed,
            "n_train": len(rows),
            "base": cell.base or "none",
        }
        reported = report_to if describe(cell.rung).trains else "none"
        with tracked(progress, reported, run=name, folder=out.parent, settings=settings) as told:
            _fit(cell, material, rows, out=out, progress=told)
    else:
        progress.say(f"{name}: fitted before; it is still to be judged")
    shutil.rmtree(out / "checkpoints", ignore_errors=True)
    give_back_freed_memory()  # What training took is not needed a second time beside what is loaded.
    # What was saved is loaded, so that what is measured is what ships.
    classifier, record = Classifier.load(out / "fitted"), strict_json.read(out / "fitted" / "fit.json", FitRecord)
    judged = _judge(cell, material, rows, classifier, record, name=name, out=out, progress=progress)
    strict_json.write(out / "fitted" / "classifier.json", classifier.saved)
    manifest = replace(judged, planned_memory_bytes=planned_memory_bytes)
    strict_json.write(out / "manifest.json", manifest)
    return manifest


def _on_slices_of_now(finished: RunManifest, material: Material, *, out: Path) -> RunManifest:
    """Slices are no part of a cell: a run that was judged on others is judged on those of now, by its answers."""
    if finished.evaluation is None:
        return finished
    found = slices_of_answers(answered(finished, material, out=out))
    if found == finished.evaluation.slices:
        return finished
    judged = replace(finished, evaluation=replace(finished.evaluation, slices=found))
    strict_json.write(out / "manifest.json", judged)
    return judged


def is_finished(cell: Cell, *, out: Path) -> bool:
    """Whether a run has all that is read of it; one that lost its predictions is judged again.

    Args:
        cell: what was to be run.
        out: the run's folder.
    """
    return (out / "manifest.json").exists() and (cell.refit or (out / "predictions.parquet").exists())


def _begin(cell: Cell, *, out: Path) -> None:
    """Writes down what the run is to be, or holds what an interrupted start wrote against it."""
    path = out / "cell.json"
    if path.exists():
        _must_be_same(cell, strict_json.read(path, Cell), out=out)
    else:
        strict_json.write(path, cell)


def _must_be_same(cell: Cell, found: Cell, *, out: Path) -> None:
    """A run's name has four digits of its cell's hash: two cells may share it."""
    if found != cell:
        rule, got = "a run folder must be of the run that is asked for", "one of other settings under the same name"
        fix = f"remove it: suffice runs rm {out.parent.parent} {out.name}; or write elsewhere with --out"
        raise BundleError(Problem(where=str(out), rule=rule, got=got, fix=fix))


def training_rows(cell: Cell, material: Material) -> NDArray[np.int64]:
    """Positions of the rows that the cell is fitted on: nested subsets of train, plus validation for a refit;
    none for a hosted rung.

    Args:
        cell: what to run.
        material: the rows that may be seen.
    """
    if cell.hosted is not None:
        return np.empty(0, dtype=np.int64)
    if cell.reviewed_rows_alone:
        assert material.reviewed is not None, "rows were reviewed before a cell was made of them"
        return material.reviewed
    rows = _subset(allowed_rows(cell, material), cell, material)
    return np.sort(np.concatenate([rows, material.rows("validation")])) if cell.refit else rows


def allowed_rows(cell: Cell, material: Material) -> NDArray[np.int64]:
    """Positions of the training rows that the task allows, of which a cell may take a nested subset.

    Args:
        cell: what to run.
        material: the rows that may be seen.
    """
    rows, n = material.rows("train"), cell.train.n_train
    return rows if n is None or n >= len(rows) else nested_subset(rows, material.strata, n=n, seed=cell.seed)


def _subset(rows: NDArray[np.int64], cell: Cell, material: Material) -> NDArray[np.int64]:
    if cell.n is None or cell.n >= len(rows):
        return rows
    return nested_subset(rows, material.strata, n=cell.n, seed=cell.subset_seed)


def _labels(cell: Cell, material: Material) -> NDArray[np.int64]:
    """Label codes that the cell is fitted on, shape [N]."""
    if not cell.change_of_labels:
        return material.y
    assert material.repaired is not None, "labels were repaired before a cell was made of them"
    return material.repaired


def training_data(cell: Cell, material: Material, rows: NDArray[np.int64]) -> TrainingData:
    """The rows as a rung sees them, with tune rows, or with folds where there are few rows.

    Args:
        cell: what to run.
        material: the rows that may be seen.
        rows: positions of the rows to fit on.
    """
    texts = material.data.take(rows).texts
    tune = tune_rows(rows, material.strata, seed=cell.split_seed)
    by_folds = len(rows) < MIN_ROWS_TO_TUNE or not len(tune)  # One group may be larger than all tune rows together.
    n_folds = N_TUNE_FOLDS_CHEAP if describe(cell.rung).cheap else N_TUNE_FOLDS
    return TrainingData(
        texts=texts,
        y=_labels(cell, material)[rows],
        labels=material.labels,
        tune=None if by_folds else np.flatnonzero(np.isin(rows, tune)),
        folds=folds(rows, material.strata, n_folds=n_folds, seed=cell.split_seed) if by_folds else None,
    )


def judged_rows(cell: Cell, material: Material) -> tuple[NDArray[np.int64], bool]:
    """The rows that compare this rung with others, and whether they are predicted out of fold.

    Args:
        cell: what was run.
        material: the rows that may be seen.
    """
    validation = material.rows("validation")
    if cell.hosted is not None:
        return rows_asked(cell, material), False
    if describe(cell.rung).cheap and len(validation) < MIN_VALIDATION:
        return np.union1d(allowed_rows(cell, material), validation), True
    return validation, False


def answered(manifest: RunManifest, material: Material, *, out: Path) -> Answered:
    """A finished run's answers on the rows that compare rungs, as they were saved.

    Args:
        manifest: the run.
        material: the rows that may be seen.
        out: the run's folder.
    """
    rows, _ = judged_rows(manifest.cell, material)
    n_truncated = 0 if manifest.evaluation is None else manifest.evaluation.form.n_truncated
    predictions = read_predictions(out / "predictions.parquet", material.labels, n_truncated=n_truncated)
    return Answered(
        manifest=manifest,
        predictions=predictions,
        y_true=material.y[rows],
        groups=material.groups[rows],
        aspects=material.aspects.take(rows),
    )


def settings_of(cell: Cell) -> Settings:
    """How a cell's rung is fitted.

    Args:
        cell: what to run.
    """
    return Settings(
        seed=cell.seed,
        train=cell.train,
        instruction=cell.instruction,
        context_tokens=cell.context_tokens,
        too_long=cell.too_long,
        label_output=cell.label_output or "tokens",
    )


def _probe(
    cell: Cell, material: Material, rows: NDArray[np.int64], *, name: str, out: Path, progress: Progress
) -> RunManifest:
    """Fits and judges in memory: nothing ships of it, and writing a model takes longer than fitting a cheap one."""
    classifier, record = _fitted(cell, material, rows, out=out, progress=progress)
    shutil.rmtree(out / "checkpoints", ignore_errors=True)
    manifest = _judge(cell, material, rows, classifier, record, name=name, out=out, progress=progress)
    strict_json.write(out / "manifest.json", manifest)
    return manifest


def _fit(cell: Cell, material: Material, rows: NDArray[np.int64], *, out: Path, progress: Progress) -> None:
    """Fits, and writes the fitted rung whole or not at all; an interrupted fit goes on from its checkpoint."""
    classifier, record = _fitted(cell, material, rows, out=out, progress=progress)
    with replacing_folder(out / "fitted") as part:
        Classifier.save(part, classifier.rung, classifier.saved)
        strict_json.write(part / "fit.json", record)


def _fitted(
    cell: Cell, material: Material, rows: NDArray[np.int64], *, out: Path, progress: Progress
) -> tuple[Classifier, FitRecord]:
    """The fitted rung, not calibrated yet, and what fitting it took."""
    keep_few_products()
    difficulty = difficulty_of(cell, material, rows, beside=out.parent, progress=progress)
    data = replace(training_data(cell, material, rows), difficulty=difficulty)
    rung = describe(cell.rung).load_class()
    fitted = rung.fit(data, settings_of(cell), base=cell.base or "", checkpoints=out / "checkpoints", progress=progress)
    counts = np.bincount(data.y, minlength=len(data.labels)) + 1.0
    saved = SavedClassifier(
        format=CLASSIFIER_FORMAT,
        rung=cell.rung,
        labels=material.labels.names,
        temperature=1.0,
        prior=tuple((counts / counts.sum()).tolist()),
        text=material.text,
    )
    record = FitRecord(
        train_seconds=fitted.train_seconds,
        n_train=len(rows),
        n_tune=0 if data.tune is None else len(data.tune),
        training=fitted.training,
    )
    return Classifier(fitted, saved), record


def _judge(
    cell: Cell,
    material: Material,
    rows: NDArray[np.int64],
    classifier: Classifier,
    record: FitRecord,
    *,
    name: str,
    out: Path,
    progress: Progress,
) -> RunManifest:
    """Answers on the rows that compare rungs, the temperature they ask for, and what a message costs."""
    prior = np.array(classifier.saved.prior)
    judged, out_of_fold = judged_rows(cell, material)
    texts = material.data.take(judged).texts
    if cell.refit_temperature is not None:
        temperature, evaluation = cell.refit_temperature, None
    else:
        logits, n_truncated = _logits(cell, material, judged, classifier, out_of_fold=out_of_fold, progress=progress)
        empty = np.array([is_empty(text) for text in texts])
        temperature = fit_temperature(logits[~empty], material.y[judged][~empty])
        logits[empty] = np.log(prior) * temperature
        predictions = Predictions(
            ids=tuple(material.data.take(judged).ids),
            labels=material.labels,
            probs=softmax(logits, temperature=temperature),
            n_truncated=n_truncated,
        )
        write_predictions(out / "predictions.parquet", predictions)
        evaluation = evaluate(
            predictions,
            material.y[judged],
            material.groups[judged],
            rung=cell.rung,
            run=name,
            split="out_of_fold" if out_of_fold else "validation",
            n_empty=sum(map(is_empty, texts)),
            seed=cell.seed,
            aspects=material.aspects.take(judged),
        )
    classifier.saved = replace(classifier.saved, temperature=temperature)
    return RunManifest(
        format=RUN_FORMAT,
        name=name,
        cell=cell,
        n_train=record.n_train,
        n_tune=record.n_tune,
        precision=classifier.rung.precision,
        n_threads=_n_threads(),
        versions={"python": python_version()} | {library: installed(library) for library in LIBRARIES},
        temperature=temperature,
        prior=classifier.saved.prior,
        train_accuracy=_train_accuracy(cell, classifier, material, rows, progress=progress),
        cost=_cost(classifier, texts, record, n_timed=N_TIMED_OF_PROBE if cell.probe else N_TIMED, progress=progress),
        training=record.training,
        judged_on="out_of_fold" if out_of_fold else "validation",
        evaluation=evaluation,
    )


def _logits(
    cell: Cell,
    material: Material,
    judged: NDArray[np.int64],
    classifier: Classifier,
    *,
    out_of_fold: bool,
    progress: Progress,
) -> tuple[NDArray[np.float64], int]:
    """Logits of the rows that compare rungs, shape [N, K], and how many were shortened."""
    texts = material.data.take(judged).texts
    if not out_of_fold:
        with progress.step(f"judging {cell.rung}", total=len(texts)) as done:
            logits, truncated = classifier.logits(texts, done=done)
        return logits, int(truncated.sum())
    n_repeats = 1 if cell.probe else N_REPEATS
    divisions = [
        folds(judged, material.strata, n_folds=N_FOLDS, seed=cell.split_seed + repeat) for repeat in range(n_repeats)
    ]
    scores = out_of_fold_scores(
        describe(cell.rung).load_class(),
        texts,
        training=lambda positions: training_data(cell, material, _subset(judged[positions], cell, material)),
        folds=divisions,
        settings=settings_of(cell),
        base=cell.base or "",
        progress=progress,
    )
    return scores.logits, int(scores.truncated.sum())


def _train_accuracy(
    cell: Cell, classifier: Classifier, material: Material, rows: NDArray[np.int64], *, progress: Progress
) -> float:
    """On up to 2,000 of the run's own rows, evenly taken."""
    some = evenly(rows, most=MAX_TRAIN_JUDGED)
    seen = material.data.take(some)
    with progress.step("accuracy on its own training rows", total=len(some)) as done:
        predictions = classifier.predict(seen.texts, seen.ids, done=done)
    return float((predictions.y_pred == _labels(cell, material)[some]).mean())


def evenly(rows: NDArray[np.int64], *, most: int) -> NDArray[np.int64]:
    """At most so many rows, from the first to the last at equal distances.

    Args:
        rows: positions.
        most: of them.
    """
    n = min(len(rows), most)
    return rows[np.arange(n) * len(rows) // n]


def _cost(classifier: Classifier, texts: list[str], record: FitRecord, *, n_timed: int, progress: Progress) -> Cost:
    times = time_one_by_one(classifier, texts, n_timed=n_timed, progress=progress)
    size = classifier.rung.size()
    return Cost(
        latency_p50_ms=float(np.median(times)),
        latency_p95_ms=float(np.quantile(times, 0.95)),
        n_timed=len(times),
        size_bytes=size.base_bytes + size.adapter_bytes,
        adapter_bytes=size.adapter_bytes,
        train_seconds=record.train_seconds,
        n_train=record.n_train,
    )


def _n_threads() -> int:
    return max((int(pool["num_threads"]) for pool in threadpool_info()), default=1)
