"""One goal in words: what was measured, what its bounds say, what was asked for."""

from __future__ import annotations

import re

from suffice.records.verdict import Goal
from suffice.text.counted import counted
from suffice.text.rounding import (
    Bound,
    asked_percent,
    asked_points,
    confidence,
    difference,
    fraction,
    percent,
    points,
)

_RECALL = "recall of "
_COMPARED = re.compile(r"\w+ (?:against|above) (?P<rival>.+)", re.DOTALL)


def label_of(goal: Goal) -> str | None:
    """The label whose recall a goal is about; None for every other goal.

    Args:
        goal: the goal.
    """
    return goal.what.removeprefix(_RECALL) if goal.what.startswith(_RECALL) else None


def rival_of(goal: Goal) -> str | None:
    """The rung that a goal compares with; None for every other goal.

    Args:
        goal: the goal.
    """
    compared = None if label_of(goal) is not None else _COMPARED.fullmatch(goal.what)
    return compared["rival"] if compared else None


def rows_of(goal: Goal, *, split: str, noun: str) -> str:
    """The rows that it was measured on: `440 sealed test messages`.

    Args:
        goal: the goal.
        split: what to call the split: `sealed test`, `validation`.
        noun: what to call a row: `message`.
    """
    label = label_of(goal)
    return counted(goal.n, f"{split} {noun}") + (f" labelled {label}" if label is not None else "")


def figure(goal: Goal, value: float, *, bound: Bound | None = None) -> str:
    """The goal's estimate or one of its bounds, as the goal's measure is written: `98.4%`, `0.972`, `1.2 points`.

    Args:
        goal: the goal.
        value: the figure; of a difference only the size is shown.
        bound: which bound it is, of the size for a difference; None for an estimate.
    """
    if rival_of(goal) is not None:
        return points(value, bound=bound, against=abs(goal.target))
    show = fraction if goal.what == "macro_f1" else percent
    return show(value, bound=bound, against=goal.target)


def signed(goal: Goal, value: float, *, bound: Bound | None = None) -> str:
    """As `figure`, with the sign of a difference: `-1.2 points`.

    Args:
        goal: the goal.
        value: the figure.
        bound: which bound of the figure itself it is; None for an estimate.
    """
    if rival_of(goal) is None:
        return figure(goal, value, bound=bound)
    return difference(value, bound=bound, against=abs(goal.target))


def sure(goal: Goal) -> str:
    """With what confidence each of its bounds holds: `96%`; `about 96%` where no bound is exact.

    Args:
        goal: the goal.
    """
    return f"{'about ' if goal.what == 'macro_f1' else ''}{confidence(goal.alpha)}"


def measured(goal: Goal, *, subject: str = "it") -> str:
    """The estimate: `it is right in 99.5%`.

    Args:
        goal: the goal.
        subject: the rung, or `it`.
    """
    if goal.estimate is None:
        return f"{subject} is not measured"
    if rival_of(goal) is not None:
        return f"{subject} is {standing(goal)}"
    if goal.what == "macro_f1":
        return f"{'its macro-F1' if subject == 'it' else f'the macro-F1 of {subject}'} is {figure(goal, goal.estimate)}"
    return f"{subject} is right in {figure(goal, goal.estimate)}"


def standing(goal: Goal) -> str:
    """The estimate of a comparison: `0.4 points behind embed`.

    Args:
        goal: a goal with a rival.
    """
    rival = rival_of(goal)
    if not goal.estimate:
        return f"level with {rival}"
    return f"{figure(goal, goal.estimate)} {'ahead of' if goal.estimate > 0 else 'behind'} {rival}"


def at_least(goal: Goal) -> str:
    """What the lower bound leaves: `right in at least 98.4%`, `at most 1.2 points behind embed`.

    Args:
        goal: the goal.
    """
    rival = rival_of(goal)
    if rival is None:
        return f"{_right_in(goal)}at least {figure(goal, goal.lower, bound='lower')}"
    if goal.lower < 0:
        return f"at most {figure(goal, goal.lower, bound='upper')} behind {rival}"
    return f"at least {figure(goal, goal.lower, bound='lower')} ahead of {rival}"


def at_most(goal: Goal) -> str:
    """What the upper bound leaves: `right in at most 93.4%`, `at least 2.3 points behind embed`.

    Args:
        goal: the goal.
    """
    rival = rival_of(goal)
    if rival is None:
        return f"{_right_in(goal)}at most {figure(goal, goal.upper, bound='upper')}"
    if goal.upper < 0:
        return f"at least {figure(goal, goal.upper, bound='lower')} behind {rival}"
    return f"at most {figure(goal, goal.upper, bound='upper')} ahead of {rival}"


def bounds(goal: Goal) -> str:
    """Both bounds: `anything from 94.0% to 97.7%`, `anything from 3.1 points behind to 0.4 points ahead`.

    Args:
        goal: the goal.
    """
    if rival_of(goal) is None:
        low, high = figure(goal, goal.lower, bound="lower"), figure(goal, goal.upper, bound="upper")
        return f"anything from {low} to {high}"
    low, high = signed(goal, goal.lower, bound="lower"), signed(goal, goal.upper, bound="upper")
    return f"anything from {low.lstrip('+-')} {_side(goal.lower)} to {high.lstrip('+-')} {_side(goal.upper)}"


def asked(goal: Goal) -> str:
    """The target: `you asked for 95%`, `you allowed 2 points`.

    Args:
        goal: the goal.
    """
    if rival_of(goal) is not None:
        return f"you allowed {asked_points(-goal.target)}" if goal.target < 0 else "it has to be ahead"
    return (
        f"you asked for {goal.target:g}" if goal.what == "macro_f1" else f"you asked for {asked_percent(goal.target)}"
    )


def _right_in(goal: Goal) -> str:
    return "" if goal.what == "macro_f1" else "right in "


def _side(difference: float) -> str:
    return "behind" if difference < 0 else "ahead"
