"""What is wrong with traces, step by step, whether or not the answer is right."""

from __future__ import annotations

import numpy as np

from suffice.evaluate.completions.judged import Judged, JudgedRow
from suffice.kinds.traces.style import form_in_words, styles_of
from suffice.records.completion_evaluation import RowShare, StepCounts, StyleShares, TraceLayer
from suffice.records.evaluation import NotMeasured
from suffice.records.trace import Fault
from suffice.stats.resampling import mean_interval

NO_STEPS = "no completion has a step before its answer"
NO_GOLD_STEPS = "no row has both a trace and a right one"
NO_LAST_NUMBER = "no last step has a number to hold against the answer"


def trace(judged: Judged) -> TraceLayer | NotMeasured:
    """Arithmetic computed anew, contradictions, numbers from nowhere, last steps, numbers of steps, and styles."""
    checks = [row.trace for row in judged.rows if row.trace is not None]
    if not checks:
        return NotMeasured(why=NO_STEPS)
    traced = judged.where(lambda row: row.trace is not None)
    told = judged.where(lambda row: row.trace is not None and row.trace.last_line_agrees is not None)
    return TraceLayer(
        n=len(checks),
        n_equations=sum(check.n_equations for check in checks),
        n_wrong=sum(check.n_wrong for check in checks),
        n_rounded=sum(check.n_rounded for check in checks),
        n_unreadable=sum(check.n_unreadable for check in checks),
        wrong_step=judged.share(judged.where(lambda row: row.trace is not None and bool(row.trace.faults)), of=traced),
        arithmetic=_with_fault(judged, "arithmetic"),
        copied=_with_fault(judged, "copied"),
        contradiction=_with_fault(judged, "contradiction"),
        stranger=judged.share(judged.where(lambda row: row.trace is not None and bool(row.trace.strangers)), of=traced),
        disagrees=judged.share_or_why(
            judged.where(lambda row: row.trace is not None and row.trace.last_line_agrees is False),
            of=told,
            without=NO_LAST_NUMBER,
        ),
        steps=_steps(judged),
        styles=_styles(judged),
    )


def _with_fault(judged: Judged, what: Fault) -> RowShare:
    return judged.share(
        judged.where(lambda row: row.trace is not None and any(fault.what == what for fault in row.trace.faults)),
        of=judged.where(lambda row: row.trace is not None),
    )


def _steps(judged: Judged) -> StepCounts | NotMeasured:
    both = judged.where(lambda row: row.trace is not None and bool(row.trace.n_gold_steps))
    if not both.any():
        return NotMeasured(why=NO_GOLD_STEPS)
    counts = np.array([_counts(row) for row in judged.rows], dtype=np.float64)
    more = counts[:, 0] - counts[:, 1]
    return StepCounts(
        n=int(both.sum()),
        mean=float(counts[both, 0].mean()),
        gold_mean=float(counts[both, 1].mean()),
        interval=mean_interval(more[both], groups=judged.groups[both], seed=judged.seed),
        fewer=judged.share(more < 0, of=both),
        more=judged.share(more > 0, of=both),
    )


def _counts(row: JudgedRow) -> tuple[int, int]:
    return (row.trace.n_steps, row.trace.n_gold_steps or 0) if row.trace is not None else (0, 0)


def _styles(judged: Judged) -> StyleShares:
    styles = styles_of([row.text for row in judged.rows])
    others = np.ones(len(judged.rows), dtype=np.bool_)
    others[list(styles.majority.rows)] = False
    return StyleShares(
        n_styles=len(styles.styles), majority=form_in_words(styles.majority.form), others=judged.share(others)
    )
