"""A test whose rows were shown to a person: its figures describe, and prove nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from suffice.records.verdict import Goal, Proposal, Verdict
from suffice.stats.openings import alpha_of_opening
from suffice.stats.planning import rows_needed
from suffice.text.rounding import about_rows, fraction

SPENT = "the test is spent: its rows were ranked or shown to a person (--also-test), and labels may have changed since"


def describe_only(goals: Sequence[Goal]) -> tuple[Goal, ...]:
    """The figures as measured, none of them proven or refuted; `more_rows` are fresh ones, all of them.

    Args:
        goals: the target on the rows of a spent test.
    """
    return tuple(replace(goal, outcome="undecided", more_rows=_fresh_rows(goal)) for goal in goals)


def conclude_spent(proposal: Proposal, goals: Sequence[Goal]) -> Verdict:
    """The verdict on a spent test: there is none, and so many fresh rows would allow one.

    Args:
        proposal: what validation proposed.
        goals: from `describe_only`.
    """
    measured = [
        f"{proposal.rung}, described on {goal.n:,} rows of it: {goal.what} "
        f"{fraction(goal.estimate, against=goal.target)}"
        for goal in goals
        if goal.estimate is not None
    ]
    return Verdict(
        code="undecided",
        rung=None,
        probability=None,
        because=(SPENT, *measured, *proposal.because),
        flip=_flip(goals),
    )


def _flip(goals: Sequence[Goal]) -> str:
    needed = [goal.more_rows for goal in goals if goal.more_rows is not None]
    if len(needed) < len(goals):
        return "fresh labelled test rows, and a better rung: what was measured is too near the target, or below it"
    rows = about_rows(max(needed))
    return f"about {rows} fresh labelled test rows restore proof (80% power, if the figures are the truth)"


def _fresh_rows(goal: Goal) -> int | None:
    """Fresh rows that prove the goal at 80% power if its estimate is the truth; as many as now for a comparison."""
    if goal.estimate is None or goal.target <= 0.0:
        return goal.n or None
    return rows_needed(target=goal.target, true_accuracy=goal.estimate, alpha=alpha_of_opening(1))
