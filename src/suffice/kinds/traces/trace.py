"""A trace to what is right and wrong in it, without a model: its arithmetic computed anew, step by step."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from suffice.kinds.numbers.arithmetic import agreement, plainly
from suffice.kinds.numbers.arithmetic_tokens import Token, plain_signs, tokens_of
from suffice.kinds.numbers.known import MAX_DECIMALS, KnownNumbers, numbers_said
from suffice.kinds.traces.equations import Equation, equations_in, without_annotations
from suffice.kinds.traces.steps import Step, steps_of
from suffice.records.trace import StepFault, Stranger, TraceCheck

MAX_SHOWN = 80
"""Characters of what a fault quotes."""
_SHORT = Context(prec=6)
"""Digits of a number that is not shown exactly."""
_NAMED = re.compile(
    r"^(?:(?:so|then|therefore|thus|now|and|let|hence)[ ,]+)*(?P<name>[^\W\d_][^\d=:+*/()\n]{0,40}?)[ ]?[=:][ ]?"
    r"(?P<rest>[^\n]{1,400})$",
    re.IGNORECASE,
)
"""A line that gives a quantity its value: `x = 5`, `Total cost = 3 * 4 = $12`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadTrace:
    """A trace cut into steps, with its equations."""

    text: str
    """The trace, LaTeX's fractions as quotients; positions are in it."""
    steps: tuple[Step, ...]
    equations: tuple[Equation, ...]
    """In the order of the text."""
    of_step: tuple[int, ...]
    """Which step each equation stands in."""
    stated: str | None
    """What the trace's own line for the answer says."""


def read_trace(text: str, *, truncated: bool = False) -> ReadTrace:
    """Cuts a trace into steps and finds its equations.

    Args:
        text: a trace of any length.
        truncated: whether it was cut off: a number that stands last may then lack digits, and is not judged.
    """
    text = plain_signs(text).rstrip()
    cut = steps_of(text)
    equations = tuple(one for one in equations_in(text) if not (truncated and _may_be_cut(one, text)))
    starts = [step.start for step in cut.steps]
    places = tuple(max(bisect_right(starts, one.start) - 1, 0) for one in equations)
    return ReadTrace(text=text, steps=cut.steps, equations=equations, of_step=places, stated=cut.stated)


def _may_be_cut(equation: Equation, text: str) -> bool:
    return equation.end == len(text) or (
        equation.source == "annotation" and text[equation.end :].strip(" $,.").isdigit()
    )


def check_trace(
    trace: str, *, question: str = "", answer: str | None = None, gold_trace: str | None = None
) -> TraceCheck:
    """Computes a trace anew.

    Only what is wrong beyond doubt is a fault: a sum that does not add up, a number copied wrongly, a quantity with two
    values. That a sum is the wrong one to make is not seen here.

    Args:
        trace: the reasoning, with or without a line that states the answer.
        question: what was asked; without it no number is told to come from nowhere.
        answer: the final answer; where it is None, the trace's own line for it is taken.
        gold_trace: a trace that is known to be right.
    """
    return check_read(read_trace(trace), question=question, answer=answer, gold_trace=gold_trace)


def check_read(
    read: ReadTrace, *, question: str = "", answer: str | None = None, gold_trace: str | None = None
) -> TraceCheck:
    """As `check_trace`, of a trace that has been read.

    Args:
        read: the trace.
        question: what was asked; without it no number is told to come from nowhere.
        answer: the final answer; where it is None, the trace's own line for it is taken.
        gold_trace: a trace that is known to be right.
    """
    verdicts = Counter(one.verdict for one in read.equations)
    final = read.stated if answer is None else answer
    return TraceCheck(
        n_steps=len(read.steps),
        n_gold_steps=None if gold_trace is None else len(steps_of(gold_trace).steps),
        n_annotations=sum(one.source == "annotation" for one in read.equations),
        n_exact=verdicts["exact"],
        n_rounded=verdicts["rounded"],
        n_wrong=verdicts["wrong"],
        n_unreadable=verdicts["unreadable"],
        faults=tuple(sorted([*_miscomputed(read), *_contradictions(read)], key=lambda fault: fault.step)),
        strangers=tuple(_strangers(read, question)) if question else (),
        stated=read.stated,
        last_line_agrees=_last_line_agrees(read, final),
    )


def number_of(answer: str | None) -> Token | None:
    """The last number of an answer as it is written; None where it has none.

    Args:
        answer: `18`, `$1,800`, `72 clips`; None for none.
    """
    if answer is None:
        return None
    numbers = [token for token in tokens_of(plain_signs(answer)) if token.value is not None]
    return numbers[-1] if numbers else None


