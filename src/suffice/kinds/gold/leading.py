"""A text to what leads to its answer, so that who learns it is taught the answer behind it once, and in one form.

A line that reasons is kept, and only the mark in it goes: a solution in one line may end in a box.
"""

from __future__ import annotations

import re

from suffice.kinds.extraction.final_answer import BOXED, boxed, hashed, parse
from suffice.kinds.gold.equality import same_value
from suffice.kinds.numbers.numerals import quantity_of
from suffice.kinds.traces.steps import is_answer_line
from suffice.records.answer_spec import PLACE, AnswerSpec

_SAY_NOTHING = frozenset((
    "and", "answer", "are", "be", "choice", "correct", "equals", "final", "finally", "get", "gets", "give", "gives",
    "have", "hence", "is", "it", "must", "our", "result", "so", "that", "the", "then", "therefore", "this", "thus",
    "to", "we", "which",
))  # fmt: skip
"""Words around a box, or around a choice, that say nothing but that it is the answer."""


def what_leads_to(answer: str, text: str, spec: AnswerSpec) -> str:
    """A text up to where it says nothing but its answer any more, with no mark of that left; empty where it never does
    say more.

    Args:
        answer: the one that was found.
        text: a trace, or an answer with what leads to it.
        spec: what an answer is and how it is asked for.
    """
    text = _without_hashes(answer, text, spec).rstrip()
    boxes = [(at, _end_of_box(text, at, inside), inside) for at, inside in boxed(text)]
    while (begin := _begin_of_last_statement(text, boxes, answer, spec)) is not None:
        text = text[:begin].rstrip()
        while boxes and boxes[-1][0] >= len(text):
            boxes.pop()
    pieces, at = [], 0
    for begin, end, inside in boxes:
        pieces += [text[at:begin], inside]
        at = end
    return "".join([*pieces, text[at:]]).strip()


def _without_hashes(answer: str, text: str, spec: AnswerSpec) -> str:
    """The text without what stands from a `####` with the answer behind it to the end of its line."""
    kept, at = [], 0
    for begin in (begin for begin, said in hashed(text, spec) if same_value(answer, said, spec)):
        kept.append(text[at:begin])
        line_end = text.find("\n", begin)
        at = len(text) if line_end < 0 else line_end
    return "".join([*kept, text[at:]])


def _end_of_box(text: str, at: int, inside: str) -> int:
    """The position behind a box, of which blanks around what stands in it were left out."""
    return text.index("}", text.index(inside, at + len(BOXED)) + len(inside)) + 1


def _begin_of_last_statement(text: str, boxes: list[tuple[int, int, str]], answer: str, spec: AnswerSpec) -> int | None:
    """Where the end of a text begins that states the answer and nothing else; None where it says more, or is empty."""
    if boxes:
        at, end, inside = boxes[-1]
        begin = text.rfind("\n", 0, at) + 1
        if _words(text[begin:at] + text[end:]) <= _SAY_NOTHING and same_value(answer, inside, spec):
            return begin
    begin = text.rfind("\n") + 1
    return begin if text and _only_states(text[begin:].strip(), answer, spec) else None


def _only_states(line: str, answer: str, spec: AnswerSpec) -> bool:
    """Whether a line is the answer in the form that is asked for, or as in `Answer: 18`, and no reason beside it."""
    said = parse(line, spec)
    if not said.stated or said.answer is None or not same_value(answer, said.answer, spec):
        return False
    if said.strict is not None and line == spec.form.replace(PLACE, said.strict):
        return True
    if spec.type == "number":
        return is_answer_line(line) and quantity_of(said.answer) is not None
    return is_answer_line(line) and (spec.type != "choice" or _words(line) <= _SAY_NOTHING | _words(said.answer))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
