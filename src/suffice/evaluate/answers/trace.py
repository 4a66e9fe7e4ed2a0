"""Reasoning apart from its presentation: every completion's steps computed anew, and what that says of its answer."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from suffice.evaluate.answers.judged import JudgedAnswers
from suffice.kinds.slips import overlay
from suffice.kinds.style import form_in_words, styles_of
from suffice.kinds.trace import ReadTrace, check_read, read_trace
from suffice.records.evaluation import NotMeasured
from suffice.records.trace import Fault, RowShare, TraceCheck, TraceLayer, TraceOverlays

NO_EQUATIONS = NotMeasured(why="no completion computes anything that can be read")


def trace(judged: JudgedAnswers) -> TraceLayer | NotMeasured:
    """What is wrong in the steps, how many there are, and in how many forms they are written."""
    checks = _checks(judged)
    if not sum(check.n_equations for check in checks):
        return NO_EQUATIONS
    with_gold = [check for check in checks if check.n_gold_steps is not None]
    styles = styles_of([one.text for one in judged.completions])
    return TraceLayer(
        n_equations=sum(check.n_equations for check in checks),
        n_exact=sum(check.n_exact for check in checks),
        n_rounded=sum(check.n_rounded for check in checks),
        n_wrong=sum(check.n_wrong for check in checks),
        n_unreadable=sum(check.n_unreadable for check in checks),
        wrong_step=_rows(judged, (bool(check.faults) for check in checks)),
        arithmetic=_rows(judged, (_has(check, "arithmetic") for check in checks)),
        copied=_rows(judged, (_has(check, "copied") for check in checks)),
        contradiction=_rows(judged, (_has(check, "contradiction") for check in checks)),
        number_from_nowhere=_rows(judged, (bool(check.strangers) for check in checks)),
        last_step_disagrees=_rows(judged, (check.last_line_agrees is False for check in checks)),
        mean_steps=float(np.mean([check.n_steps for check in checks])),
        mean_gold_steps=_mean(check.n_gold_steps or 0 for check in with_gold),
        mean_steps_beside_gold=_mean(check.n_steps for check in with_gold),
        n_styles=len(styles.styles),
        style_consistency=styles.consistency,
        style=form_in_words(styles.majority.form),
    )


def overlays(judged: JudgedAnswers) -> TraceOverlays | NotMeasured:
    """Right answers by wrong steps, and wrong ones by one slip alone."""
    reads = _reads(judged)
    if not any(read.equations for read in reads):
        return NO_EQUATIONS
    rows = zip(reads, judged.questions, judged.parsed, judged.verdicts, strict=True)
    found = [
        overlay(read, right=verdict.verified, gold=question.gold.answer, answer=parsed.answer)
        for read, question, parsed, verdict in rows
    ]
    return TraceOverlays(
        lucky=_rows(judged, (one == "lucky" for one in found)),
        unlucky=_rows(judged, (one == "unlucky" for one in found)),
    )


def first_wrong_steps(judged: JudgedAnswers) -> tuple[int | None, ...]:
    """Position of the first wrong step of each row's completion, from 0; None where none is wrong. Length N."""
    firsts = (check.first_wrong for check in _checks(judged))
    return tuple(None if first is None else first.step for first in firsts)


def _reads(judged: JudgedAnswers) -> list[ReadTrace]:
    return [read_trace(one.text, truncated=one.truncated) for one in judged.completions]


def _checks(judged: JudgedAnswers) -> list[TraceCheck]:
    rows = zip(_reads(judged), judged.questions, judged.parsed, strict=True)
    return [
        check_read(read, question=question.text, answer=parsed.answer, gold_trace=question.gold.trace)
        for read, question, parsed in rows
    ]


def _has(check: TraceCheck, what: Fault) -> bool:
    return any(fault.what == what for fault in check.faults)


def _rows(judged: JudgedAnswers, chosen: Iterable[bool]) -> RowShare:
    inside = np.array(list(chosen), dtype=np.bool_)
    n = int(inside.sum())
    return RowShare(n=n, share=n / len(inside), interval=judged.interval(inside), ids=judged.ids(inside))


def _mean(numbers: Iterable[int]) -> float | None:
    values = list(numbers)
    return float(np.mean(values)) if values else None
