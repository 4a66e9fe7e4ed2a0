"""How figures are shown to a person: one place for every rounding rule, plain text only.

Estimates are rounded to the nearest step, lower bounds down and upper bounds up, so that no bound is shown better than
it is. Where rounding would say something untrue (100.0% for 0.9997, or 95.0% for a 0.9496 that misses a target of
0.95) decimals are added until it does not; an end of an interval takes one more decimal at most, and is then `<0.01`
or `>99.99`.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal

from suffice.records.evaluation import Interval
from suffice.text.counted import counted

Bound = Literal["lower", "upper"]

_ROUNDING = {None: ROUND_HALF_UP, "lower": ROUND_FLOOR, "upper": ROUND_CEILING}
_DIGITS_OF_A_FLOAT = 17
_RAISED = str.maketrans(
    "-0123456789", "\N{SUPERSCRIPT MINUS}\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
)
_SUM_ERROR = 1e-9  # what adding many floats may leave over from 0: shown as 0.0, not as 0.0000000001


def percent(value: float, *, bound: Bound | None = None, against: float | None = None) -> str:
    """A fraction as a percentage with one decimal: `99.5%`.

    Args:
        value: the fraction.
        bound: which bound it is; None for an estimate.
        against: a target that the shown figure must stand on the same side of as `value` does.
    """
    return f"{_shown(value, scale=100, places=1, bound=bound, against=against)}%"


def fraction(value: float, *, bound: Bound | None = None, against: float | None = None) -> str:
    """A figure such as macro-F1 with three decimals: `0.987`.

    Args:
        value: the figure.
        bound: which bound it is; None for an estimate.
        against: a target that the shown figure must stand on the same side of as `value` does.
    """
    return _shown(value, scale=1, places=3, bound=bound, against=against)


def points(value: float, *, bound: Bound | None = None, against: float | None = None) -> str:
    """The size of a difference between fractions, without its sign: `1.2 points`.

    Args:
        value: the difference.
        bound: which bound of the size it is; None for an estimate.
        against: a margin that the shown size must stand on the same side of.
    """
    shown = _shown(abs(value), scale=100, places=1, bound=bound, against=against)
    return f"{shown} point{'' if shown == '1.0' else 's'}"


def difference(value: float, *, bound: Bound | None = None, against: float | None = None) -> str:
    """A difference between fractions with its sign: `-1.2 points`.

    Args:
        value: the difference.
        bound: which bound of the difference itself it is; None for an estimate.
        against: a margin that the shown size must stand on the same side of.
    """
    turned: dict[Bound, Bound] = {"lower": "upper", "upper": "lower"}
    of_size = turned[bound] if bound is not None and value < 0 else bound
    sign = "-" if value < 0 else "+" if value > 0 else ""
    return f"{sign}{points(value, bound=of_size, against=against)}"


def margin_points(value: float) -> str:
    """By how much more probable one label is than another, in whole points and never a certainty: `83 points`.

    Args:
        value: difference of two probabilities, 0 to 1.
    """
    if value > 0.99:
        return "over 99 points"
    if value < 0.01:
        return "under 1 point"
    return counted(int((_exact(value) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP)), "point")


def percent_interval(interval: Interval) -> str:
    """An interval on a fraction: `98.4 to 99.9%`, `<0.01 to 4.5%`.

    Args:
        interval: its two ends, fractions.
    """
    return f"{_low_end(interval.low, scale=100, places=1)} to {_high_end(interval.high, scale=100, places=1)}%"


def fraction_interval(interval: Interval) -> str:
    """An interval on a figure such as macro-F1: `0.981 to 0.996`.

    Args:
        interval: its two ends.
    """
    return f"{_low_end(interval.low, scale=1, places=3)} to {_high_end(interval.high, scale=1, places=3)}"


def signed_points(interval: Interval) -> str:
    """An interval on a difference of fractions: `-0.3 to +2.1 points`.

    Args:
        interval: its two ends.
    """
    ends = ((interval.low, ROUND_FLOOR), (interval.high, ROUND_CEILING))
    low, high = ((_exact(end) * 100).quantize(Decimal("0.1"), rounding=rounding) for end, rounding in ends)
    return f"{low + 0:+} to {high + 0:+} points"


def asked_percent(target: float) -> str:
    """What a person asked for, as they wrote it: `95%`, `97.25%`.

    Args:
        target: the fraction.
    """
    return f"{(_exact(target) * 100).normalize():f}%"


def asked_points(margin: float) -> str:
    """A margin as a person wrote it: `2 points`.

    Args:
        margin: the fraction.
    """
    shown = f"{(_exact(margin) * 100).normalize():f}"
    return f"{shown} point{'' if shown == '1' else 's'}"


def confidence(alpha: float) -> str:
    """The confidence of a one-sided bound, rounded down: `96%`, `99.5%`.

    Args:
        alpha: level of the bound, 0 to 1.
    """
    shown = ((1 - _exact(alpha)) * 100).quantize(Decimal("0.001"), rounding=ROUND_FLOOR)
    return f"{shown.normalize():f}%"


def p_value(value: float) -> str:
    """The p-value of a test: `p = 0.042`, `p < 0.001`.

    Args:
        value: 0 to 1.
    """
    return "p < 0.001" if value < 0.001 else f"p = {fraction(value)}"


def q_value(value: float) -> str:
    """A p-value with all tests of its family taken into account: `q = 0.042`, `q < 0.001`.

    Args:
        value: 0 to 1.
    """
    return p_value(value).replace("p", "q", 1)


def power_words(value: float) -> str:
    """A power of ten: `0.01`, `10,000`, and `10⁻⁷` where that has too many zeros to be read.

    Args:
        value: a whole power of ten.
    """
    if 1e-3 <= value <= 1e4:
        return f"{value:,g}"
    return f"10{str(round(math.log10(value))).translate(_RAISED)}"


def milliseconds(value: float) -> str:
    """A latency, with two significant figures below 10: `0.42 ms`, `3.1 ms`, `1,250 ms`.

    Args:
        value: milliseconds.
    """
    if value >= 9.95:
        return f"{value:,.0f} ms"
    return f"{value:.1f} ms" if value >= 0.995 else f"{value:.2g} ms"


def megabytes(value: int) -> str:
    """A size, 1 MB being a million bytes: `<0.1 MB`, `12.3 MB`, `1,543 MB`.

    Args:
        value: bytes.
    """
    size = value / 1e6
    if 0 < size < 0.05:
        return "<0.1 MB"
    return f"{size:.1f} MB" if size < 99.95 else f"{size:,.0f} MB"


def duration(seconds: float) -> str:
    """A training time: `<0.1 s`, `0.4 s`, `48 s`, `15 min`, `3.2 h`.

    Args:
        seconds: wall time.
    """
    if 0 < seconds < 0.05:
        return "<0.1 s"
    if seconds < 119.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_170 else f"{seconds / 3600:.1f} h"


def about_rows(n: int) -> str:
    """A number of rows to be labelled, rounded up to two significant figures: `1,200`.

    Args:
        n: rows, at least 1.
    """
    step = int(10 ** max(0, math.floor(math.log10(n)) - 1))
    return f"{-(-n // step) * step:,}"


def _shown(value: float, *, scale: int, places: int, bound: Bound | None, against: float | None) -> str:
    """The fewest decimals, `places` or more, that say of 0, 1 and the target what the value itself says."""
    exact = _exact(value) * scale
    limits = [Decimal(scale)] + ([] if against is None else [_exact(against) * scale])
    if abs(value) > _SUM_ERROR:
        limits.append(Decimal(0))
    for decimals in range(places, places + _DIGITS_OF_A_FLOAT):
        shown = exact.quantize(Decimal(1).scaleb(-decimals), rounding=_ROUNDING[bound])
        if all(_side(shown, limit) == _side(exact, limit) for limit in limits):
            return f"{abs(shown) if shown == 0 else shown:,f}"
    return f"{exact:f}"


def _low_end(value: float, *, scale: int, places: int) -> str:
    """The lower end of an interval, rounded down."""
    least = Decimal(1).scaleb(-places - 1)
    if value > _SUM_ERROR and _exact(value) * scale < least:
        return f"<{least}"
    return _shown(value, scale=scale, places=places, bound="lower", against=None)


def _high_end(value: float, *, scale: int, places: int) -> str:
    """The upper end of an interval, rounded up."""
    most = scale - Decimal(1).scaleb(-places - 1)
    if value < 1.0 and _exact(value) * scale > most:
        return f">{most}"
    return _shown(value, scale=scale, places=places, bound="upper", against=None)


def _side(value: Decimal, limit: Decimal) -> int:
    return (value > limit) - (value < limit)


def _exact(value: float) -> Decimal:
    """The number that a float is written as, so that 0.283 is rounded as 0.283 and not as 0.28299..."""
    return Decimal(repr(float(value)))
