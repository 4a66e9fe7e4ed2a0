"""How often each symptom was found where size was the cause, and where it was not: counted over planted cases.

Source: every second development case of `python benchmarks/verdict_planted.py --part development --every 2`, `symptoms`
of what it prints; likelihood ratios: Simel, Samsa and Matchar (1991), as in `stats.likelihood_ratio`. Symptoms that are
not here could not be found in any of these cases, whose rungs are no language models.
"""

from __future__ import annotations

from suffice.records.symptoms import SeenBefore
from suffice.stats.likelihood_ratio import likelihood_ratio

COUNTS: dict[str, tuple[int, int, int, int]] = {"repetition": (0, 3, 28, 67)}
"""Symptom to cases in which it was found and cases where size was the cause, then the same where it was not."""


def seen_before(symptom: str) -> SeenBefore | None:
    """What a finding of a symptom tells; None where no case could show it.

    Args:
        symptom: its name.
    """
    counts = COUNTS.get(symptom)
    if counts is None:
        return None
    found = likelihood_ratio(*counts)
    return SeenBefore(
        found_when_size=found.found_when_cause,
        n_size=found.n_cause,
        found_when_not=found.found_when_not,
        n_not=found.n_not,
        likelihood_ratio=found.value,
        interval=found.interval,
    )
