"""How often the passage that answers a question is among the first few that are found for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from suffice.records.knowledge import Found, Recall, Way
from suffice.retrieval.index import Index
from suffice.stats.binomial import interval
from suffice.stats.scored import require_rows


def recalls(
    index: Index, questions: Mapping[str, str], gold: Mapping[str, Collection[str]], *, ks: Sequence[int]
) -> tuple[Recall, ...]:
    """Recall for every way in which the index can rank, and every `k`.

    Args:
        index: what is asked.
        questions: text by question id.
        gold: for a question's id, what names the passages that answer it: their ids, their files, or the ids of their
            rows. One of them found is enough: what answers a question often stands in several places.
        ks: how many of the first passages count, each at least 1.

    Raises:
        DataError: no question has a gold link.
    """
    asked = {question: set(gold[question]) for question in questions if gold.get(question)}
    require_rows(len(asked), what="questions with a gold link")
    there = frozenset(name for passage in index.knowledge.passages for name in passage.names)
    not_there = tuple(question for question, links in asked.items() if there.isdisjoint(links))
    found = {
        way: dict(zip(asked, index.search([questions[q] for q in asked], k=max(ks), way=way), strict=True))
        for way in index.ways
    }
    n_without_gold = len(questions) - len(asked)
    return tuple(
        _recall(found[way], asked, way=way, k=k, not_there=not_there, n_without_gold=n_without_gold)
        for way in index.ways
        for k in ks
    )


def _recall(
    found: Mapping[str, Sequence[Found]],
    asked: Mapping[str, Collection[str]],
    *,
    way: Way,
    k: int,
    not_there: tuple[str, ...],
    n_without_gold: int,
) -> Recall:
    hits = {
        question
        for question, links in asked.items()
        if any(not one.passage.names.isdisjoint(links) for one in found[question][:k])
    }
    return Recall(
        way=way,
        k=k,
        n=len(asked),
        n_found=len(hits),
        recall=len(hits) / len(asked),
        interval=interval(len(hits), len(asked)),
        missed=tuple(question for question in asked if question not in hits and question not in not_there),
        not_there=not_there,
        n_without_gold=n_without_gold,
    )
