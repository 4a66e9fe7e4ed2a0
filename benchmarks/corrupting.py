"""Right solutions corrupted on purpose, each with the class that it should land in: the truth of a benchmark.

Pure: a solution and a random generator go in, a completion with its truth comes out. What is asked for is a last line
`#### ANSWER`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from suffice.kinds.numbers.arithmetic import Unreadable, plainly, value_of
from suffice.kinds.numbers.arithmetic_tokens import tokens_of
from suffice.records.answers import AnswerClass

FORM = "#### {answer}"
UNITS = ("dollars", "apples", "hours", "miles", "people", "cookies", "pages")
LANGUAGES = {
    "de": ("Schritt {k}: Wir rechnen {equation}.", "Die Antwort lautet also {answer}."),
    "fr": ("Étape {k} : on calcule {equation}.", "La réponse est donc {answer}."),
    "es": ("Paso {k}: calculamos {equation}.", "La respuesta es {answer}."),
    "ru": ("Шаг {k}: вычисляем {equation}.", "Ответ: {answer}."),
    "zh": ("第{k}步：计算 {equation}。", "答案是 {answer}。"),
    "ar": ("الخطوة {k}: نحسب {equation}.", "الجواب هو {answer}."),
}
"""How a step and the answer are said."""
MOST_OF_TRACE = 0.8
"""A cut lies before this share of the trace: behind it the right value may stand there already."""
_ANNOTATION = re.compile(r"<<([^<>\n]+)=([^<>=\n]+)>>")
_NUMBER = re.compile(r"(?<![\w.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w]|[.,]\d)")
_IN_ANNOTATION = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Solution:
    """A right solution."""

    question: str
    trace: str
    """One step a line, with calculator annotations; without the answer's own line."""
    answer: str
    """The right answer, without separators."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Corrupted:
    """A completion and what is true of it."""

    kind: str
    """What was done to it: a key of `CORRUPTIONS`."""
    text: str
    stop_reason: str
    """`length` where it was cut off, else `stop`."""
    truth: AnswerClass
    """The class that it should land in."""
    wrong_step: int | None = None
    """The step, from 0, in which something was made wrong; None where nothing was."""


def plain_completion(solution: Solution) -> str:
    """The solution as it should have been written.

    Args:
        solution: a right one.
    """
    return f"{solution.trace}\n{FORM.format(answer=solution.answer)}"


def cut_off(solution: Solution, rng: random.Random) -> Corrupted | None:
    """Ends in the middle of the trace, before the right value is reached."""
    most = int(len(solution.trace) * MOST_OF_TRACE)
    if most < 2:
        return None
    text = solution.trace[: rng.randrange(1, most)]
    return Corrupted(kind="cut_off", text=text, stop_reason="length", truth="truncated_without_answer")


def answer_line_dropped(solution: Solution, rng: random.Random) -> Corrupted | None:
    """Ends with the last step, whose last number is the answer."""
    numbers = _NUMBER.findall(_ANNOTATION.sub("", solution.trace.splitlines()[-1]))
    if not numbers or _value(numbers[-1]) != _value(solution.answer):
        return None
    return _finished("answer_line_dropped", solution.trace, "right_value_wrong_form")


def unit_added(solution: Solution, rng: random.Random) -> Corrupted | None:
    """A unit or a currency stands beside the answer."""
    answer = rng.choice((f"${solution.answer}", f"{solution.answer} {rng.choice(UNITS)}", f"{solution.answer}€"))
    text = f"{solution.trace}\n{FORM.format(answer=answer)}"
    return _finished("unit_added", text, "right_value_wrong_form")


def thousands_separators(solution: Solution, rng: random.Random) -> Corrupted | None:
    """Commas, which every grader of this set ignores, or blanks, which are another form."""
    if not solution.answer.isdigit() or len(solution.answer) < 4:
        return None
    commas = f"{int(solution.answer):,}"
    answer, truth = rng.choice(((commas, "right"), (commas.replace(",", " "), "right_value_wrong_form")))
    text = f"{solution.trace}\n{FORM.format(answer=answer)}"
    return _finished("thousands_separators", text, truth)


def other_language(solution: Solution, rng: random.Random) -> Corrupted | None:
    """The equations in another language's words, and the answer in a sentence of it."""
    found = _ANNOTATION.findall(solution.trace)
    if not found:
        return None
    step, said = LANGUAGES[rng.choice(sorted(LANGUAGES))]
    lines = [step.format(k=k, equation=f"{left} = {value}") for k, (left, value) in enumerate(found, start=1)]
    text = "\n".join([*lines, said.format(answer=solution.answer)])
    return _finished("other_language", text, "right_value_wrong_form")


