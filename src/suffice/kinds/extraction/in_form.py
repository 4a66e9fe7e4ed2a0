"""A right answer as the form that was asked for takes it: what is taught, and what a system can be held to letter by
letter.

Data writes `$1,000`, `18 dollars` or `3 1/2 hours`, and the form takes a number with nothing beside it. Whoever learns
the answer as the data writes it learns a form that no grader calls strict.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from suffice.kinds.extraction.final_answer import parse
from suffice.kinds.numbers.numerals import Quantity, first_quantity, quantity_of
from suffice.records.answer_spec import PLACE, AnswerSpec

MAX_KEPT = 100
"""Characters of an answer whose form is kept in memory."""


def in_form(answer: str, spec: AnswerSpec) -> str:
    """An answer as it stands in the form: as it is where the form takes it so, and otherwise of the same value.

    A number is then written out, exactly: digits, a fraction where it is no decimal, a percent sign where it has one,
    no unit and no currency. Other answers lose their line breaks.

    Args:
        answer: a right one, as the data writes it.
        spec: what an answer is and how it is asked for.
    """
    return _short_in_form(answer, spec) if len(answer) <= MAX_KEPT else _in_form(answer, spec)


@lru_cache(maxsize=10_000)
def _short_in_form(answer: str, spec: AnswerSpec) -> str:
    return _in_form(answer, spec)


def _in_form(answer: str, spec: AnswerSpec) -> str:
    if parse(spec.form.replace(PLACE, answer), spec).strict == answer:
        return answer
    if spec.type != "number":
        return " ".join(answer.split())
    quantity = quantity_of(answer) or first_quantity(answer)
    return answer if quantity is None else _written_out(quantity)


def _written_out(quantity: Quantity) -> str:
    # `f` writes a decimal without an exponent; of a fraction it would round.
    value = quantity.value
    number = f"{value.numerator}/{value.denominator}" if isinstance(value, Fraction) else f"{value:f}"
    return f"{number.removesuffix('/1')}{'%' if quantity.percent else ''}"
