"""The charts of a page: figures that records hold, drawn, with nothing fitted or smoothed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
from markupsafe import Markup

from suffice.records.evaluation import ReliabilityBin
from suffice.records.learnability import Reach
from suffice.report.figures import Figure, Figures, Metric
from suffice.report.places import powers_between
from suffice.report.svg import ACCENT, MUTED, PAPER, TARGET, inline_svg, powers_axis

_FURTHER_DOWN = "\N{LEFTWARDS ARROW}"
_FASTEST_MS = 1e-3  # a logarithm needs more than 0
_LABEL_WIDTH = 115  # pixels of a rung's name; the rest is cut, and stands in the table
_COLOUR = alt.Color("colour:N", scale=None)
_TARGET_RULE: dict[str, Any] = {"color": TARGET, "strokeDash": [5, 3], "strokeWidth": 1.5}


def ladder_chart(figures: Figures) -> Markup:
    """One line per entry with its figure and interval, in the order of the page, and the target.

    Args:
        figures: what is drawn.
    """
    y = alt.Y(
        "name:N",
        title=None,
        scale=alt.Scale(domain=[_name(figure) for figure in figures.every]),
        axis=alt.Axis(labelLimit=_LABEL_WIDTH, ticks=False, domain=False, labelPadding=8),
    )
    drawn = _data(figures.on_scale, low=figures.low).encode(y=y, color=_COLOUR)
    below = _data(figures.below_scale, low=figures.low).encode(y=y)
    written = {"x": alt.value("width"), "text": "written:N"}
    layers: list[alt.Chart | alt.LayerChart] = [
        drawn.mark_rule(strokeWidth=2.5).encode(x=_x("low", figures), x2="high:Q"),
        drawn.mark_circle(size=90, opacity=1).encode(x=_x("value", figures)),
        drawn.mark_text(align="left", dx=10, fontSize=12).encode(**written),
        below.mark_text(align="left", dx=10, fontSize=12, color=MUTED).encode(**written),
        below.mark_text(align="left", fontSize=12, color=MUTED, text=_FURTHER_DOWN).encode(x=alt.value(0)),
    ]
    if figures.target is not None:
        x, line = _x("target", figures), _target(figures)
        named = line.mark_text(color=TARGET, fontSize=12).encode(x=x, y=alt.value(-9), text="written:N")
        layers += [line.mark_rule(**_TARGET_RULE).encode(x=x), named]
    tells = "The figure and interval of each line of the table below, and the target"
    height = 64 + 32 * len(figures.every)
    return inline_svg(alt.layer(*layers), name="ladder", tells=tells, height=height, right=58)


def cost_chart(figures: Figures) -> Markup:
    """Each entry's figure against the median time of one answer, on a logarithmic scale.

    Args:
        figures: what is drawn; those below the scale are left out.
    """
    drawn = _data(figures.on_scale, low=figures.low).encode(x=_milliseconds(figures), y=_y("value", figures))
    layers: list[alt.Chart | alt.LayerChart] = [
        drawn.mark_circle(size=330, opacity=1, color=PAPER, strokeWidth=2).encode(stroke=_COLOUR),
        drawn.mark_text(fontSize=12, dy=0.5).encode(text="number:N", color=_COLOUR),
    ]
    if figures.target is not None:
        y, line = _y("target", figures), _target(figures)
        named = line.mark_text(color=TARGET, fontSize=12, align="right", dy=-8, dx=-2)
        layers = [line.mark_rule(**_TARGET_RULE).encode(y=y), *layers]
        layers += [named.encode(y=y, x=alt.value("width"), text="written:N")]
    tells = "The figure of each line of the table below against the time that an answer takes"
    height = max(220, 64 + 32 * len(figures.every))
    return inline_svg(alt.layer(*layers), name="cost", tells=tells, height=height, right=14)


def reliability_chart(bins: Sequence[ReliabilityBin]) -> Markup:
    """Stated confidence against the fraction that is right; on the dashed line the two agree.

    Args:
        bins: of one run, at least one.
    """
    start = _tenth_below(bins)
    # A little below the first tick, since the labels of both axes would meet in the corner.
    scale, axis = alt.Scale(domain=[start - 0.03, 1.0]), _axis("accuracy")
    x = alt.X("confidence:Q", title="stated probability of the answer", scale=scale, axis=axis)
    y = alt.Y("accuracy:Q", title="fraction right", scale=scale, axis=axis)
    rows = [{"confidence": one.confidence, "accuracy": one.accuracy} for one in bins]
    ends = [{"confidence": end, "accuracy": end} for end in (start, 1.0)]
    curve = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y)
    agreed = alt.Chart(alt.InlineData(values=ends)).encode(x=x, y=y)
    layers = [
        agreed.mark_line(color=MUTED, strokeDash=[4, 4], strokeWidth=1.5),
        curve.mark_line(color=ACCENT, strokeWidth=1.5),
        curve.mark_circle(color=ACCENT, opacity=1, size=70),
    ]
    tells = "Stated probability of the answer against the fraction that is right"
    return inline_svg(alt.layer(*layers), name="reliability", tells=tells, height=310, right=14)


def learning_chart(curve: Sequence[Reach]) -> Markup:
    """Accuracy out of fold against training rows, on a logarithmic scale, with intervals.

    Args:
        curve: of one rung, from few rows to many, at least one point.
    """
    low = max(0.0, math.floor(10 * min(reach.interval.low for reach in curve)) / 10)
    rows = [
        {"n": reach.n_train, "accuracy": reach.accuracy, "low": reach.interval.low, "high": reach.interval.high}
        for reach in curve
    ]
    sizes = [reach.n_train for reach in curve]
    x = alt.X(
        "n:Q",
        title="training messages (logarithmic)",
        scale=alt.Scale(type="log", domain=[sizes[0] * 0.85, sizes[-1] * 1.15]),
        axis=alt.Axis(values=sizes, format=",", domain=False, ticks=False),
    )
    scale = alt.Scale(domain=[low, 1.0])
    drawn = alt.Chart(alt.InlineData(values=rows)).encode(x=x)
    y = alt.Y("accuracy:Q", title="answered as labelled", scale=scale, axis=_axis("accuracy"))
    layers = [
        drawn.mark_rule(color=MUTED, strokeWidth=2).encode(y=alt.Y("low:Q", scale=scale), y2="high:Q"),
        drawn.mark_line(color=ACCENT, strokeWidth=1.5).encode(y=y),
        drawn.mark_circle(color=ACCENT, opacity=1, size=70).encode(y=y),
    ]
    tells = "Accuracy out of fold against the number of training messages"
    return inline_svg(alt.layer(*layers), name="curve", tells=tells, height=260, right=14)


def _data(figures: Sequence[Figure], *, low: float) -> alt.Chart:
    rows = [
        {
            "name": _name(figure),
            "number": str(figure.entry.number),
            "milliseconds": _shown_ms(figure),
            "value": figure.value,
            "low": max(figure.interval.low, low),
            "high": figure.interval.high,
            "written": figure.written,
            "colour": ACCENT if figure.entry.proposed else MUTED,
        }
        for figure in figures
    ]
    return alt.Chart(alt.InlineData(values=rows))


def _target(figures: Figures) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[{"target": figures.target, "written": figures.target_written}]))


def _name(figure: Figure) -> str:
    return f"{figure.entry.number}  {figure.entry.name}"


def _x(field: str, figures: Figures) -> alt.X:
    scale = alt.Scale(domain=[figures.low, figures.high])
    return alt.X(f"{field}:Q", title=None, scale=scale, axis=_axis(figures.metric))


def _y(field: str, figures: Figures) -> alt.Y:
    scale = alt.Scale(domain=[figures.low, figures.high])
    return alt.Y(f"{field}:Q", title=None, scale=scale, axis=_axis(figures.metric))


def _axis(metric: Metric) -> alt.Axis:
    written = "~%" if metric == "accuracy" else "~f"
    return alt.Axis(format=written, tickCount=4, labelSeparation=12, domain=False, ticks=False)


def _milliseconds(figures: Figures) -> alt.X:
    """A logarithmic axis over whole powers of ten, with some air at both ends."""
    shown = [_shown_ms(figure) for figure in figures.on_scale]
    ticks = powers_between(min(shown), max(shown))
    return alt.X(
        "milliseconds:Q",
        title="milliseconds an answer (median, logarithmic)",
        scale=alt.Scale(type="log", domain=[ticks[0], ticks[-1]]),
        axis=powers_axis(ticks),
    )


def _shown_ms(figure: Figure) -> float:
    return max(figure.entry.shipped.cost.latency_p50_ms, _FASTEST_MS)


def _tenth_below(bins: Sequence[ReliabilityBin]) -> float:
    """Where both axes of the reliability curve begin: at 0.9 or below."""
    least = min(min(one.confidence, one.accuracy) for one in bins)
    return max(0.0, min(math.floor(least * 10) / 10, 0.9))
