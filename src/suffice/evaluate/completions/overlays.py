"""Rows to be seen in another light than their class, and the rows whose right answer two systems contradict."""

from __future__ import annotations

from suffice.evaluate.completions.judged import Judged, JudgedRow
from suffice.records.completion_evaluation import Overlays
from suffice.records.evaluation import NotMeasured

NO_LEAD = "the data has no traces, and there are no other completions of the same rows"
NO_RIGHT = "no right answer has a trace"
NO_WRONG = "no wrong answer has a trace"


def overlays(judged: Judged) -> Overlays:
    """Suspected golds, right answers by wrong reasoning, and wrong answers by one slip."""
    traced, right = judged.where(lambda row: row.trace is not None), judged.verified
    doubts = judged.doubted or frozenset()
    impossible = judged.where(lambda row: row.gold_impossible)
    suspected = judged.where(lambda row: not row.verified and (row.id in doubts or _gold_contradicts(row))) | impossible
    can_suspect = judged.doubted is not None or any(row.gold_trace is not None for row in judged.rows)
    return Overlays(
        suspected_gold=judged.share(suspected) if can_suspect or impossible.any() else NotMeasured(why=NO_LEAD),
        lucky=judged.share_or_why(
            judged.where(lambda row: row.overlay == "lucky"), of=traced & right, without=NO_RIGHT
        ),
        unlucky=judged.share_or_why(
            judged.where(lambda row: row.overlay == "unlucky"), of=traced & ~right, without=NO_WRONG
        ),
    )


def doubted(first: Judged, second: Judged) -> frozenset[str] | None:
    """Ids of rows to which both systems state the same answer, and not the right one; None where there is one system.

    A lead, and no evidence: systems share mistakes. Whether the data is wrong is for a person to say. Two that wrote
    the same for every row are one system, and an answer to which a slip in its own trace is shown to have led speaks
    against nothing but itself.

    Args:
        first: what the first system wrote.
        second: what the second wrote for the same rows in the same order.
    """
    assert first.ids == second.ids, "both answered the same rows"
    if [row.text for row in first.rows] == [row.text for row in second.rows]:
        return None
    return frozenset(
        one.id for one, other in zip(first.rows, second.rows, strict=True) if _one_voice(one, other, first)
    )


def _one_voice(one: JudgedRow, other: JudgedRow, judged: Judged) -> bool:
    if one.verified or other.verified or not (one.stated and other.stated):
        return False
    if "unlucky" in (one.overlay, other.overlay):
        return False
    return one.answer is not None and other.answer is not None and judged.same(one.answer, other.answer)


def _gold_contradicts(row: JudgedRow) -> bool:
    """Whether the data's own trace has a wrong step, or comes to another answer than the right one."""
    return row.gold_trace is not None and (bool(row.gold_trace.faults) or row.gold_trace.last_line_agrees is False)
