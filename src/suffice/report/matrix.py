"""The confusion matrix as a table of tinted cells."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.records.evaluation import Evaluation

MAX_LABELS = 100
"""Above this many labels only those with the most mistakes are drawn: a larger table is neither read nor mailed."""

NO_LABEL = "(no label of the set)"
"""Column of answers that are none."""
_WRONG_LEVELS = (0.05, 0.15, 0.35)
_RIGHT_LEVELS = (0.5, 0.75, 0.9)


@dataclass(frozen=True, kw_only=True, slots=True)
class MatrixCell:
    """Rows of one label that were given one label."""

    count: int
    tone: str
    """Class of its tint, `right1` to `right4` or `wrong1` to `wrong4`; empty where the count is 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MatrixRow:
    """One label."""

    label: str
    n: int
    """Rows that have it."""
    cells: tuple[MatrixCell, ...]
    """In the order of the matrix's columns."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Matrix:
    """What is drawn."""

    labels: tuple[str, ...]
    """Labels of rows, and of the columns that are labels."""
    columns: tuple[str, ...]
    """All columns: the labels, and one for answers that are none where there may be such."""
    rows: tuple[MatrixRow, ...]
    n_left_out: int
    """Labels that are not drawn."""


def matrix_of(evaluation: Evaluation) -> Matrix:
    """The whole matrix, or the labels with the most mistakes where there are very many.

    Args:
        evaluation: of one run.
    """
    drawn = _drawn(evaluation)
    labels = tuple(evaluation.labels[k] for k in drawn)
    return Matrix(
        labels=labels,
        columns=labels if evaluation.confusion.invented is None else (*labels, NO_LABEL),
        rows=tuple(_row(evaluation, k, drawn=drawn) for k in drawn),
        n_left_out=len(evaluation.labels) - len(drawn),
    )


def _drawn(evaluation: Evaluation) -> list[int]:
    """Positions of the labels drawn, in the order of the label set."""
    counts, every = evaluation.confusion.counts, range(len(evaluation.labels))
    invented = evaluation.confusion.invented or tuple(0 for _ in every)
    if len(evaluation.labels) <= MAX_LABELS:
        return list(every)
    wrong = [sum(counts[k]) + sum(row[k] for row in counts) - 2 * counts[k][k] + invented[k] for k in every]
    return sorted(sorted(every, key=lambda k: -wrong[k])[:MAX_LABELS])


def _row(evaluation: Evaluation, k: int, *, drawn: list[int]) -> MatrixRow:
    counts, invented = evaluation.confusion.counts[k], evaluation.confusion.invented
    n = sum(counts) + (0 if invented is None else invented[k])
    cells = tuple(MatrixCell(count=counts[j], tone=_tone(counts[j], n, right=j == k)) for j in drawn)
    if invented is not None:
        cells = (*cells, MatrixCell(count=invented[k], tone=_tone(invented[k], n, right=False)))
    return MatrixRow(label=evaluation.labels[k], n=n, cells=cells)


def _tone(count: int, n: int, *, right: bool) -> str:
    if count == 0:
        return ""
    level = 1 + sum(count / n >= edge for edge in (_RIGHT_LEVELS if right else _WRONG_LEVELS))
    return f"{'right' if right else 'wrong'}{level}"
