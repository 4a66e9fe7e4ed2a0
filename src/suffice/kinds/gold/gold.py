"""What the data says is right: the trace and the answer of a row, whatever shape they were written in."""

from __future__ import annotations

from suffice.dataset.cells import Fault
from suffice.errors import quoted
from suffice.kinds.extraction.final_answer import (
    boxed,
    hashed,
    last_line,
    listed_choices,
    parse,
    stated_answer,
    without_thoughts,
)
from suffice.kinds.gold.equality import same_value, stated_quantity
from suffice.kinds.gold.leading import what_leads_to
from suffice.kinds.numbers.numerals import QUANTITY, first_quantity, plain, quantity_of
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold

_SHOW = "end it with the answer alone, as in `#### 18` or \\boxed{18}, or name the column that holds it: data.label"


def gold_of(answer: str, trace: str | None, spec: AnswerSpec) -> Gold:
    r"""The right answer of a row.

    Answers that are marked (`#### 18`, `\boxed{18}`, the task's own form) are taken as such, wherever they stand, and
    what leads to them is the trace. Where none is marked, a text says what its answer is ("the answer is 18"), or is
    itself the answer, on a line of its own.

    Args:
        answer: what stands in the column of the answer, or what the assistant of a chat said.
        trace: what stands in the column of the trace; None where there is none.
        spec: what an answer is.

    Raises:
        Fault: no answer, several different ones, or one that is none of its type.
    """
    said = without_thoughts(answer)
    thought = answer[: len(answer) - len(said)].replace("<think>", "").replace("</think>", "").strip()
    marked = _marked(said, spec)
    found = marked or [_unmarked(said, spec)]
    if trace:
        found += _marked(trace, spec)
    for one in found:
        _check(one, spec)
    _check_alike(found, spec)
    answer = ", ".join(listed_choices(found[0], spec.options)) if spec.type == "choice" else found[0]
    own_trace = trace or thought or (said if marked else "")
    return Gold(answer=answer, trace=what_leads_to(answer, own_trace, spec) or None)


def _marked(text: str, spec: AnswerSpec) -> list[str]:
    """What is marked as the answer, in order; marks with nothing behind them are passed over."""
    found = [said for _, said in sorted([*hashed(text, spec), *boxed(text)])]
    strict = parse(text, spec).strict
    return [strict] if strict is not None and not found and spec.before.strip() else found


def _unmarked(text: str, spec: AnswerSpec) -> str:
    """The answer of a text in which none is marked.

    Raises:
        Fault: there is none, or more than one.
    """
    line = last_line(text)
    if not line.strip("#* "):
        raise Fault("must hold the right answer", got="nothing", fix="give every row its answer, or take the row out")
    is_line, said = "\n" not in text.strip(), stated_answer(text, spec)
    if is_line and spec.type == "number" and quantity_of(line) is not None:
        return line
    if said is not None:
        return said
    if is_line and (spec.type in {"text", "expression"} or _names_choice(line, spec)):
        return line
    if not is_line or spec.type in {"text", "expression"}:
        raise Fault("must hold the right answer", got=f"{quoted(line)}, and no answer marked", fix=_SHOW)
    if spec.type == "number":
        numbers = [found.group().strip() for found in QUANTITY.finditer(plain(line))]
        if numbers and _alike(numbers, spec) and first_quantity(line) is not None:
            return numbers[0]
        if len(numbers) > 1:
            raise Fault("must hold one right answer", got=f"{len(numbers)} numbers: {quoted(line)}", fix=_SHOW)
        raise Fault("must be a finite number", got=quoted(line), fix="correct the row, or say what it is: answer.type")
    fix = f"write one of {', '.join(spec.options)}, or name what there is with answer.choices"
    raise Fault("must be one of the choices", got=quoted(line), fix=fix)


def _names_choice(line: str, spec: AnswerSpec) -> bool:
    return spec.type == "choice" and bool(listed_choices(line, spec.options))


def _check(answer: str, spec: AnswerSpec) -> None:
    """Refuses an answer that is none of its type.

    Raises:
        Fault: it is none.
    """
    if spec.type == "number" and stated_quantity(answer) is None:
        fix = "correct the row, or say what answers are: answer.type=text"
        raise Fault("must be a finite number", got=quoted(answer), fix=fix)
    if spec.type == "choice" and not _names_choice(answer, spec):
        fix = f"write one of {', '.join(spec.options)}, or name what there is with answer.choices"
        raise Fault("must be one of the choices", got=quoted(answer), fix=fix)


def _check_alike(found: list[str], spec: AnswerSpec) -> None:
    """Refuses answers that differ.

    Raises:
        Fault: they do.
    """
    if not _alike(found, spec):
        told = " and ".join(quoted(one, limit=40) for one in dict.fromkeys(found))
        raise Fault("must hold one right answer", got=f"different ones: {told}", fix="correct the row, or take it out")


def _alike(found: list[str], spec: AnswerSpec) -> bool:
    return all(same_value(found[0], one, spec) for one in found[1:])
