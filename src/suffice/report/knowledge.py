"""The knowledge of a task on the page: what was read, how often it is found, and what it brings each rung."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from suffice.errors import Problem
from suffice.records.knowledge import Recall
from suffice.records.verdict import FitOutcome
from suffice.text.knowledge_words import RANKED, knowledge_sentence, use_sentence

MAX_SKIPPED = 20
"""Parts that could not be read and are listed; all are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecallLine:
    """One way to rank on one set of rows."""

    words: str
    """Way and rows."""
    taken: bool
    """Whether passages are ranked so."""
    recalls: tuple[Recall, ...]
    """In the order of the table's columns."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnowledgeShown:
    """All that a page shows of knowledge."""

    sentence: str
    ks: tuple[int, ...]
    """How many of the first passages count, a column each; empty where no row has gold links."""
    lines: tuple[RecallLine, ...]
    uses: tuple[str, ...]
    """What it brings each rung, a sentence."""
    skipped: tuple[Problem, ...]
    """The first parts that could not be read."""
    n_more: int
    """Further ones."""


def knowledge_of(outcome: FitOutcome) -> KnowledgeShown | None:
    """Takes what a page shows out of a fit; None where the task has no knowledge.

    Args:
        outcome: the finished fit.
    """
    summary = outcome.knowledge
    if summary is None:
        return None
    ways = dict.fromkeys(one.way for one in summary.train)
    lines = [
        _line([one for one in summary.train if one.way == way], rows="training", taken=way == summary.reading.ranking)
        for way in ways
    ]
    if summary.held_out:
        lines.append(_line(summary.held_out, rows="validation", taken=True))
    return KnowledgeShown(
        sentence=knowledge_sentence(summary, kind=outcome.kind),
        ks=tuple(one.k for one in lines[0].recalls) if lines else (),
        lines=tuple(lines),
        uses=tuple(use_sentence(one) for one in outcome.diagnosis.knowledge),
        skipped=summary.skipped[:MAX_SKIPPED],
        n_more=max(0, len(summary.skipped) - MAX_SKIPPED),
    )


def _line(recalls: Sequence[Recall], *, rows: str, taken: bool) -> RecallLine:
    words = f"{RANKED[recalls[0].way]}, {recalls[0].n:,} {rows} rows"
    return RecallLine(words=words, taken=taken, recalls=tuple(recalls))
