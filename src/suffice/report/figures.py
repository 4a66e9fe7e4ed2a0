"""What the charts of the ladder draw: one figure per entry, and the scale that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from suffice.records.evaluation import Interval
from suffice.report.ladder import Entry, Shown
from suffice.text.rounding import asked_percent, fraction, percent

Metric = Literal["accuracy", "macro_f1"]

_WITHIN_REACH = 0.25
"""Entries further below the best do not stretch the scale: drawn to it they would flatten all the others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One entry's figure."""

    entry: Entry
    value: float
    """Of the metric drawn, 0 to 1."""
    interval: Interval
    written: str
    """The value as the table writes it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """All figures of a chart."""

    metric: Metric
    """What the target speaks of."""
    target: float | None
    """Where a line is drawn; None for no line."""
    every: tuple[Figure, ...]
    """In the order of the page, at least one."""
    low: float
    """Lower end of the scale."""
    high: float
    """Upper end of the scale."""

    @property
    def on_scale(self) -> tuple[Figure, ...]:
        """What can be drawn to scale."""
        return tuple(figure for figure in self.every if figure.value >= self.low)

    @property
    def below_scale(self) -> tuple[Figure, ...]:
        """What lies too far below to be drawn to scale."""
        return tuple(figure for figure in self.every if figure.value < self.low)

    @property
    def target_written(self) -> str:
        """The target as the person wrote it."""
        assert self.target is not None, "there is a target where one is written"
        return f"target {asked_percent(self.target) if self.metric == 'accuracy' else f'{self.target:g}'}"


def figures_of(shown: Sequence[Shown], *, metric: Metric, target: float | None) -> Figures:
    """Takes the figure of each entry, and finds a scale on which those near the best can be told apart.

    Args:
        shown: entries with their evaluations, at least one.
        metric: what the target speaks of.
        target: what is to be reached; None where nothing is.
    """
    every = tuple(_figure(one, metric=metric) for one in shown)
    best = max(figure.value for figure in every)
    near = [figure.interval for figure in every if figure.value >= best - _WITHIN_REACH]
    ends = [end for interval in near for end in (interval.low, interval.high)]
    ends += [] if target is None else [target]
    air = max(0.1 * (max(ends) - min(ends)), 0.002)
    low, high = max(0.0, min(ends) - air), min(1.0, max(ends) + air)
    return Figures(metric=metric, target=target, every=every, low=low, high=high)


def _figure(one: Shown, *, metric: Metric) -> Figure:
    layer = one.evaluation.accuracy
    if metric == "accuracy":
        value, interval, written = layer.accuracy, layer.interval, percent(layer.accuracy)
    else:
        value, interval, written = layer.macro_f1, layer.macro_f1_interval, fraction(layer.macro_f1)
    return Figure(entry=one.entry, value=value, interval=interval, written=written)
