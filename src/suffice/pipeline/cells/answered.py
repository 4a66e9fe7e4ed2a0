"""A finished run's answers on the rows that compare rungs, as they lie on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from suffice.diagnose import Judged
from suffice.errors import BundleError, Problem
from suffice.evaluate import compare
from suffice.evaluate.scored import Scored
from suffice.evaluate.slices import slices
from suffice.records.evaluation import Comparison, Predictions, SliceScore
from suffice.records.labels import INVENTED, LabelSet
from suffice.records.run import RunManifest
from suffice.records.slices import Aspects
from suffice.store.files import replacing

COMPLETION = "completion"
"""The column of what was written, where answers are free text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """Answers and what would have been right."""

    manifest: RunManifest
    """The run."""
    predictions: Predictions
    """Its answers on N rows."""
    y_true: NDArray[np.int64]
    """Label codes of the rows, shape [N]."""
    groups: NDArray[np.int64]
    """Group codes of the rows, shape [N]."""
    aspects: Aspects
    """Slices and times of the rows."""

    @property
    def judged(self) -> Judged:
        """The answers as the verdict reads them."""
        return Judged(
            rung=self.manifest.cell.rung,
            run=self.manifest.name,
            ids=self.predictions.ids,
            y_true=self.y_true,
            y_pred=self.predictions.y_pred,
            groups=self.groups,
            labels=self.predictions.labels,
        )

    def on(self, ids: frozenset[str]) -> Answered:
        """The rows of these ids, in the order that they have here."""
        kept = np.array([i for i, name in enumerate(self.predictions.ids) if name in ids], dtype=np.int64)
        probs, given = self.predictions.probs, self.predictions.given
        predictions = Predictions(
            ids=tuple(self.predictions.ids[i] for i in kept),
            labels=self.predictions.labels,
            probs=None if probs is None else probs[kept],
            n_truncated=self.predictions.n_truncated,
            given=None if given is None else given[kept],
        )
        return Answered(
            manifest=self.manifest,
            predictions=predictions,
            y_true=self.y_true[kept],
            groups=self.groups[kept],
            aspects=self.aspects.take(kept),
        )


def slices_of_answers(one: Answered) -> tuple[SliceScore, ...]:
    """A run's figures on each slice of the rows that it answered.

    Args:
        one: its answers.
    """
    assert one.manifest.evaluation is not None, "runs that answered have been judged"
    scored = Scored(
        predictions=one.predictions,
        y_true=one.y_true,
        groups=one.groups,
        n_empty=one.manifest.evaluation.form.n_empty,
        seed=one.manifest.cell.seed,
        aspects=one.aspects,
    )
    return slices(scored)


def write_predictions(path: Path, predictions: Predictions, *, completions: Sequence[str] = ()) -> None:
    """Writes every example's probability of every label; its label alone, or null for an invented answer, where a rung
    states no probabilities.

    Args:
        path: a Parquet file.
        predictions: what to write.
        completions: what was written for each row, where answers are free text.
    """
    columns = {"id": pa.array(predictions.ids)}
    if completions:
        columns[COMPLETION] = pa.array(completions, pa.string())
    if predictions.probs is None:
        names = predictions.labels.names
        columns["label"] = pa.array([None if k == INVENTED else names[k] for k in predictions.y_pred], pa.string())
    else:
        flat = pa.array(predictions.probs.ravel())
        columns["probs"] = pa.FixedSizeListArray.from_arrays(flat, len(predictions.labels))
    with replacing(path) as part:
        pq.write_table(pa.table(columns), part)


def read_completions(path: Path) -> dict[str, str]:
    """What a run wrote for each row that compares rungs, by id; empty where its answers are labels.

    Args:
        path: what `write_predictions` wrote.
    """
    if COMPLETION not in pq.read_schema(path).names:
        return {}
    table = pq.read_table(path, columns=["id", COMPLETION])
    return dict(zip(table["id"].to_pylist(), table[COMPLETION].to_pylist(), strict=True))


def read_predictions(path: Path, labels: LabelSet, *, n_truncated: int) -> Predictions:
    """Reads what `write_predictions` wrote.

    Args:
        path: a Parquet file.
        labels: the K labels.
        n_truncated: texts that were shortened.
    """
    table = pq.read_table(path)
    ids = tuple(table["id"].to_pylist())
    if "label" in table.column_names:
        position: dict[str | None, int] = {None: INVENTED} | {name: k for k, name in enumerate(labels.names)}
        given = np.array([position[name] for name in table["label"].to_pylist()], dtype=np.int64)
        return Predictions(ids=ids, labels=labels, probs=None, n_truncated=n_truncated, given=given)
    flat = table["probs"].combine_chunks().flatten().to_numpy()
    probs = np.array(flat, dtype=np.float64).reshape(-1, len(labels))
    return Predictions(ids=ids, labels=labels, probs=probs, n_truncated=n_truncated)


def compare_answered(first: Answered, second: Answered) -> Comparison:
    """Two runs on the rows that both answered; speaks of these two artefacts.

    Args:
        first: a run's answers.
        second: another run's.

    Raises:
        BundleError: no row was answered by both.
    """
    common = frozenset(first.predictions.ids) & frozenset(second.predictions.ids)
    names = (first.manifest.name, second.manifest.name)
    if not common:
        raise BundleError(
            Problem(
                where=" and ".join(names),
                rule="two runs are compared on rows that both answered",
                got="no such row: they stand on different data or splits",
                fix="fit both from one task file, in one output folder",
            )
        )
    one, two = first.on(common), second.on(common)
    return compare(
        one.predictions,
        two.predictions,
        one.y_true,
        groups=one.groups,
        names=names,
        split="out_of_fold"
        if {first.manifest.judged_on, second.manifest.judged_on} == {"out_of_fold"}
        else "validation",
        slices=one.aspects.slices,
    )
