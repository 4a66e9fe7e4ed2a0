"""Answers to questions, parsed and judged, in the shape that every layer reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.completions.amounts import against, sort_of
from suffice.evaluate.completions.judged import Judged, JudgedRow
from suffice.kinds.answer import judge, parse, render_answer
from suffice.kinds.gold.equality import quickly_same_expression, same_value
from suffice.kinds.traces.slips import overlay
from suffice.kinds.traces.support import unsupported
from suffice.kinds.traces.trace import check_read, check_trace, read_trace
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import ANSWER_CLASSES, AnswerClass, AnswerVerdict, ParsedAnswer, Question, Submission
from suffice.records.trace import TraceCheck


def judged_answers(
    questions: Sequence[Question],
    completions: Sequence[Submission],
    groups: NDArray[np.int64],
    *,
    spec: AnswerSpec,
    seed: int,
    done: Callable[[int], None],
) -> Judged:
    """Parses every completion, without a look at the right answer, and judges what it says and how it got there.

    Args:
        questions: N rows.
        completions: of the same rows, in the same order.
        groups: group of each row, shape [N].
        spec: what an answer is and how it was asked for.
        seed: of all shuffles.
        done: told the rows that were judged since the last call.

    Raises:
        DataError: there are no rows.
    """
    rows: list[JudgedRow] = []
    for question, completion in zip(questions, completions, strict=True):
        assert question.id == completion.id, "rows are the same"
        rows.append(_row(question, completion, spec))
        done(1)

    def fits(row: int, other: int) -> bool:
        answer = rows[row].answer
        return answer is not None and _same(rows[other].gold, answer, spec)

    return Judged(
        rows=tuple(rows),
        classes=ANSWER_CLASSES,
        groups=groups,
        fits=fits,
        same=lambda one, other: bool(same_value(one, other, spec)),
        seed=seed,
    )


def class_of(parsed: ParsedAnswer, verdict: AnswerVerdict, *, truncated: bool) -> AnswerClass:
    """The first class of the waterfall that fits.

    Of a text that was cut off, what merely stood last is no answer: it was on its way to one.

    Args:
        parsed: what was answered.
        verdict: whether it is right.
        truncated: whether the text is known to have been cut off.
    """
    well_formed = parsed.strict is not None
    fits = {
        "right": well_formed and verdict.verified,
        "right_value_wrong_form": verdict.verified,
        "truncated_without_answer": truncated and not parsed.stated,
        "no_answer": parsed.answer is None,
        "right_form_wrong_value": well_formed,
        "wrong_form_wrong_value": True,
    }
    return next(name for name in ANSWER_CLASSES if fits[name])


def _row(question: Question, completion: Submission, spec: AnswerSpec) -> JudgedRow:
    gold, parsed = question.gold, parse(completion.text, spec, cut_off=completion.truncated)
    verdict = judge(parsed, gold.answer, spec)
    read = read_trace(completion.text, truncated=completion.truncated)
    sources = question.text if question.context is None else f"{question.text}\n{question.context}"
    check = check_read(read, question=sources, answer=parsed.answer, gold_trace=gold.trace)
    computed = [value for one in read.equations if one.verdict != "wrong" for value in (one.exact, one.value) if value]
    return JudgedRow(
        id=question.id,
        class_=class_of(parsed, verdict, truncated=completion.truncated),
        strict=verdict.strict,
        lenient=verdict.lenient,
        verified=verdict.verified,
        truncated=completion.truncated,
        ends_known=completion.stop_reason is not None,
        gave_up=verdict.gave_up,
        in_form=parsed.strict is not None,
        stated=parsed.stated,
        asked=question.text,
        text=completion.text,
        gold_text=render_answer(gold, spec),
        answer=parsed.answer,
        gold=gold.answer,
        wrong=_first_wrong(check),
        features={"right answer": (sort_of(gold.answer),)},
        faults={"answer": () if verdict.verified or parsed.answer is None else against(gold.answer, parsed.answer)},
        trace=check if check.n_steps else None,
        overlay=overlay(read, check, right=verdict.verified, gold=gold.answer, answer=parsed.answer),
        gold_trace=None if gold.trace is None else check_trace(gold.trace, question=sources, answer=gold.answer),
        unsupported=None
        if question.context is None or parsed.answer is None or spec.type == "choice"
        else unsupported(parsed.answer, sources=sources, computed=computed),
    )


def _first_wrong(check: TraceCheck) -> str | None:
    fault = check.first_wrong
    return None if fault is None else f"step {fault.step}: {fault.got}, which should be {fault.expected}"


def _same(gold: str, answer: str, spec: AnswerSpec) -> bool:
    """As the verified grader, but for expressions that only symbolic mathematics tells equal: those are too many."""
    if spec.type == "expression":
        return bool(quickly_same_expression(gold, answer))
    return bool(same_value(gold, answer, spec))