def arithmetic_slip(solution: Solution, rng: random.Random) -> Corrupted | None:
    """One result is off, and everything computed from it follows; half of them without annotations.

    None where the answer does not depend on the slip, or what follows from it cannot be written down as plainly.
    """
    lines = solution.trace.splitlines()
    places = [k for k, line in enumerate(lines) if len(_ANNOTATION.findall(line)) == 1]
    if not places:
        return None
    place = rng.choice(places)
    [(left, said)] = _ANNOTATION.findall(lines[place])
    right = _value(said)
    if right is None or right.denominator != 1 or not _is_operation(left) or _value_of(left) != right:
        return None
    wrong = right + rng.choice((-10, -2, -1, 1, 2, 10))
    if wrong <= 0 or _said_before(right, lines[:place], solution.question):
        return None
    new = {right: wrong}
    lines[place] = _result_replaced(lines[place], right, wrong)
    for k in range(place + 1, len(lines)):
        following = _follow(lines[k], new)
        if following is None:
            return None
        lines[k] = following
    answer = new.get(_value(solution.answer) or Fraction(-1))
    if answer is None or lines[place].count(str(wrong)) < 1:
        return None
    trace = "\n".join(lines)
    trace = _ANNOTATION.sub("", trace) if rng.random() < 0.5 else trace
    text = f"{trace}\n{FORM.format(answer=_written(answer))}"
    return Corrupted(
        kind="arithmetic_slip", text=text, stop_reason="stop", truth="right_form_wrong_value", wrong_step=place
    )


def steps_swapped(solution: Solution, rng: random.Random) -> Corrupted | None:
    """Two steps that follow one another stand the wrong way round; the answer is still right, and in its form."""
    lines = solution.trace.splitlines()
    if len(lines) < 2:
        return None
    place = rng.randrange(len(lines) - 1)
    lines[place], lines[place + 1] = lines[place + 1], lines[place]
    text = "\n".join([*lines, FORM.format(answer=solution.answer)])
    return _finished("steps_swapped", text, "right")


CORRUPTIONS: Mapping[str, Callable[[Solution, random.Random], Corrupted | None]] = {
    one.__name__: one
    for one in (
        cut_off,
        answer_line_dropped,
        unit_added,
        thousands_separators,
        other_language,
        arithmetic_slip,
        steps_swapped,
    )
}
"""Each gives None where it cannot be done to a solution."""


def _finished(kind: str, text: str, truth: AnswerClass) -> Corrupted:
    return Corrupted(kind=kind, text=text, stop_reason="stop", truth=truth)


def _value(said: str) -> Fraction | None:
    """A number as it is written, with separators, without anything else."""
    try:
        return Fraction(said.replace(",", ""))
    except ValueError:
        return None


def _value_of(expression: str, new: Mapping[Fraction, Fraction] | None = None) -> Fraction | None:
    changed = new or {}
    try:
        return value_of(tokens_of(expression), read=lambda token: changed.get(plainly(token), plainly(token)))
    except Unreadable:
        return None


def _is_operation(expression: str) -> bool:
    return len(_IN_ANNOTATION.findall(expression)) > 1


def _said_before(number: Fraction, lines: list[str], question: str) -> bool:
    """Whether another number of this value stands in the way, so that nobody could tell which of them is meant."""
    return any(_value(said) == number for said in _NUMBER.findall("\n".join([question, *lines])))


def _result_replaced(line: str, right: Fraction, wrong: Fraction) -> str:
    """The line with another result: in the annotation and in the prose behind it, not among what is computed with."""
    before, mark, behind = line.partition("=")
    return before + mark + _numbers_replaced(behind, {right: wrong}, keep_left=True)


def _follow(line: str, new: dict[Fraction, Fraction]) -> str | None:
    """A later line with everything in it that follows from the slip; what it computes anew is added to `new`.

    None where it computes two things at once or what follows is no number as people write them.
    """
    annotations = _ANNOTATION.findall(line)
    if len(annotations) > 1:
        return None
    if annotations:
        [(left, said)] = annotations
        old, follows = _value(said), _value_of(left, new)
        if old is None or follows is None or follows < 0 or _value_of(left) != old:
            return None
        if follows != old:
            if _written(follows) == "":
                return None
            line = _numbers_replaced(line, {**new, old: follows})
            new[old] = follows
            return line
        if old in new:
            return None
    return _numbers_replaced(line, new)


def _numbers_replaced(text: str, new: Mapping[Fraction, Fraction], *, keep_left: bool = False) -> str:
    """The text with numbers replaced.

    Args:
        text: of a line.
        new: old values to new ones.
        keep_left: whether what an annotation computes with stays as it is.
    """

    def replaced(found: re.Match[str]) -> str:
        value = _value(found[0])
        return found[0] if value is None or value not in new else _written(new[value])

    def within(found: re.Match[str]) -> str:
        left = found[1] if keep_left else _IN_ANNOTATION.sub(replaced, found[1])
        return f"<<{left}={_IN_ANNOTATION.sub(replaced, found[2])}>>"

    pieces, at = [], 0
    for found in _ANNOTATION.finditer(text):
        pieces += [_NUMBER.sub(replaced, text[at : found.start()]), within(found)]
        at = found.end()
    return "".join([*pieces, _NUMBER.sub(replaced, text[at:])])


def _written(number: Fraction) -> str:
    """Whole, or with at most four decimals where that is exact; empty where it is not."""
    if number.denominator == 1:
        return str(number.numerator)
    return str(float(number)) if (number * 10_000).denominator == 1 else ""
