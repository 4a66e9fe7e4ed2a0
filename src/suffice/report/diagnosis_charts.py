"""What is in the way, drawn: accuracy over data for each rung, and the gap as a waterfall."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
from markupsafe import Markup

from suffice.records.diagnosis import Diagnosis, Gap
from suffice.report.svg import ACCENT, LINE, MUTED, TARGET, inline_svg
from suffice.text.rounding import asked_percent, difference, percent

_RULE: dict[str, Any] = {"color": TARGET, "strokeDash": [5, 3], "strokeWidth": 1.5}
_SCALE = alt.Scale(type="log", nice=False)
CAUSE_WORDS = {
    "training": "training",
    "train_labels": "training labels",
    "eval_labels": "evaluation labels",
    "next_rung": "next rung",
    "merge_labels": "merged labels",
}
"""What a switch is called on the page."""


def data_chart(found: Diagnosis, *, proposed: str, target: float | None) -> Markup | None:
    """Accuracy over training rows: points with intervals, the fitted curve through them, forecasts dashed and banded.

    Args:
        found: what is in the way.
        proposed: the rung that is drawn in the accent colour.
        target: where a line is drawn; None for no line.

    Returns:
        None where no rung was run at two sizes.
    """
    shown = [point for point in found.curves if point.rung != "majority"]
    if len({point.n for point in shown}) < 2:
        return None
    points = [
        {
            "n": point.n,
            "score": point.accuracy,
            "low": point.interval.low,
            "high": point.interval.high,
            "rung": point.rung,
            "colour": ACCENT if point.rung == proposed else MUTED,
        }
        for point in shown
    ]
    fitted = [
        {"n": point.n, "score": point.fitted, "rung": point.rung, "colour": ACCENT if point.rung == proposed else MUTED}
        for point in shown
        if point.fitted is not None
    ]
    ahead = _ahead(found, proposed)
    floor = max(0.0, math.floor(10 * min(point.interval.low for point in shown)) / 10)
    x = alt.X("n:Q", title="training messages", scale=_SCALE, axis=alt.Axis(format=",d", labelFlush=True))
    y = alt.Y(
        "score:Q",
        title="accuracy",
        scale=alt.Scale(domain=[floor, 1.0], zero=False, nice=False),
        axis=alt.Axis(format=".0%"),
    )
    colour = alt.Color("colour:N", scale=None)
    measured = _rows(points).encode(x=x, color=colour)
    layers: list[alt.Chart | alt.LayerChart] = [
        _rows(ahead)
        .mark_area(opacity=0.15)
        .encode(x=x, y=alt.Y("low:Q", stack=None), y2="high:Q", color=colour, detail="rung:N"),
        _rows(fitted).mark_line(strokeWidth=1.5).encode(x=x, y=y, color=colour, detail="rung:N"),
        _rows(ahead).mark_line(strokeWidth=1.5, strokeDash=[4, 3]).encode(x=x, y=y, color=colour, detail="rung:N"),
        measured.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q"), y2="high:Q"),
        measured.mark_circle(size=55, opacity=1).encode(y=y),
        _rows(_ends(points, ahead))
        .mark_text(align="left", dx=6, fontSize=12)
        .encode(x=x, y=y, text="rung:N", color=colour),
    ]
    if target is not None:
        layers += _line(target, f"target {asked_percent(target)}", TARGET, dy=-8)
    if found.label_ceiling.high is not None:
        layers += _line(found.label_ceiling.high, f"label ceiling {percent(found.label_ceiling.high)}", MUTED, dy=-8)
    tells = "Accuracy of each rung over the number of training messages, with forecasts, and the target"
    return inline_svg(alt.layer(*layers), name="data-curve", tells=tells, height=330, right=70)


def _ahead(found: Diagnosis, proposed: str) -> list[dict[str, Any]]:
    """From the largest size that was run to the furthest forecast."""
    rows = []
    for rung in dict.fromkeys(one.rung for one in found.forecast):
        last = max((point for point in found.curves if point.rung == rung), key=lambda point: point.n)
        colour = ACCENT if rung == proposed else MUTED
        rows.append(
            {
                "n": last.n,
                "score": last.accuracy if last.fitted is None else last.fitted,
                "low": last.interval.low,
                "high": last.interval.high,
                "rung": rung,
                "colour": colour,
            }
        )
        rows += [
            {
                "n": one.n,
                "score": one.accuracy,
                "low": one.interval.low,
                "high": one.interval.high,
                "rung": rung,
                "colour": colour,
            }
            for one in found.forecast
            if one.rung == rung
        ]
    return rows


def _ends(points: list[dict[str, Any]], ahead: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The right end of each rung's line, where its name stands."""
    rungs = dict.fromkeys(row["rung"] for row in points)
    return [max((row for row in [*points, *ahead] if row["rung"] == rung), key=lambda row: row["n"]) for rung in rungs]


