"""A queue and decisions to how many labels are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.records.decision import Stratum
from suffice.review.settle import Outcome
from suffice.stats.stratified import CountEstimate, Sampled, estimate_count

MIN_SEEN = 5
"""Below this many rows looked at in a stratum, unless it has no more, nothing is said of it."""


def count_wrong(
    strata: Mapping[Stratum, NDArray[np.int64]],
    outcomes: Mapping[int, Outcome],
    *,
    names: Sequence[Stratum],
    labels: Sequence[str],
    seed: int,
) -> CountEstimate | None:
    """Estimates how many rows of some strata have a label other than the one that people settled on.

    A row that is ambiguous or was dropped counts as looked at and not as wrong: no label of it would be right.

    Args:
        strata: rows of each stratum, of a queue that has been looked at whole.
        outcomes: what people decided about rows of that queue, and of no others.
        names: the strata to be counted.
        labels: label of each row of the data version, length N.
        seed: of the draws behind the interval.

    Returns:
        The estimate, or None: there are too few decisions to speak of.
    """
    sampled = [_sampled(strata[name], outcomes, labels) for name in names if name in strata and len(strata[name])]
    if not sampled or any(one.n_seen < min(MIN_SEEN, one.n_rows) for one in sampled):
        return None
    return estimate_count(sampled, seed=seed)


def _sampled(rows: NDArray[np.int64], outcomes: Mapping[int, Outcome], labels: Sequence[str]) -> Sampled:
    seen = [row for row in rows.tolist() if row in outcomes]
    wrong = [row for row in seen if outcomes[row].label not in {None, labels[row]}]
    return Sampled(n_rows=len(rows), n_seen=len(seen), n_found=len(wrong))
