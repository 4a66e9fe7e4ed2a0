"""Failure clusters on the terminal."""

from __future__ import annotations

from suffice.cli.output import say, say_item
from suffice.records.clusters import FailureCluster, FailureClusters
from suffice.records.evaluation import NotMeasured
from suffice.text.rounding import fraction, fraction_interval, percent

MAX_NAMED = 3
"""Typical rows that are named of each cluster."""


def print_clusters(found: FailureClusters | NotMeasured) -> None:
    """Prints where failures come together, for a person.

    Args:
        found: what was measured, or why nothing was.
    """
    if isinstance(found, NotMeasured):
        say(f"kinds of failures: not looked for, since {found.why}")
        return
    held = f"found on {found.n_found_on:,} rows and held against the {found.n_measured_on:,} others"
    if not found.clusters:
        say(
            f"kinds of failures: none is shown ({_candidates(found.n_candidates)} {held}); the failures are scattered, "
            "as far as can be seen"
        )
        return
    say(f"kinds of failures, {held}; figures are of those others:")
    for cluster in found.clusters:
        say_item(f"{_sentence(cluster)}", *_details(cluster))
    say(f"the other {found.n_scattered:,} of {found.n_failed:,} failures there are scattered, as far as can be seen")


def _candidates(n: int) -> str:
    return "1 candidate" if n == 1 else f"{n:,} candidates"


def _sentence(cluster: FailureCluster) -> str:
    return (
        f"{cluster.name}: {cluster.n:,} rows, {percent(cluster.share_of_loss)} of all failures; accuracy "
        f"{fraction(cluster.accuracy)} ({fraction_interval(cluster.interval)}) against "
        f"{fraction(cluster.accuracy_outside)} ({fraction_interval(cluster.interval_outside)}) elsewhere"
    )


def _details(cluster: FailureCluster) -> list[str]:
    told = {
        "set apart by": [*(f'"{words}"' for words in cluster.words), *cluster.features],
        "more often than elsewhere": list(cluster.went_wrong),
        "such as": list(cluster.typical[:MAX_NAMED]),
    }
    return [f"{what}: {'; '.join(some)}" for what, some in told.items() if some]
