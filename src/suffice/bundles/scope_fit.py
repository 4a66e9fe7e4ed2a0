"""What a rung was taught to the scope of its bundle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.bundles.scope import Scope, how_far
from suffice.records.scope import Measure, OutsideBy, ScopeRecord
from suffice.rungs.interface import Scores
from suffice.stats.distance import clouds
from suffice.stats.scope import rows_for_a_threshold, separation, threshold

N_PARTS = 5
"""Parts of the label set that are held out in turn."""

Score = Callable[[Sequence[str]], Scores]
"""Messages none of which is empty, at least one, to their scores."""
Refit = Callable[[NDArray[np.bool_]], Score]
"""Which of the taught messages to keep, shape [N], to the scores of a rung that was fitted on those alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taught:
    """Messages by which a scope is found; none of them is empty."""

    texts: Sequence[str]
    """That the rung was fitted on, length N."""
    y: NDArray[np.int64]
    """Their label codes, shape [N]."""
    unseen: Sequence[str]
    """In scope, which neither fitting nor a choice has seen, length M."""
    y_unseen: NDArray[np.int64]
    """Their label codes, shape [M]."""
    outside: Sequence[str]
    """That the data calls out of scope; where there are none, labels are held out in turn."""


def fit_scope(
    taught: Taught, *, measure: Measure, score: Score, refit: Refit | None, max_refused: float, seed: int
) -> Scope:
    """What tells messages that are outside, and from where on.

    Where no message is called out of scope, labels are held out in turn: what is measured is fitted without them, and
    their unseen messages stand for those outside. A network is not tuned again without them: their scores are left out,
    and its other scores are the better for having learnt them.

    Args:
        taught: messages.
        measure: what is measured.
        score: of the rung.
        refit: the rung without some labels, for one that is fitted in seconds; None leaves their scores out instead.
        max_refused: the most messages in scope that may be taken for outside, between 0 and 1.
        seed: of the division of the labels.
    """
    x = score(taught.texts).features if measure == "distance" else None
    known = None if x is None else clouds(x, taught.y)
    unseen = score(taught.unseen) if len(taught.unseen) else None
    inside = np.empty(0) if unseen is None else how_far(unseen, clouds=known)
    by: OutsideBy = "out_of_scope" if len(taught.outside) else "held_out"
    if by == "out_of_scope":
        outside = how_far(score(taught.outside), clouds=known)
    elif unseen is None:
        outside = np.empty(0)
    else:
        outside = _held_out(taught, unseen, x=x, refit=refit, seed=seed)
    cut = threshold(inside, outside, max_refused=max_refused)
    needed = rows_for_a_threshold(max_refused)
    why = (
        f"{needed:,} messages in scope that were not seen before are needed to refuse at most {max_refused:.4g} of them"
    )
    above = np.inf if cut is None else cut
    return Scope(
        record=ScopeRecord(
            measure=measure,
            max_refused=max_refused,
            threshold=cut,
            n_inside=len(inside),
            n_refused=int((inside > above).sum()),
            outside_by=by,
            n_outside=len(outside),
            n_caught=int((outside > above).sum()),
            separation=separation(inside, outside) if len(inside) and len(outside) else None,
            why=f"{why}; there are {len(inside):,}" if cut is None else None,
        ),
        clouds=known,
    )


def _held_out(
    taught: Taught, unseen: Scores, *, x: NDArray[np.float32] | None, refit: Refit | None, seed: int
) -> NDArray[np.float64]:
    """How far unseen messages lie where their label was not taught."""
    labels = np.unique(taught.y)
    parts = np.array_split(np.random.default_rng(seed).permutation(labels), min(N_PARTS, len(labels)))
    found = [np.empty(0)]
    for part in parts if len(labels) > 1 else ():
        kept, asked = ~np.isin(taught.y, part), np.isin(taught.y_unseen, part)
        if not asked.any():
            continue
        if x is not None:
            scores, without = _take(unseen, asked), clouds(x[kept], taught.y[kept])
        elif refit is not None:
            scores, without = refit(kept)([text for text, one in zip(taught.unseen, asked, strict=True) if one]), None
        else:
            scores, without = _take(unseen, asked, leave_out=part), None
        found.append(how_far(scores, clouds=without))
    return np.concatenate(found)


def _take(scores: Scores, rows: NDArray[np.bool_], *, leave_out: NDArray[np.int64] | None = None) -> Scores:
    logits = scores.logits[rows]
    return Scores(
        logits=logits if leave_out is None else np.delete(logits, leave_out, axis=1),
        truncated=scores.truncated[rows],
        features=None if scores.features is None else scores.features[rows],
    )
