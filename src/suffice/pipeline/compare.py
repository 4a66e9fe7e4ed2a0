"""Two runs on the rows that both answered."""

from __future__ import annotations

import numpy as np

from suffice.diagnose.goals import Judged
from suffice.errors import BundleError, Problem
from suffice.records.evaluation import Comparison
from suffice.stats.paired import difference_interval, mcnemar_p, paired_counts


def compare_runs(first: Judged, second: Judged, *, seed: int) -> Comparison:
    """Exact McNemar and paired bootstrap on the same rows; speaks of these two artefacts.

    Args:
        first: a run's answers.
        second: another run's.
        seed: of the bootstrap.

    Raises:
        BundleError: no row was answered by both.
    """
    common = frozenset(first.ids) & frozenset(second.ids)
    if not common:
        raise BundleError(
            Problem(
                where=f"{first.run} and {second.run}",
                rule="two runs are compared on rows that both answered",
                got="no such row: they stand on different data or splits",
                fix="fit both from one task file, in one output folder",
            )
        )
    one, two = first.on(common), second.on(common)
    counts = paired_counts(one.right, two.right)
    return Comparison(
        first=first.run,
        second=second.run,
        split="validation",
        n=len(one.ids),
        difference=float(np.mean(one.right) - np.mean(two.right)),
        interval=difference_interval(one.right, two.right, groups=one.groups, seed=seed),
        n_only_first=counts.n_only_first,
        n_only_second=counts.n_only_second,
        p_value=mcnemar_p(counts),
    )