def _line(value: float, written: str, colour: str, *, dy: int) -> list[alt.Chart]:
    rows = _rows([{"score": value, "written": written}])
    y = alt.Y("score:Q")
    return [
        rows.mark_rule(**(_RULE | {"color": colour})).encode(y=y),
        rows.mark_text(color=colour, fontSize=12, align="left", dy=dy, dx=2).encode(
            y=y, x=alt.value(0), text="written:N"
        ),
    ]


def gap_chart(gap: Gap) -> Markup | None:
    """From what was measured to the target: one bar for each switch, and what none of them explains.

    Args:
        gap: with its shares.

    Returns:
        None where no switch was run.
    """
    if not gap.shares:
        return None
    rows, at = [_bar("measured", 0.0, gap.measured, MUTED, percent(gap.measured))], gap.measured
    for share in gap.shares:
        colour = ACCENT if share.shapley >= 0 else TARGET
        name = CAUSE_WORDS[share.cause]
        rows.append(_bar(name, at, at + share.shapley, colour, difference(share.shapley)))
        at += share.shapley
    if gap.unexplained > 0:
        rows.append(_bar("unexplained", at, gap.target, LINE, difference(gap.unexplained)))
    if gap.evidence is not None and gap.evidence > 0:
        rows.append(_bar("evidence", gap.target, gap.target + gap.evidence, LINE, difference(gap.evidence)))
    names = [row["name"] for row in rows]
    ends = [end for row in rows[1:] for end in (row["start"], row["end"])] + [gap.measured, gap.target]
    low, high = max(0.0, min(ends) - 0.04), min(1.0, max(ends) + 0.03)
    x = alt.X("from:Q", title=gap.metric.replace("_", "-"), scale=alt.Scale(domain=[low, high], clamp=True))
    y = alt.Y(
        "name:N", title=None, scale=alt.Scale(domain=names), axis=alt.Axis(ticks=False, domain=False, labelPadding=8)
    )
    drawn = _rows([row | {"from": max(low, row["start"])} for row in rows]).encode(y=y)
    target = _rows([{"from": gap.target, "written": f"target {asked_percent(gap.target)}"}])
    layers = [
        drawn.mark_bar(height=16).encode(x=x, x2="end:Q", color=alt.Color("colour:N", scale=None)),
        drawn.mark_text(align="left", dx=8, fontSize=12).encode(x=alt.value("width"), text="written:N"),
        target.mark_rule(**_RULE).encode(x=x),
        target.mark_text(color=TARGET, fontSize=12).encode(x=x, y=alt.value(-9), text="written:N"),
    ]
    tells = "From the measured score to the target, one bar for each switch"
    return inline_svg(alt.layer(*layers), name="gap", tells=tells, height=64 + 30 * len(rows), right=90)


def _bar(name: str, start: float, end: float, colour: str, written: str) -> dict[str, Any]:
    return {"name": name, "start": start, "end": end, "colour": colour, "written": written}


def _rows(rows: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows))
