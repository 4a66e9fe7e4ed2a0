"""Failure clusters on the terminal."""

from __future__ import annotations

from suffice.cli.output import say, say_item
from suffice.records.clusters import FailureCluster, FailureClusters
from suffice.records.evaluation import NotMeasured
from suffice.text.completion_words import clusters_sentence, scattered_sentence
from suffice.text.rounding import fraction, fraction_interval, percent

MAX_NAMED = 3
"""Typical rows that are named of each cluster."""


def print_clusters(found: FailureClusters | NotMeasured) -> None:
    """Prints where failures come together, for a person.

    Args:
        found: what was measured, or why nothing was.
    """
    shown = () if isinstance(found, NotMeasured) else found.clusters
    say(f"{clusters_sentence(found)}{':' if shown else ''}")
    if isinstance(found, NotMeasured) or not shown:
        return
    for cluster in shown:
        say_item(f"{_sentence(cluster)}", *_details(cluster))
    say(scattered_sentence(found))


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
