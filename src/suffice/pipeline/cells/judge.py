"""A cell's fitted rung to its manifest: answers on the rows that compare rungs, temperature, cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version as installed
from pathlib import Path
from platform import python_version

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_info

from suffice.bundles.classifier import Classifier
from suffice.bundles.latency import N_TIMED, time_one_by_one
from suffice.evaluate import evaluate
from suffice.pipeline.cells.answered import write_predictions
from suffice.pipeline.cells.fit import FitRecord
from suffice.pipeline.cells.rows import judged_rows, labels_of, settings_of, subset, training_data, tune_rows_asked
from suffice.pipeline.rows.posed import posed_texts
from suffice.pipeline.rows.prepare import Material
from suffice.records.evaluation import Cost, Predictions
from suffice.records.progress import Progress
from suffice.records.run import RUN_FORMAT, Cell, RunManifest
from suffice.rungs.interface import LeftFree, Size
from suffice.rungs.ladder import describe
from suffice.rungs.out_of_fold import N_FOLDS, N_REPEATS, out_of_fold_scores
from suffice.split import folds
from suffice.stats.temperature import fit_temperature, softmax
from suffice.text.normalise import is_empty

MAX_TRAIN_JUDGED = 2_000
N_TIMED_OF_PROBE = 20
"""Messages timed of a run that nothing ships of."""
N_LEFT_FREE = 50
"""Rows on which a model is asked what it would say if it were not held to the labels."""
LIBRARIES = ("numpy", "scikit-learn", "scipy", "suffice", "tokenizers", "torch", "transformers")


def judge(
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
    """Answers on the rows that compare rungs, the temperature they ask for, and what a message costs.

    Args:
        cell: what was run.
        material: the rows that may be seen.
        rows: positions of the rows that it was fitted on.
        classifier: its fitted rung, which gets its temperature.
        record: what fitting it took.
        name: the run's name.
        out: the run's folder, where predictions are written.
        progress: told of every step.
    """
    prior = np.array(classifier.saved.prior)
    judged, out_of_fold = judged_rows(cell, material)
    texts = posed_texts(cell, material, judged)
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
        n_threads=n_threads(),
        versions={"python": python_version()} | {library: installed(library) for library in LIBRARIES},
        temperature=temperature,
        prior=classifier.saved.prior,
        train_accuracy=None
        if cell.asked_again
        else _accuracy(cell, classifier, material, evenly(rows, most=MAX_TRAIN_JUDGED), progress=progress),
        cost=_cost(classifier, texts, record, n_timed=N_TIMED_OF_PROBE if cell.probe else N_TIMED, progress=progress),
        training=record.training,
        judged_on="out_of_fold" if out_of_fold else "validation",
        evaluation=evaluation,
        tune_accuracy=_tune_accuracy(cell, classifier, material, rows, progress=progress),
        kept_from=None if cell.probe else _kept_from(classifier, [text for text in texts if not is_empty(text)]),
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
    texts = posed_texts(cell, material, judged)
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
        training=lambda positions: training_data(cell, material, subset(judged[positions], cell, material)),
        folds=divisions,
        settings=settings_of(cell),
        base=cell.base or "",
        progress=progress,
    )
    return scores.logits, int(scores.truncated.sum())


def _tune_accuracy(
    cell: Cell, classifier: Classifier, material: Material, rows: NDArray[np.int64], *, progress: Progress
) -> float | None:
    """What a wording is chosen by; None where nothing is to be chosen, or on no rows."""
    tune = tune_rows_asked(cell, material, rows) if cell.asked_again else rows[:0]
    return _accuracy(cell, classifier, material, tune, progress=progress) if len(tune) else None


def _kept_from(classifier: Classifier, texts: Sequence[str]) -> float | None:
    """Mean share of what the model would say, free to say anything, that is no label; None for rungs that cannot."""
    if not isinstance(classifier.rung, LeftFree) or not texts:
        return None
    asked = evenly(np.arange(len(texts)), most=N_LEFT_FREE)
    return float(classifier.rung.invented([texts[i] for i in asked]).mean())


def _accuracy(
    cell: Cell, classifier: Classifier, material: Material, rows: NDArray[np.int64], *, progress: Progress
) -> float:
    """On some of the run's own training rows."""
    seen = material.data.take(rows)
    with progress.step("accuracy on its own training rows", total=len(rows)) as done:
        predictions = classifier.predict(seen.texts, seen.ids, done=done)
    return float((predictions.y_pred == labels_of(cell, material)[rows]).mean())


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
    return cost_of(times, classifier.rung.size(), record)


def cost_of(times: Sequence[float] | NDArray[np.float64], size: Size, record: FitRecord) -> Cost:
    """What a rung costs.

    Args:
        times: of one message each, milliseconds.
        size: bytes of all that is loaded.
        record: what fitting it took.
    """
    return Cost(
        latency_p50_ms=float(np.median(times)),
        latency_p95_ms=float(np.quantile(times, 0.95)),
        n_timed=len(times),
        size_bytes=size.base_bytes + size.adapter_bytes,
        adapter_bytes=size.adapter_bytes,
        train_seconds=record.train_seconds,
        n_train=record.n_train,
    )


def n_threads() -> int:
    """The most threads that a library of this process computes on."""
    return max((int(pool["num_threads"]) for pool in threadpool_info()), default=1)
