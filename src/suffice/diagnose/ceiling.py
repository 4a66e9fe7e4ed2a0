"""How right any model can be on these labels: a bracket, never a point."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np

from suffice.records.diagnosis import LabelCeiling
from suffice.records.grid import Grid, Measured
from suffice.stats.binomial import lower_bound, upper_bound
from suffice.stats.groups import design_effect
from suffice.stats.proof import effective_rows
from suffice.text.counted import counted

ALPHA = 0.05
"""Of each one-sided end; the lower one, the best of several, shares it out among the rungs."""
MIN_REVIEWED = 50
"""Reviewed rows below which an upper end would say nothing."""
MIN_TWICE = 50
"""Messages labelled twice below which their agreement says nothing; where no pair differs, one label was made of the
other."""
ASKED = 300
"""Rows that the advice names, if there are so many. Source: STATISTICS of the project, section 5."""


def label_ceiling(grid: Grid) -> LabelCeiling:
    """The bracket.

    Wrong, ambiguous and hard rows look alike to a model, so that models alone give the lower end only: what a rung has
    reached can be reached. The upper end takes a person: labels that are wrong and that no rung reproduces are out of
    reach for all of them. Or two labels of one message: where a message is given label k with chance p_k, two labels
    of it agree with chance sum(p_k^2), and the best answer is right with chance max(p_k), at most the root of that; by
    Jensen's inequality so it is over all messages.

    Args:
        grid: what was run, what was reviewed, and what was labelled twice.

    Source: STATISTICS of the project, section 5; both ends are Clopper and Pearson's (1934) one-sided bounds, rows in
        groups as in `stats.proof`.
    """
    whole = [cell for cell in grid.cells if cell.change is None and cell.whole]
    low = 0.0
    for cell in whole:
        right = (cell.y_pred == grid.y_true)[cell.judged]
        n = effective_rows(len(right), design_effect(right, grid.groups[cell.judged]))
        low = max(low, lower_bound(float(right.mean()) * n, n, alpha=ALPHA / len(whole)))
    n_reviewed = 0 if grid.reviewed is None else len(grid.reviewed.rows)
    high, why = _high(grid, whole)
    return LabelCeiling(low=low, high=None if high is None else max(high, low), n_reviewed=n_reviewed, why=why)


def _high(grid: Grid, whole: Sequence[Measured]) -> tuple[float | None, str]:
    """The upper end and what it stands on: reviewed rows, or messages labelled twice."""
    if grid.reviewed is not None and len(grid.reviewed.rows) >= MIN_REVIEWED:
        rows, n = grid.reviewed.rows, len(grid.reviewed.rows)
        wrong = grid.reviewed.y != grid.y_true[rows]
        reproduced = np.zeros(n, dtype=np.bool_)
        for cell in whole:
            reproduced |= cell.y_pred[rows] == grid.y_true[rows]
        beyond = wrong & ~reproduced
        why = f"{int(beyond.sum()):,} of {n:,} reviewed rows have a wrong label that no rung reproduces"
        n_alone = effective_rows(n, design_effect(beyond, grid.groups[rows]))
        return 1.0 - lower_bound(float(beyond.mean()) * n_alone, n_alone, alpha=ALPHA), why
    twice = grid.agreement
    if twice is not None and twice.n >= MIN_TWICE and twice.n_same < twice.n:
        labels = {"annotators": "two people's labels of a message", "copies": "the labels of two copies of a message"}
        why = f"{labels[twice.by]} agree in {twice.n_same:,} of {twice.n:,}"
        return sqrt(upper_bound(twice.n_same, twice.n, alpha=ALPHA)), why
    if grid.n_validation < MIN_REVIEWED:
        there = counted(grid.n_validation, "validation row")
        return None, f"not identified: that takes {MIN_REVIEWED} reviewed validation rows, and there are {there}"
    n_asked = min(ASKED, grid.n_validation)
    return None, f"not identified: review {n_asked} validation rows (suffice review --validation)"
