"""Two systems on the same rows: whose value is right where the other's is wrong."""

from __future__ import annotations

from suffice.evaluate.completions.judged import Judged
from suffice.records.evaluation import Comparison
from suffice.stats.paired import mcnemar_p, paired_counts
from suffice.stats.tango import difference_interval

COMPLETIONS = "completions"
"""What the rows of such a comparison are: nobody has divided them into splits."""


def compare_completions(first: Judged, second: Judged, *, names: tuple[str, str]) -> Comparison:
    """Exact McNemar test and the interval of the paired score test, on verified accuracy.

    Args:
        first: what the first system wrote.
        second: what the second wrote for the same rows in the same order.
        names: of the two.

    Source: `stats.paired`, `stats.tango`.
    """
    assert first.ids == second.ids, "both answered the same rows"
    counts = paired_counts(first.verified, second.verified)
    return Comparison(
        first=names[0],
        second=names[1],
        split=COMPLETIONS,
        n=counts.n,
        difference=counts.difference,
        interval=difference_interval(first.verified, second.verified, groups=first.groups),
        n_only_first=counts.n_only_first,
        n_only_second=counts.n_only_second,
        p_value=mcnemar_p(counts),
    )
