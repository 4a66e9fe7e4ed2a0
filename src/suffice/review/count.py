"""A queue and decisions to how many labels are wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.records.dataset import Dataset
from suffice.records.decision import Stratum
from suffice.review.queue import Order, Queue
from suffice.review.settle import Outcome, Settled
from suffice.stats.stratified import CountEstimate, Sampled, estimate_count

MIN_SEEN = 5
"""Below this many rows looked at in a stratum, unless it has no more, nothing is said of it."""

TRAIN: tuple[Stratum, ...] = ("top", "top_5", "next_5", "rest")
COUNTED: Mapping[str, tuple[Stratum, ...]] = {"train": TRAIN, "validation": ("validation",), "test": ("test",)}
"""Strata by the split that an estimate speaks of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What the decisions about a queue say of all rows."""

    n_reached: int
    """Rows from the beginning of the queue without a gap that somebody decided about: what the estimates stand on."""
    estimates: dict[str, CountEstimate]
    """Split to how many of its labels are wrong; nothing of a split that too few rows were looked at of."""
    wrong: dict[str, tuple[int, ...]]
    """Split to the positions of the rows that were found wrong on the way, for the same splits."""


def count_reviewed(
    order: Order, settled: Settled, labels: Sequence[str], *, beginning: Callable[[int], Queue] | None = None
) -> Counted:
    """Estimates from the longest beginning of the queue that has been looked at whole, by whomever.

    Args:
        order: of the queue.
        settled: decisions as they stand.
        labels: label of each row of the data version, length N.
        beginning: the first rows of the queue that was looked at; None for the whole one.
    """
    beginning = beginning or order.beginning
    items = beginning(len(settled.by)).items
    reached = next((i for i, item in enumerate(items) if item.row not in settled.by), len(items))
    queue = beginning(reached)
    rows = [item.row for item in queue.items if item.row in settled.outcomes]
    outcomes = {row: settled.outcomes[row] for row in rows}
    found = {
        split: count_wrong(queue.strata, outcomes, flagged=order.flagged, names=names, labels=labels, seed=order.seed)
        for split, names in COUNTED.items()
    }
    estimates = {split: estimate for split, estimate in found.items() if estimate is not None}
    stratum = {item.row: item.stratum for item in queue.items}
    wrong = [row for row in rows if _is_wrong(outcomes[row], labels[row])]
    return Counted(
        n_reached=reached,
        estimates=estimates,
        wrong={split: tuple(row for row in wrong if stratum[row] in COUNTED[split]) for split in estimates},
    )


def n_put_right(wrong: Sequence[int], settled: Settled, as_read: Dataset, cleaned: Dataset) -> int:
    """How many rows have the label that people settled on in a version made later, or are gone from it.

    Args:
        wrong: positions in the version as read of rows that were found wrong.
        settled: decisions as they stand.
        as_read: the version as read.
        cleaned: the version made later.
    """
    label, ids = dict(zip(cleaned.ids, cleaned.labels, strict=True)), as_read.ids
    return sum(label.get(ids[row]) in {None, settled.outcomes[row].label} for row in wrong)


def count_wrong(
    strata: Mapping[Stratum, NDArray[np.int64]],
    outcomes: Mapping[int, Outcome],
    *,
    flagged: NDArray[np.int64],
    names: Sequence[Stratum],
    labels: Sequence[str],
    seed: int,
) -> CountEstimate | None:
    """Estimates how many rows of some strata have a label other than the one that people settled on.

    A row that is ambiguous or was dropped counts as looked at and not as wrong: no label of it would be right.

    Where many labels are wrong, the suspicious ones reach into the stratum `rest`, and its rows are unlike one another.
    It is then counted in two parts, rows that models contradict and rows that they do not, if enough of either were
    drawn. The queue stays as it is; which part a row is in, and whether there are two, no decision can move
    (docs/decisions/0018).

    Args:
        strata: rows of each stratum, of a queue that has been looked at whole.
        outcomes: what people decided about rows of that queue, and of no others.
        flagged: rows that models contradict, `Order.flagged`.
        names: the strata to be counted.
        labels: label of each row of the data version, length N.
        seed: of the draws behind the interval.

    Returns:
        The estimate, or None: there are too few decisions to speak of.

    Source: strata made after the draw: Cochran (1977), Sampling Techniques, 3rd ed., section 5A.9.
    """
    named = [(name, strata[name]) for name in names if name in strata and len(strata[name])]
    parts = [part for name, rows in named for part in (_parts(rows, flagged, outcomes) if name == "rest" else [rows])]
    sampled = [_sampled(rows, outcomes, labels) for rows in parts]
    if not sampled or any(one.n_seen < min(MIN_SEEN, one.n_rows) for one in sampled):
        return None
    return estimate_count(sampled, seed=seed)


def _parts(
    rows: NDArray[np.int64], flagged: NDArray[np.int64], outcomes: Mapping[int, Outcome]
) -> list[NDArray[np.int64]]:
    """The rows that models contradict and the others, or all together where few of either were looked at."""
    among = np.isin(rows, flagged)
    parts = [rows[among], rows[~among]]
    seen = np.isin(rows, np.fromiter(outcomes, dtype=np.int64, count=len(outcomes)))
    return parts if min(int(seen[among].sum()), int(seen[~among].sum())) >= MIN_SEEN else [rows]


def _sampled(rows: NDArray[np.int64], outcomes: Mapping[int, Outcome], labels: Sequence[str]) -> Sampled:
    seen = [row for row in rows.tolist() if row in outcomes]
    n_found = sum(_is_wrong(outcomes[row], labels[row]) for row in seen)
    return Sampled(n_rows=len(rows), n_seen=len(seen), n_found=n_found)


def _is_wrong(outcome: Outcome, label: str) -> bool:
    return outcome.label not in {None, label}
