"""The charts of a page: figures that records hold, drawn, with nothing fitted or smoothed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import altair as alt
from markupsafe import Markup

from suffice.records.evaluation import Evaluation, Interval
from suffice.report.ladder import Shown
from suffice.report.rounding import fraction, percent
from suffice.report.svg import ACCENT, INK, LINE, MUTED, PAPER, TARGET, inline_svg

Metric = Literal["accuracy", "macro_f1"]

_WITHIN_SIGHT = 0.25
"""Rungs further below the best than this are named at the edge: drawn to scale they would flatten all the others."""


def ladder_chart(shown: Sequence[Shown], *, metric: Metric, target: float | None) -> Markup:
    """One line per rung with its figure and interval, from cheap to dear, and the target.

    Args:
        shown: at least one entry with its evaluation.
        metric: what the target speaks of.
        target: where the line is drawn; None for no line.
    """
    low, high = _span(shown, metric=metric, target=target)
    rows = [_ladder_row(one, metric=metric, low=low) for one in shown]
    x = alt.X("value:Q", title=None, scale=alt.Scale(domain=[low, high]), axis=_value_axis(metric))
    y = alt.Y(
        "rung:N",
        title=None,
        scale=alt.Scale(domain=[row["rung"] for row in rows]),
        axis=alt.Axis(labelLimit=140, ticks=False, domain=False, labelPadding=8),
    )
    in_sight = alt.Chart(alt.InlineData(values=[row for row in rows if row["in_sight"]])).encode(y=y)
    out_of_sight = alt.Chart(alt.InlineData(values=[row for row in rows if not row["in_sight"]])).encode(y=y)
    colour = alt.Color("colour:N", scale=None)
    written = in_sight.encode(x=alt.value("width"), text="shown:N", color=colour)
    layers = [
        *_target_line(target),
        in_sight.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q"), x2="high:Q", color=colour),
        in_sight.mark_circle(size=90, opacity=1).encode(x=x, color=colour),
        written.mark_text(align="left", dx=10, fontSize=12),
        out_of_sight.mark_text(align="left", dx=4, fontSize=12, color=MUTED).encode(x=alt.value(0), text="shown:N"),
    ]
    padding = {"left": 4, "right": 58, "top": 18, "bottom": 4}
    every = alt.layer(*layers).properties(padding=padding)
    return inline_svg(every, name="ladder", height=64 + 34 * len(rows))


def cost_chart(shown: Sequence[Shown], *, metric: Metric, target: float | None) -> Markup:
    """Each rung's figure against the median time of one message, on a logarithmic scale.

    Args:
        shown: at least one entry with its evaluation.
        metric: what the target speaks of.
        target: where the line is drawn; None for no line.
    """
    low, high = _span(shown, metric=metric, target=target)
    rows = [
        _ladder_row(one, metric=metric, low=low) | {"ms": max(one.entry.shipped.cost.latency_p50_ms, 1e-3)}
        for one in shown
        if in_sight(one, shown, metric=metric)
    ]
    x = alt.X("ms:Q", title="milliseconds per message (p50, log scale)", scale=_decades(rows), axis=_decade_axis(rows))
    y = alt.Y("value:Q", title=None, scale=alt.Scale(domain=[low, high]), axis=_value_axis(metric))
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y)
    colour = alt.Color("colour:N", scale=None)
    layers = [
        *_target_line(target, across=True),
        base.mark_circle(size=330, opacity=1, color=PAPER, strokeWidth=2).encode(
            stroke=alt.Stroke("colour:N", scale=None)
        ),
        base.mark_text(fontSize=12, dy=0.5).encode(text="number:N", color=colour),
    ]
    every = alt.layer(*layers).properties(padding={"left": 4, "right": 14, "top": 18, "bottom": 4})
    return inline_svg(every, name="cost", height=260)


def reliability_chart(evaluation: Evaluation) -> Markup:
    """Stated confidence against the fraction that is right; on the line the two agree.

    Args:
        evaluation: of one run.
    """
    bins = evaluation.probability.reliability
    rows = [{"confidence": one.confidence, "accuracy": one.accuracy, "n": one.n} for one in bins]
    start = math.floor(min(min(one.confidence, one.accuracy) for one in bins) * 10) / 10
    start = max(0.0, min(start, 0.9))
    scale = alt.Scale(domain=[start, 1.0])
    diagonal = alt.Chart(
        alt.InlineData(values=[{"confidence": start, "accuracy": start}, {"confidence": 1, "accuracy": 1}])
    )
    base = alt.Chart(alt.InlineData(values=rows))
    x = alt.X("confidence:Q", title="stated probability of the answer", scale=scale, axis=_value_axis("accuracy"))
    y = alt.Y("accuracy:Q", title="fraction right", scale=scale, axis=_value_axis("accuracy"))
    layers = [
        diagonal.mark_line(color=MUTED, strokeDash=[4, 4], strokeWidth=1.5).encode(x=x, y=y),
        base.mark_line(color=ACCENT, strokeWidth=1.5).encode(x=x, y=y),
        base.mark_circle(color=ACCENT, opacity=1, size=70).encode(x=x, y=y),
    ]
    every = alt.layer(*layers).properties(padding={"left": 4, "right": 14, "top": 10, "bottom": 4})
    return inline_svg(every, name="reliability", height=330)


def in_sight(one: Shown, shown: Sequence[Shown], *, metric: Metric) -> bool:
    """Whether an entry is near enough to the best to be drawn to scale.

    Args:
        one: the entry.
        shown: all entries of the chart.
        metric: what is drawn.
    """
    best = max(_figure(other, metric=metric)[0] for other in shown)
    return _figure(one, metric=metric)[0] >= best - _WITHIN_SIGHT


def _ladder_row(one: Shown, *, metric: Metric, low: float) -> dict[str, object]:
    value, interval = _figure(one, metric=metric)
    written = fraction(value) if metric == "macro_f1" else percent(value)
    seen = value >= low
    return {
        "rung": f"{one.entry.number}  {one.entry.name}",
        "number": str(one.entry.number),
        "value": value,
        "low": max(interval.low, low),
        "high": interval.high,
        "in_sight": seen,
        "shown": written if seen else f"\N{LEFTWARDS ARROW} {written}",
        "colour": ACCENT if one.entry.proposed else INK,
    }


def _figure(one: Shown, *, metric: Metric) -> tuple[float, Interval]:
    layer = one.evaluation.accuracy
    if metric == "accuracy":
        return layer.accuracy, layer.interval
    return layer.macro_f1, layer.macro_f1_interval


def _span(shown: Sequence[Shown], *, metric: Metric, target: float | None) -> tuple[float, float]:
    """Both ends of the scale: every interval in sight and the target, with some air, never outside 0 to 1."""
    intervals = [_figure(one, metric=metric)[1] for one in shown if in_sight(one, shown, metric=metric)]
    ends = [interval.low for interval in intervals] + [interval.high for interval in intervals]
    ends += [] if target is None else [target]
    air = max(0.05 * (max(ends) - min(ends)), 0.002)
    return max(0.0, min(ends) - air), min(1.0, max(ends) + air)


def _target_line(target: float | None, *, across: bool = False) -> list[alt.LayerChart | alt.Chart]:
    if target is None:
        return []
    base = alt.Chart(alt.InlineData(values=[{"target": target, "shown": f"target {target:g}"}]))
    rule = base.mark_rule(color=TARGET, strokeDash=[5, 3], strokeWidth=1.5)
    text = base.mark_text(color=TARGET, fontSize=12)
    if across:
        named = text.encode(y="target:Q", x=alt.value("width"), text="shown:N")
        return [rule.encode(y="target:Q"), named]
    return [rule.encode(x="target:Q"), text.encode(x="target:Q", y=alt.value(-9), text="shown:N")]


def _value_axis(metric: Metric) -> alt.Axis:
    return alt.Axis(format="~%" if metric == "accuracy" else "~f", tickCount=5, grid=True, domain=False, ticks=False)


def _decades(rows: Sequence[dict[str, object]]) -> alt.Scale:
    low, high = _decade_ends(rows)
    return alt.Scale(type="log", domain=[10.0**low, 10.0**high])


def _decade_axis(rows: Sequence[dict[str, object]]) -> alt.Axis:
    low, high = _decade_ends(rows)
    return alt.Axis(values=[10.0**k for k in range(low, high + 1)], format="~g", gridColor=LINE)


def _decade_ends(rows: Sequence[dict[str, object]]) -> tuple[int, int]:
    """Whole powers of ten that all points lie well between."""
    values = [math.log10(float(str(row["ms"]))) for row in rows]
    low, high = math.floor(min(values) - 0.1), math.ceil(max(values) + 0.1)
    return low, high
