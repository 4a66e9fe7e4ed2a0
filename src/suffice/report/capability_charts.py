"""Size against capability, drawn: accuracy over what is loaded, and over what a thousand answers cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import altair as alt
from markupsafe import Markup

from suffice.records.capability import Capability, RungCapability
from suffice.report.places import kept_apart, powers_between
from suffice.report.svg import ACCENT, MUTED, PAPER, TARGET, inline_svg, powers_axis
from suffice.text.rounding import asked_percent, percent

WITHIN_REACH = 0.25
"""Rungs further below the best are left out: drawn to scale they would flatten all the others."""
_HEIGHT, _PLOT_WIDTH, _CIRCLE = 290, 290, 22  # pixels; of the plot about
_COLOUR = alt.Color("colour:N", scale=None)


def in_reach(found: Capability) -> tuple[RungCapability, ...]:
    """The rungs that are drawn.

    Args:
        found: the table.
    """
    best = max(one.accuracy for one in found.rungs)
    return tuple(one for one in found.rungs if one.accuracy >= best - WITHIN_REACH)


def size_chart(
    found: Capability, numbers: Mapping[str, int], *, proposed: str, target: float | None, ceiling: float | None
) -> Markup | None:
    """Accuracy over megabytes loaded.

    Args:
        found: the table.
        numbers: what the page calls each rung.
        proposed: the rung that is drawn in the accent colour.
        target: where a line is drawn; None for no line.
        ceiling: of the labels; None for no line.

    Returns:
        None where fewer than two rungs answer here.
    """
    return _chart(
        found,
        numbers,
        lambda one: None if one.size_bytes is None else max(one.size_bytes, 1) / 1e6,
        title="megabytes loaded (logarithmic)",
        name="size",
        lines=_lines(target, ceiling),
        proposed=proposed,
    )


def price_chart(
    found: Capability, numbers: Mapping[str, int], *, proposed: str, target: float | None, ceiling: float | None
) -> Markup | None:
    """Accuracy over money for a thousand answers; arguments and result as in `size_chart`."""
    return _chart(
        found,
        numbers,
        lambda one: one.cost_per_thousand or None,
        title=f"{found.currency} for 1,000 answers (logarithmic)",
        name="price",
        lines=_lines(target, ceiling),
        proposed=proposed,
    )


def _lines(target: float | None, ceiling: float | None) -> list[tuple[float, str, str]]:
    lines = [] if target is None else [(target, f"target {asked_percent(target)}", TARGET)]
    return lines if ceiling is None else [*lines, (ceiling, f"label ceiling {percent(ceiling)}", MUTED)]


def _chart(
    found: Capability,
    numbers: Mapping[str, int],
    along: Callable[[RungCapability], float | None],
    *,
    title: str,
    name: str,
    lines: Sequence[tuple[float, str, str]],
    proposed: str,
) -> Markup | None:
    shown = [(one, value) for one in in_reach(found) if (value := along(one)) is not None]
    if len(shown) < 2:
        return None
    ticks = powers_between(min(value for _, value in shown), max(value for _, value in shown))
    rows: list[dict[str, Any]] = [
        {
            "x": place,
            "score": one.accuracy,
            "low": one.interval.low,
            "high": one.interval.high,
            "number": str(numbers[one.rung]),
            "colour": ACCENT if one.rung == proposed else MUTED,
        }
        for (one, _), place in zip(shown, _side_by_side([value for _, value in shown], ticks), strict=True)
    ]
    ends = [end for row in rows for end in (row["low"], row["high"])] + [value for value, _, _ in lines]
    air = max(0.12 * (max(ends) - min(ends)), 0.004)
    domain = [max(0.0, min(ends) - air), min(1.0, max(ends) + air)]
    x = alt.X(
        "x:Q",
        title=title,
        scale=alt.Scale(type="log", domain=[ticks[0], ticks[-1]]),
        axis=powers_axis(ticks),
    )
    axis = alt.Axis(format="~%", tickCount=5, domain=False, ticks=False)
    scale = alt.Scale(domain=domain, nice=False, zero=False)
    y = alt.Y("score:Q", title="accuracy", scale=scale, axis=axis)
    drawn = _rows(rows).encode(x=x)
    layers: list[alt.Chart | alt.LayerChart] = []
    for place, (value, written, colour) in enumerate(lines):
        line = _rows([{"score": value, "written": written}]).encode(y=y)
        layers.append(line.mark_rule(color=colour, strokeDash=[5, 3], strokeWidth=1.5))
        # Each at its own end, where the two may be near.
        side: dict[str, Any] = {"align": "right", "dx": -2} if place == 0 else {"align": "left", "dx": 2}
        text = line.mark_text(color=colour, fontSize=12, dy=-8, **side)
        layers.append(text.encode(x=alt.value("width" if place == 0 else 0), text="written:N"))
    layers += [
        drawn.mark_rule(strokeWidth=2).encode(y=alt.Y("low:Q", scale=scale), y2="high:Q", color=_COLOUR),
        drawn.mark_circle(size=330, opacity=1, color=PAPER, strokeWidth=2).encode(y=y, stroke=_COLOUR),
        drawn.mark_text(fontSize=12, dy=0.5).encode(y=y, text="number:N", color=_COLOUR),
    ]
    tells = f"Accuracy of each rung against {title}, with intervals, the target and the label ceiling"
    return inline_svg(alt.layer(*layers), name=name, tells=tells, height=_HEIGHT, right=14)


def _side_by_side(values: Sequence[float], ticks: Sequence[float]) -> list[float]:
    """Places on a logarithmic axis; what would lie on one another is drawn side by side."""
    logs = [math.log10(value) for value in values]
    low, high = math.log10(ticks[0]), math.log10(ticks[-1])
    apart = kept_apart(logs, least=_CIRCLE * (high - low) / _PLOT_WIDTH, low=low, high=high)
    return [10.0**place for place in apart]


def _rows(rows: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows))
