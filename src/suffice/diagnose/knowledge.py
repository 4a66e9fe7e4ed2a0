"""Closed book, with what is found, with the gold passage: which of these a language model's failures are due to."""

from __future__ import annotations

import numpy as np

from suffice.diagnose.compared import compared
from suffice.diagnose.draws import Draws
from suffice.diagnose.outcomes import Outcomes
from suffice.records.diagnosis import Compared, KnowledgeFinding, KnowledgeUse
from suffice.records.grid import NOT_JUDGED, Measured
from suffice.records.knowledge import Recall
from suffice.records.run import CLOSED_BOOK, FOUND, GOLD_PASSAGE, RETRIEVAL

LEAST_USED = 0.25
"""Least part of what is wrong that the passages must be able to put right, at the upper end of the 90% interval; where
they cannot, the model does not use them. Set by hand."""
HIGH_RECALL = 0.7
"""Lower end of the recall from which what is found stands for the gold passage, where that was not asked. Set by hand.
"""


def uses_of(outcomes: Outcomes) -> tuple[KnowledgeUse, ...]:
    """What the knowledge brings each rung that was asked with and without it, in order of cost.

    Args:
        outcomes: rungs under switches.
    """
    found = (_use(outcomes, facts.name) for facts in outcomes.draws.grid.rungs)
    return tuple(one for one in found if one is not None)


def _use(outcomes: Outcomes, rung: str) -> KnowledgeUse | None:
    """None where it was not asked both ways."""
    draws = outcomes.draws
    whole = draws.grid.whole(rung)
    again = {cell.change: cell for cell in draws.grid.asked_again if cell.rung == rung}
    if whole is None or not {CLOSED_BOOK, FOUND, GOLD_PASSAGE} & set(again):
        return None
    # The rung as it is reads what is found where it ships with the knowledge, and nothing where that is a switch.
    ships = CLOSED_BOOK in again
    closed, with_found = (again[CLOSED_BOOK], whole) if ships else (whole, again.get(FOUND))
    with_gold, recall = again.get(GOLD_PASSAGE), draws.grid.recall
    found = _against(outcomes, with_found, closed, change=FOUND, against=CLOSED_BOOK)
    gold = _against(outcomes, with_gold, closed, change=GOLD_PASSAGE, against=CLOSED_BOOK)
    return KnowledgeUse(
        rung=rung,
        finding=_finding(
            (found, _score(draws, closed, with_found)), (gold, _score(draws, closed, with_gold)), recall=recall
        ),
        closed=_score(draws, closed, with_found or with_gold),
        found=found,
        gold=gold,
        gold_over_found=_against(outcomes, with_gold, with_found, change=GOLD_PASSAGE, against=FOUND),
        k=None if recall is None else recall.k,
        recall=None if recall is None else recall.recall,
    )


def _against(
    outcomes: Outcomes, cell: Measured | None, other: Measured | None, *, change: str, against: str
) -> Compared | None:
    if cell is None or other is None:
        return None
    return compared(outcomes, cell, other, switch=RETRIEVAL, change=change, against=against)


def _score(draws: Draws, closed: Measured, asked: Measured | None) -> float:
    """Closed book, on the rows that were asked the other way too."""
    both = closed.judged if asked is None else closed.judged & asked.judged
    y_pred = np.where(both, closed.y_pred, NOT_JUDGED)
    return float(1.0 - draws.errors_of(y_pred, draws.grid.y_true)[0, 0])


def _finding(
    found: tuple[Compared | None, float], gold: tuple[Compared | None, float], *, recall: Recall | None
) -> KnowledgeFinding:
    """Each comparison stands beside the closed-book score on its rows."""
    if _helps(found[0]):
        return "brought"
    if _helps(gold[0]):
        return "missed"
    is_found = recall is not None and recall.interval.low >= HIGH_RECALL
    if _hardly_helps(*gold) or (gold[0] is None and is_found and _hardly_helps(*found)):
        return "not_used"
    return "unclear"


def _helps(one: Compared | None) -> bool:
    return one is not None and one.interval.low > 0.0


def _hardly_helps(one: Compared | None, closed: float) -> bool:
    """Whether it puts less than a part of what is wrong right, at its upper end."""
    return one is not None and one.interval.high < LEAST_USED * (1.0 - closed)
