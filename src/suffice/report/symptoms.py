"""Symptoms as a page tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from suffice.records.evaluation import Interval
from suffice.records.symptoms import Clear, Figure, Found, Looked, NotApplicable, SeenBefore
from suffice.text.rounding import difference, fraction, percent, percent_interval, signed_points

TITLES = {
    "repetition": "Repetition and generic output",
    "poor_logic": "Poor logic",
    "no_gain": "No gain after tuning",
    "hallucination": "Hallucination",
    "prompt_reliance": "Reliance on the prompt",
}
"""What each is called; one that is not here goes by its own name."""
State = Literal["found", "clear", "none"]
_UNITS = {"points": "percentage points", "fraction": "share"}
"""Units as a page calls them, whose values it writes with a sign of their own; others by their own name."""
STATE_WORDS: dict[State, str] = {"found": "found", "clear": "clear", "none": "not applicable"}


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownFigure:
    """One figure, written."""

    what: str
    value: str
    unit: str
    interval: str | None
    """With its confidence; None where it has none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownSymptom:
    """One symptom, written."""

    title: str
    state: State
    means: str
    """What is meant by it and where that comes from, a sentence."""
    says: str
    """Without a full stop."""
    figures: tuple[ShownFigure, ...]
    threshold: str | None
    """What divides found from clear, and where that comes from; None where nothing was measured."""
    seen: str | None
    """How often it is found where size is the cause and where not; None where it could not be looked for."""

    @property
    def state_words(self) -> str:
        """Found, clear, or not applicable."""
        return STATE_WORDS[self.state]


def symptoms_shown(looked: Sequence[Looked]) -> tuple[ShownSymptom, ...]:
    """Every symptom, in the order in which they were looked for.

    Args:
        looked: of one rung.
    """
    return tuple(_shown(one) for one in looked)


def _shown(one: Looked) -> ShownSymptom:
    title = TITLES.get(one.symptom, one.symptom.replace("_", " "))
    means = f"{_sentence(one.definition)} ({one.source})."
    if isinstance(one, NotApplicable):
        says = _sentence(one.why)
        return ShownSymptom(title=title, state="none", means=means, says=says, figures=(), threshold=None, seen=None)
    return ShownSymptom(
        title=title,
        state=one.state,
        means=means,
        says=_sentence(one.says),
        figures=tuple(_figure(figure) for figure in one.figures),
        threshold=_threshold(one),
        seen=_seen(one.seen),
    )


def _seen(seen: SeenBefore | None) -> str:
    if seen is None:
        return "How often it is found where size is the cause was not measured: no planted case could show it."
    low, high = seen.interval.low, seen.interval.high
    return (
        f"Of planted cases it was found in {seen.found_when_size} of {seen.n_size} where size was the cause and in "
        f"{seen.found_when_not} of {seen.n_not} where it was not: a likelihood ratio of {seen.likelihood_ratio:.2g} "
        f"({low:.2g} to {high:.2g}, 95%). {_told_by(low, high)}"
    )


def _told_by(low: float, high: float) -> str:
    """What a likelihood ratio of these ends says of size."""
    if low <= 1.0 <= high:
        return "So few cases do not tell whether it speaks for a model that is too small or against it."
    return f"It speaks {'for' if low > 1.0 else 'against'} a model that is too small."


def _threshold(one: Found | Clear) -> str | None:
    if not one.figures:
        return None
    value = _value(one.threshold, one.figures[0].unit).lstrip("+")
    return f"Threshold: {value} ({one.threshold_from})."


def _figure(figure: Figure) -> ShownFigure:
    unit = _UNITS.get(figure.unit, figure.unit)
    around = None if figure.interval is None else _interval(figure.interval, figure.unit)
    return ShownFigure(what=figure.what, value=_value(figure.value, figure.unit), unit=unit, interval=around)


def _value(value: float, unit: str) -> str:
    match unit:
        case "fraction":
            return percent(value)
        case "points":
            return difference(value)
        case "bits":
            return f"{value:.2f}"
        case "rounds":
            return f"{value:,.0f}"
        case _:
            return fraction(value)


def _interval(interval: Interval, unit: str) -> str:
    sure = f"{100 * interval.confidence:g}%"
    if unit == "points":
        return f"{signed_points(interval)} ({sure})"
    if unit == "fraction":
        return f"{percent_interval(interval)} ({sure})"
    return f"{interval.low:.2f} to {interval.high:.2f} ({sure})"


def _sentence(text: str) -> str:
    """With a capital, unless it begins with a name that has none."""
    text = text.rstrip(".")
    first = text.split(" ", 1)[0]
    return text if any(not letter.isalpha() for letter in first) else text[:1].upper() + text[1:]
