"""Words and signs beside a number that say what it counts, as far as they can be held against each other exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """What a number is counted in."""

    measures: str
    """What it measures: units of one measure convert into each other, others never equal each other."""
    factor: Fraction
    """How many of the measure's own unit it is, exactly."""


def _table() -> dict[str, Unit]:
    """Every spelling in lower case to its unit.

    Source of the factors: BIPM, The International System of Units, 9th ed.; yard and pound by the agreement of 1959 (a
    yard is 0.9144 m, a pound 0.45359237 kg). Months and years have no fixed length and convert into no days. Money of
    one currency converts into none of another.
    """
    measures: dict[str, dict[str, str]] = {
        "length": {
            "m meter meters metre metres": "1",
            "km kilometer kilometers kilometre kilometres": "1000",
            "cm centimeter centimeters centimetre centimetres": "1/100",
            "mm millimeter millimeters millimetre millimetres": "1/1000",
            "inch inches": "254/10000",
            "ft foot feet": "3048/10000",
            "yd yard yards": "9144/10000",
            "mile miles": "1609344/1000",
        },
        "mass": {
            "g gram grams": "1",
            "kg kilogram kilograms": "1000",
            "mg milligram milligrams": "1/1000",
            "lb lbs": "45359237/100000",
            "oz ounce ounces": "45359237/1600000",
        },
        "time": {
            "s sec secs second seconds": "1",
            "min mins minute minutes": "60",
            "h hr hrs hour hours": "3600",
            "day days": "86400",
            "week weeks": "604800",
        },
        "years": {"month months": "1", "year years": "12"},
        "volume": {"l liter liters litre litres": "1", "ml milliliter milliliters millilitre millilitres": "1/1000"},
        "dollars": {"$ usd us$ dollar dollars": "1", "cent cents ¢": "1/100"},
        "euros": {"€ eur euro euros": "1"},
        "pounds sterling": {"£ gbp": "1"},
        "yen": {"¥ jpy yen": "1"},
        "rupees": {"₹ inr rupee rupees": "1"},
    }
    return {
        word: Unit(measures=measure, factor=Fraction(factor))
        for measure, units in measures.items()
        for words, factor in units.items()
        for word in words.split()
    }


UNITS = _table()
"""Units by every spelling; a pound, which may be mass or money, is none."""
CURRENCIES = "$€£¥₹¢"
"""Signs that may stand right before a number."""
MONEY = tuple(word for word, unit in UNITS.items() if unit.measures in {"dollars", "euros", "pounds sterling", "yen"})
"""Spellings of money that may stand behind a number."""
SCALE_WORDS = {
    "hundred": 2,
    "thousand": 3,
    "lakh": 5,
    "million": 6,
    "crore": 7,
    "billion": 9,
    "trillion": 12,
}
"""Words that multiply the number before them, to their powers of ten. A dozen is none: who is asked how many dozens
says `5 dozen` for 5."""
SCALES = {"dozen": 12} | {word: 10**power for word, power in SCALE_WORDS.items()}
"""Words that multiply, to what by: those, and a dozen, which may stand behind a part of a result (36 is 3 dozen)."""
SCALE_LETTERS = {"k": 3, "K": 3, "M": 6, "mn": 6, "mln": 6, "B": 9, "bn": 9, "tn": 12, "trn": 12}
"""The same for what is written for such words behind any number, capitals only where they touch it."""
MONEY_LETTERS = {"k": 3, "K": 3, "m": 6, "M": 6, "b": 9, "B": 9, "t": 12, "T": 12}
"""The same for letters that are something else (metres, tonnes) where no money stands beside them."""


def scale_of(written: str) -> int:
    """The power of ten that the words or letters behind a number multiply it by.

    Args:
        written: of `SCALE_WORDS`, in any case and number, one or more (`hundred thousand`), or a key of
            `SCALE_LETTERS` or `MONEY_LETTERS`.
    """
    letters = SCALE_LETTERS | MONEY_LETTERS
    written = written.replace("-", " ").strip()
    if written in letters:
        return letters[written]
    return sum(SCALE_WORDS[word.removesuffix("s")] for word in written.casefold().split())


def unit_of(words: str) -> Unit | None:
    """The unit that the words beside a number begin with; None where they name none that is known.

    Words that are no unit (`apples`, `more`) say what was counted, and nobody can hold those against each other.

    Args:
        words: what stands beside the number.
    """
    first = words.split(maxsplit=1)[0].strip(".,;:()").casefold() if words.strip() else ""
    return UNITS.get(first)
