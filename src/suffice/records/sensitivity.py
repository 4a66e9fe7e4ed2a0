"""Small changes of what a model is asked that leave what is right as it is, and what they change in its answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from suffice.records.evaluation import Interval
from suffice.records.hosted import Consistency

SmallChange = Literal["case", "typo", "greeting", "options"]
"""`case`: capitals of words gone; `typo`: a slip of the keyboard in one word of ten; `greeting`: a line before the
question; `options`: those that a question lists, or the tools of a request, each one place further on, the last one
first."""
SMALL_CHANGES: tuple[SmallChange, ...] = get_args(SmallChange)


@dataclass(frozen=True, kw_only=True, slots=True)
class FlipRate:
    """How many answers are other ones the second time, of the same rows."""

    n: int
    """Rows that were answered both times, at least 1."""
    n_right_to_wrong: int
    """Rows that were right the first time alone."""
    n_wrong_to_right: int
    """Rows that were right the second time alone."""
    n_wrong_to_other: int | None
    """Rows that were wrong both times, by another label; None where answers are free: of these, wrong is wrong."""
    rate: float
    """Share of the rows whose answer is another one: all of these over `n`."""
    interval: Interval
    """Clopper-Pearson, 95%; rows in groups count as the independent ones that tell as much."""
    difference: float
    """Accuracy the second time less that of the first, a difference of fractions."""
    difference_interval: Interval
    """Of the paired score test (Tango), 95%."""
    p_value: float
    """Of "both are equally accurate": McNemar's exact test, two-sided, groups whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Flips:
    """What one small change changes in the answers of a rung."""

    change: SmallChange
    found: FlipRate
    """On the rows that were asked and that the change touches, against the same rows as they are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Together:
    """The test of "as they are, and under every change, rows are as often right"."""

    n: int
    """Rows that were asked every way."""
    statistic: float
    """Cochran's Q."""
    df: int
    """Ways to ask, less one."""
    p_value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Sensitivity:
    """How far the answers of a rung hang on what must not matter. It explains and never decides."""

    rung: str
    """That was asked."""
    flips: tuple[Flips, ...]
    """Of every change that it was asked under, in the order of `SMALL_CHANGES`; one at least."""
    together: Together | None
    """Over all of them; None where no row was asked every way."""
    repeated: Consistency | None
    """Of an endpoint: how often the same question is answered alike, with nothing changed; None for rungs that run
    here, which answer the same question alike, and where nothing was asked twice."""
