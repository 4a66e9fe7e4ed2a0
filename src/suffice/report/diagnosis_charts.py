"""What is in the way, drawn: accuracy over data for each rung, and the gap as a waterfall."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import altair as alt
from markupsafe import Markup

from suffice.records.diagnosis import Diagnosis, Gap, Plan
from suffice.report.places import kept_apart, ticks_apart
from suffice.report.svg import ACCENT, HATCHED, INK, LINE, MUTED, TARGET, WIDE, WIDTH, inline_svg
from suffice.text.rounding import asked_percent, difference, percent

_RULE: dict[str, Any] = {"color": TARGET, "strokeDash": [5, 3], "strokeWidth": 1.5}
_AROUND_PLOT = 66
"""Pixels of a chart's height that are not its plot: padding, ticks and the title of the axis."""
_LINE_HEIGHT = 15
"""Pixels that a line of text takes."""
MAX_FORETOLD = 3
"""Plans that are drawn beside the gap."""
CAUSE_WORDS = {
    "training": "training",
    "form": "form",
    "prompt": "wording",
    "retrieval": "retrieval",
    "train_labels": "training labels",
    "train_traces": "training traces",
    "eval_labels": "evaluation labels",
    "next_rung": "next rung",
    "merge_labels": "merged labels",
}
"""What a switch is called on the page."""


def data_chart(found: Diagnosis, *, proposed: str, target: float | None, wide: bool) -> Markup | None:
    """The score over training rows: points with intervals, the fitted curve through them, forecasts dashed and hatched.

    Args:
        found: what is in the way.
        proposed: the rung that is drawn in the accent colour.
        target: where a line is drawn; None for no line.
        wide: for the whole width of a page, or else for a phone.

    Returns:
        None where no rung was run at two sizes.
    """
    shown = [point for point in found.curves if point.rung != "majority"]
    if max(Counter(point.rung for point in shown).values(), default=0) < 2:
        return None
    width, height, right = (WIDE, 380, 150) if wide else (WIDTH, 330, 100)
    points = [
        {
            "n": point.n,
            "score": point.accuracy,
            "low": point.interval.low,
            "high": point.interval.high,
            "rung": point.rung,
            "colour": _colour(point.rung, proposed),
        }
        for point in shown
    ]
    fitted = [
        {"n": point.n, "score": point.fitted, "rung": point.rung, "colour": _colour(point.rung, proposed)}
        for point in shown
        if point.fitted is not None
    ]
    ahead = _ahead(found, proposed)
    lowest = min(
        min(row["low"], row["score"]) for row in (*points, *({"low": row["score"], **row} for row in fitted), *ahead)
    )
    floor = max(0.0, math.floor(20 * lowest - 0.01) / 20)
    sizes = [float(row["n"]) for row in (*points, *ahead)]
    ends = [0.92 * min(sizes), 1.04 * max(sizes)]
    ratio = (ends[1] / ends[0]) ** (52 / (width - right - 70))
    x = alt.X(
        "n:Q",
        title="training rows (logarithmic)",
        scale=alt.Scale(type="log", domain=ends, nice=False),
        axis=alt.Axis(format=",d", values=ticks_apart(sizes, ratio=ratio), grid=False),
    )
    y = alt.Y(
        "score:Q",
        title=metric_words(found).lower(),
        scale=alt.Scale(domain=[floor, 1.0], zero=False, nice=False),
        axis=alt.Axis(format=".0%", tickCount=6),
    )
    colour = alt.Color("colour:N", scale=None)
    measured = _rows(points).encode(x=x, color=colour)
    per_pixel = (1.0 - floor) / (height - _AROUND_PLOT)
    named = _rows([row | {"end": ends[1]} for row in _named(points, ahead, floor=floor, per_pixel=per_pixel)])
    layers: list[alt.Chart | alt.LayerChart] = [
        _rows(ahead).mark_area(fill=HATCHED).encode(x=x, y=alt.Y("low:Q", stack=None), y2="high:Q", detail="rung:N"),
        *_lines(found, target, per_pixel=per_pixel),
        _rows(fitted).mark_line(strokeWidth=1.5).encode(x=x, y=y, color=colour, detail="rung:N"),
        _rows(ahead).mark_line(strokeWidth=1.5, strokeDash=[4, 3]).encode(x=x, y=y, color=colour, detail="rung:N"),
        measured.mark_rule(strokeWidth=1.5).encode(y=alt.Y("low:Q"), y2="high:Q"),
        measured.mark_circle(size=55, opacity=1).encode(y=y),
        named.mark_rule(strokeWidth=1, strokeDash=[1, 2]).encode(x=x, x2="end:Q", y=y, y2="place:Q", color=colour),
        named.mark_text(align="left", dx=5, fontSize=12, limit=right - 10).encode(
            x=alt.value("width"), y=alt.Y("place:Q"), text="rung:N", color=colour
        ),
    ]
    tells = f"{metric_words(found)} of each rung over the number of training rows, with forecasts, and the target"
    name = "data-wide" if wide else "data-narrow"
    return inline_svg(alt.layer(*layers), name=name, tells=tells, height=height, right=right, width=width)


def metric_words(found: Diagnosis) -> str:
    """What the curves are of: `Accuracy`, `Macro-F1`.

    Args:
        found: what is in the way.
    """
    return "Macro-F1" if _is_f1(found) else "Accuracy"


def _is_f1(found: Diagnosis) -> bool:
    return found.gap is not None and found.gap.metric == "macro_f1"


def _colour(rung: str, proposed: str) -> str:
    return ACCENT if rung == proposed else MUTED