def shown(number: Fraction) -> str:
    """A number as a person writes it: whole or with at most six decimals, and about what it is where that is not exact
    or too long to read.

    Args:
        number: any within the bounds of `numbers.arithmetic`, which go far beyond the largest float.
    """
    rounded = round(number, MAX_DECIMALS)
    exact = _digits(rounded) if rounded == number else ""
    if 0 < len(exact) <= MAX_SHOWN:
        return exact
    about = _SHORT.divide(Decimal(rounded.numerator), Decimal(rounded.denominator))
    return f"about {about.normalize():g}"


def _digits(number: Fraction) -> str:
    """A number of at most six decimals, digit by digit."""
    if number.denominator == 1:
        return f"{number.numerator:,}"
    whole, parts = divmod(abs(int(number * 10**MAX_DECIMALS)), 10**MAX_DECIMALS)
    return f"{'-' if number < 0 else ''}{whole}.{parts:0{MAX_DECIMALS}d}".rstrip("0")


def _miscomputed(read: ReadTrace) -> Iterator[StepFault]:
    for equation, step in zip(read.equations, read.of_step, strict=True):
        if equation.verdict == "wrong" and equation.exact is not None:
            expected = shown(equation.exact)
            yield StepFault(step=step, what="arithmetic", got=equation.text[:MAX_SHOWN], expected=expected)
        if equation.copied is not None and equation.value is not None:
            yield StepFault(step=step, what="copied", got=equation.copied[:MAX_SHOWN], expected=shown(equation.value))


def _contradictions(read: ReadTrace) -> Iterator[StepFault]:
    """Quantities with a name of their own that are given two values."""
    values: dict[str, Token] = {}
    for place, step in enumerate(read.steps):
        found = _NAMED.match(without_annotations(step.text))
        said = _value_given(found["rest"]) if found else None
        if found is None or said is None:
            continue
        name = " ".join(found["name"].casefold().split())
        before = values.setdefault(name, said)
        if agreement(plainly(before), said) == "wrong" and agreement(plainly(said), before) == "wrong":
            got = f"{name} = {said.text}"[:MAX_SHOWN]
            yield StepFault(step=place, what="contradiction", got=got, expected=shown(plainly(before)))


def _value_given(rest: str) -> Token | None:
    """The number behind the last sign of equality, if nothing but a few words follows it."""
    tokens = tokens_of(rest)
    begins = max((place + 1 for place, token in enumerate(tokens) if token.kind == "equals"), default=0)
    last = [token for token in tokens[begins:] if token.text != "."]
    if not last or last[0].kind != "number" or last[0].value is None or len(last) > 4:
        return None
    plain_words = all(token.kind == "word" and len(token.text) > 1 for token in last[1:])
    return last[0] if plain_words else None


def _strangers(read: ReadTrace, question: str) -> Iterator[Stranger]:
    known = KnownNumbers(numbers_said(plain_signs(question)))
    for equation, step in zip(read.equations, read.of_step, strict=True):
        for token in equation.left:
            if token.kind == "number" and token not in known:
                yield Stranger(step=step, number=token.text[:MAX_SHOWN])
        for value in (equation.exact, equation.value):
            if value is not None:
                known.add(value)


def _last_line_agrees(read: ReadTrace, final: str | None) -> bool | None:
    """Whether the answer is a result of the last step, or a number in it that nothing is computed with."""
    answer = number_of(final)
    if answer is None or not read.steps:
        return None
    step, last = read.steps[-1], len(read.steps) - 1
    equations = [one for one, of in zip(read.equations, read.of_step, strict=True) if of == last]
    results = {abs(number) for one in equations for number in (one.value, one.exact) if number is not None}
    said = results | numbers_said(_without(read.text, step, equations))
    if not said or answer.value is None:
        return None
    # A percentage is answered as a share or in hundredths, money in dollars or cents; a sign is said by "less" as well.
    hundredths = answer.percent or any(sign in step.text for sign in ("%", "$", "cent"))
    scales = (1, 100, Fraction(1, 100)) if hundredths else (1,)
    return any(agreement(number * scale, answer, read=_as_written) != "wrong" for number in said for scale in scales)


def _as_written(token: Token) -> Fraction:
    assert token.value is not None, "a number that cannot be read is no answer"
    return token.value


def _without(text: str, step: Step, equations: list[Equation]) -> str:
    """A step's text without its equations."""
    parts, at = [], step.start
    for one in equations:
        parts.append(text[at : max(one.start, at)])
        at = max(one.end, at)
    return without_annotations(" ".join([*parts, text[at : step.end]]))
