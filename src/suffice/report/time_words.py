"""What time does to accuracy, in plain English sentences."""

from __future__ import annotations

from suffice.records.evaluation import Interval, TimeLayer
from suffice.records.time import Aging, KeepingUp
from suffice.stats.trend import MIN_ROWS
from suffice.text.counted import counted
from suffice.text.rounding import about_rows, asked_points, difference, signed_points


def time_sentence(layer: TimeLayer) -> str:
    """How accuracy moves over the months of the rows that were scored.

    Args:
        layer: of one evaluation.
    """
    if layer.slope is None or layer.interval is None:
        months = f"{counted(len(layer.months), 'month')} from {layer.months[0].month} to {layer.months[-1].month}"
        return f"Over {months} no change per month is measured: {layer.why_none}."
    enough = [month.month for month in layer.months if month.n >= MIN_ROWS]
    months = f"{len(enough)} months with {MIN_ROWS} messages or more, {enough[0]} to {enough[-1]},"
    return f"Over {months} accuracy moves by {_per_month(layer.slope, layer.interval)}."


def aging_sentence(aging: Aging) -> str:
    """How accuracy moves with the months since the last training message.

    Args:
        aging: of the proposed rung.
    """
    begin = f"{aging.rung} was fitted on messages up to {aging.trained_until}"
    if aging.slope is None or aging.interval is None:
        return f"{begin}. What it loses with time is not measured: {aging.why_none}."
    told = f"{begin}; since then accuracy moves by {_per_month(aging.slope, aging.interval)}, over {aging.n:,} messages"
    if aging.held_slope is None or aging.held_interval is None:
        return f"{told}; no label has rows enough to tell whether that is more than another mix of labels."
    held = f"with the mix of labels held as it is, by {_per_month(aging.held_slope, aging.held_interval)}"
    return f"{told}; {held}: {_shown_loss(aging.held_interval)}."


def keeping_up_sentence(keeping: KeepingUp) -> str:
    """What relabelling would hold the loss.

    Args:
        keeping: by the simple model of `diagnose.keeping_up`.
    """
    point = asked_points(keeping.allowed)
    if keeping.high == 0.0:
        return "Nothing need be labelled anew on that account."
    upper = f"at most {_labels(keeping.high)} at the interval's end"
    if keeping.labels_per_month == 0.0 or keeping.months_until_lost is None:
        return f"Nothing need be labelled anew on that account; {upper} would keep any loss within {point}."
    money = keeping.cost_per_month
    cost = "" if money is None else f", {money:,.2f} a month at {keeping.price_per_label:g} a label"
    begin = "Left alone it is" if keeping.low > 0.0 else "Were it losing as measured, it would be"
    return (
        f"{begin} down by {point} after {keeping.months_until_lost:.1f} months. About "
        f"{_labels(keeping.labels_per_month)} in the place of the oldest would keep it within that "
        f"({_shown(keeping.low)} to {_shown(keeping.high)} over the interval; the rows at hand came at "
        f"{_shown(keeping.most)} a month){cost}."
    )


def _shown_loss(interval: Interval) -> str:
    if interval.high < 0.0:
        return "it is losing"
    return "a loss is not shown" if interval.low < 0.0 else "it loses nothing"


def _per_month(slope: float, interval: Interval) -> str:
    return f"{difference(slope)} a month (95% interval {signed_points(interval)})"


def _labels(n: float) -> str:
    return f"{_shown(n)} fresh labels a month"


def _shown(n: float) -> str:
    return "0" if n <= 0.0 else about_rows(max(1, round(n)))