def _ahead(found: Diagnosis, proposed: str) -> list[dict[str, Any]]:
    """From the largest size that was run to the furthest forecast."""
    rows = []
    for rung in dict.fromkeys(one.rung for one in found.forecast):
        last = max((point for point in found.curves if point.rung == rung), key=lambda point: point.n)
        rows.append(
            {
                "n": last.n,
                "score": last.accuracy if last.fitted is None else last.fitted,
                "low": last.interval.low,
                "high": last.interval.high,
                "rung": rung,
                "colour": _colour(rung, proposed),
            }
        )
        rows += [
            {
                "n": one.n,
                "score": one.accuracy,
                "low": one.interval.low,
                "high": one.interval.high,
                "rung": rung,
                "colour": _colour(rung, proposed),
            }
            for one in found.forecast
            if one.rung == rung and one.trust != "guess"
        ]
    return rows


def _named(
    points: list[dict[str, Any]], ahead: list[dict[str, Any]], *, floor: float, per_pixel: float
) -> list[dict[str, Any]]:
    """The right end of each rung's line, and the place of its name beside the plot."""
    rungs = dict.fromkeys(row["rung"] for row in points)
    ends = [max((row for row in [*points, *ahead] if row["rung"] == rung), key=lambda row: row["n"]) for rung in rungs]
    places = kept_apart([row["score"] for row in ends], least=_LINE_HEIGHT * per_pixel, low=floor, high=1.0)
    return [row | {"place": place} for row, place in zip(ends, places, strict=True)]


def _lines(found: Diagnosis, target: float | None, *, per_pixel: float) -> list[alt.Chart]:
    """Target and label ceiling; where the two are near, the lower one's name stands under its line."""
    lines = [] if target is None else [(target, f"target {asked_percent(target)}", TARGET)]
    ceiling = None if found.label_ceiling is None else found.label_ceiling.high
    if ceiling is not None and not _is_f1(found):  # It is a share of messages.
        lines.append((ceiling, f"label ceiling {percent(ceiling)}", MUTED))
    lines.sort(reverse=True)
    layers: list[alt.Chart] = []
    for place, (value, written, colour) in enumerate(lines):
        near = place > 0 and lines[0][0] - value < 1.5 * _LINE_HEIGHT * per_pixel
        top = 1.0 - value < _LINE_HEIGHT * per_pixel
        layers += _line(value, written, colour, dy=10 if near or (top and len(lines) == 1) else -8)
    return layers


def _line(value: float, written: str, colour: str, *, dy: int) -> list[alt.Chart]:
    rows = _rows([{"score": value, "written": written}])
    y = alt.Y("score:Q")
    return [
        rows.mark_rule(**(_RULE | {"color": colour})).encode(y=y),
        rows.mark_text(color=colour, fontSize=12, align="left", dy=dy, dx=4).encode(
            y=y, x=alt.value(0), text="written:N"
        ),
    ]


def gap_chart(gap: Gap, plans: Sequence[Plan], *, wide: bool) -> Markup | None:
    """From what was measured to the target: one bar for each switch, and what none of them explains.

    What was not run but foretold is hatched, and stands under the sum, from what was measured.

    Args:
        gap: with its shares.
        plans: those that are foretold are drawn.
        wide: for the whole width of a page, or else for a phone.

    Returns:
        None where no switch was run and nothing is foretold.
    """
    foretold = [plan for plan in plans if plan.predicted and plan.steps][:MAX_FORETOLD]
    if not gap.shares and not foretold:
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
    rows += [
        _bar(_foretold(plan, gap.rung), gap.measured, plan.score, HATCHED, difference(plan.score - gap.measured))
        for plan in foretold
    ]
    if not wide:
        rows = [row | {"written": row["written"].partition(" ")[0]} for row in rows]
    names = list(dict.fromkeys(row["name"] for row in rows))
    ends = [end for row in rows[1:] for end in (row["start"], row["end"])] + [gap.measured, gap.target]
    low, high = max(0.0, min(ends) - 0.04), min(1.0, max(ends) + 0.03)
    axis = alt.Axis(format=".0%" if gap.metric == "accuracy" else "~f", tickCount=8 if wide else 4)
    x = alt.X(
        "from:Q", title=gap.metric.replace("_f1", "-F1"), axis=axis, scale=alt.Scale(domain=[low, high], clamp=True)
    )
    y = alt.Y(
        "name:N",
        title=None,
        scale=alt.Scale(domain=names),
        axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelLimit=300 if wide else 112),
    )
    drawn = _rows([row | {"from": max(low, row["start"])} for row in rows]).encode(y=y)
    target = _rows([{"from": gap.target, "written": f"target {asked_percent(gap.target)}"}])
    layers = [
        drawn.mark_bar(height=16).encode(x=x, x2="end:Q", color=alt.Color("colour:N", scale=None)),
        drawn.mark_text(align="left", dx=8, fontSize=12, color=INK).encode(x=alt.value("width"), text="written:N"),
        target.mark_rule(**_RULE).encode(x=x),
        target.mark_text(color=TARGET, fontSize=12).encode(x=x, y=alt.value(-9), text="written:N"),
    ]
    tells = "From the measured score to the target, one bar for each switch; hatched bars are foretold"
    return inline_svg(
        alt.layer(*layers),
        name="gap-wide" if wide else "gap-narrow",
        tells=tells,
        height=64 + 30 * len(names),
        right=90 if wide else 52,
        width=WIDE if wide else WIDTH,
    )


def _foretold(plan: Plan, rung: str) -> str:
    steps = " + ".join(step.code.replace("_", " ") for step in plan.steps)
    return steps if plan.rung == rung else f"{steps} ({plan.rung})"


def _bar(name: str, start: float, end: float, colour: str, written: str) -> dict[str, Any]:
    return {"name": name, "start": start, "end": end, "colour": colour, "written": written}


def _rows(rows: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows))
