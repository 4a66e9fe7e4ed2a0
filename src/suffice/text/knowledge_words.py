"""The knowledge of a task in words, the same ones on every page and terminal."""

from __future__ import annotations

from suffice.records.diagnosis import Compared, KnowledgeUse
from suffice.records.knowledge import KnowledgeSummary, Recall
from suffice.records.task import Kind
from suffice.text.counted import counted
from suffice.text.kind_words import ASKED
from suffice.text.rounding import difference, fraction, percent, percent_interval, signed_points

RANKED = {"bm25": "shared words", "embeddings": "embeddings", "fused": "shared words and embeddings together"}
"""What passages are ranked by."""


def use_sentence(use: KnowledgeUse) -> str:
    """What the knowledge brings a rung: `hosted:mini lacks knowledge, and retrieval brings it: ...`.

    Args:
        use: of one rung.
    """
    told = [_gain(words, one) for words, one in _asked(use).items() if one is not None]
    recall = [] if use.recall is None else [f"{percent(use.recall)} of the gold passages are among the first {use.k}"]
    return f"{_finding(use)}: {fraction(use.closed)} without the knowledge, {'; '.join([*told, *recall])}"


def knowledge_sentence(summary: KnowledgeSummary, *, kind: Kind) -> str:
    """What was read, how passages are ranked, and how often what answers a question is among them.

    Args:
        summary: of a task's knowledge.
        kind: of the task.
    """
    use = "language models ship with it" if summary.use == "always" else "it is a switch: no model ships with it"
    reading = summary.reading
    sentences = [
        f"knowledge: {counted(summary.n_passages, 'passage')} of {counted(summary.n_files, 'file')}; {use}",
        f"the best {reading.passages} by {RANKED[reading.ranking]} stand before a {ASKED[kind]} ({summary.why})",
    ]
    if summary.recall is not None:
        sentences.append(recall_sentence(summary.recall, kind=kind))
    if summary.n_truncated:
        sentences.append(f"the encoder has read only the beginning of {counted(summary.n_truncated, 'passage')}")
    if summary.skipped:
        sentences.append(f"{counted(len(summary.skipped), 'part')} of it could not be read")
    return "; ".join(sentences)


def recall_sentence(recall: Recall, *, kind: Kind) -> str:
    """How often a gold passage is among the first, and how many questions have links that lead nowhere.

    Args:
        recall: of one way to rank.
        kind: of the task.
    """
    asked, n_lost = ASKED[kind], len(recall.not_there)
    lost = f", and links of {counted(n_lost, asked)} name nothing in it" if n_lost else ""
    return (
        f"of {counted(recall.n, f'validation {asked}')} with gold links {percent(recall.recall)} "
        f"({percent_interval(recall.interval)}) have a gold passage among the first {recall.k}{lost}"
    )


def _finding(use: KnowledgeUse) -> str:
    if use.finding == "brought":
        over = use.gold_over_found
        part = " a part of" if over is not None and over.interval.low > 0.0 else ""
        return f"{use.rung} lacks knowledge, and retrieval brings{part} it"
    if use.finding == "missed":
        return f"{use.rung} lacks knowledge that is there, and retrieval misses it"
    if use.finding == "not_used":
        return f"{use.rung} cannot use what the knowledge says"
    return f"whether the knowledge would help {use.rung}, these rows cannot tell with 95% confidence"


def _asked(use: KnowledgeUse) -> dict[str, Compared | None]:
    return {"with the passages that are found": use.found, "with the gold passages": use.gold}


def _gain(words: str, one: Compared) -> str:
    return f"{words} {difference(one.difference)} ({signed_points(one.interval)}, {counted(one.rows, 'row')})"
