"""Knowledge that answers can stand on: files, passages, what was found for a question, and how often it was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from suffice.errors import Problem, TaskError
from suffice.records.evaluation import Interval

Way = Literal["bm25", "embeddings", "fused"]
"""How passages are ranked: by shared words, by the cosine of sentence embeddings, or by both rankings together."""

Source = Literal["found", "gold"]
"""Where what is read before a question comes from: a search for it, or its gold links."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowSize:
    """How long sections are cut into passages."""

    words: int = 150
    """Words of a passage at most, at least 1: about 200 tokens, so that the default encoder reads it whole (256) and
    three passages leave a small model more than half of a context of 2,048."""
    overlap: int = 30
    """Words that a passage repeats of the one before it, 0 to below `words`: a fact that a cut would divide is whole in
    one of the two."""

    def __post_init__(self) -> None:
        if not 0 <= self.overlap < self.words:
            raise TaskError(
                Problem(
                    where="knowledge",
                    rule="a window must have words, and repeat fewer than it has",
                    got=f"windows of {self.words:,} words that repeat {self.overlap:,}",
                    fix="give windows of about 150 words that repeat 30",
                )
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A piece of a knowledge file, short enough for a small model to read."""

    id: str
    """File and hash of headings and text: the same for as long as the passage is, whatever changes around it."""
    source: str
    """Its file, relative to the knowledge folder, with forward slashes."""
    headings: tuple[str, ...]
    """Headings that it stands under, outermost first."""
    text: str
    """What it says; headings are not repeated in it."""
    line: int | None = None
    """Line of the file where it begins, from 1; None where the format has no lines to speak of."""
    page: int | None = None
    """Page of the file, from 1; None where the format has no pages."""
    record: str | None = None
    """The `id` that its row of a JSONL file states, else None."""

    @property
    def searched(self) -> str:
        """What an index reads: the headings too, since a section often leaves its subject to them."""
        return "\n".join([*self.headings, self.text])

    @property
    def names(self) -> frozenset[str]:
        """All that a gold link may call it: its own id, its file, the id of its row with or without the file."""
        of_row = () if self.record is None else (self.record, f"{self.source}#{self.record}")
        return frozenset((self.id, self.source, *of_row))


@dataclass(frozen=True, kw_only=True, slots=True)
class KnowledgeFile:
    """A file of a format that is read."""

    source: str
    """Relative to the knowledge folder, with forward slashes."""
    sha256: str
    """Of its bytes, hexadecimal."""
    n_passages: int
    """Passages that it gave; 0 where nothing of it could be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Knowledge:
    """What was read of the knowledge files, and what was not."""

    window: WindowSize
    """How long sections were cut."""
    files: tuple[KnowledgeFile, ...]
    """All that could be opened, in the order of their names."""
    passages: tuple[Passage, ...]
    """Passages in the order of files and, in a file, of reading; at least one."""
    skipped: tuple[Problem, ...]
    """Files, lines and pages that could not be read, each with what to do about it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A passage that was found for a question."""

    passage: Passage
    """The passage."""
    score: float
    """What it was ranked by: BM25 above 0, a cosine from -1 to 1, or the sum of reciprocal ranks; higher is better, and
    figures of two ways cannot be compared."""
    bm25_rank: int | None = None
    """Its rank by shared words, from 1; None where it shares none, or was not asked."""
    embeddings_rank: int | None = None
    """Its rank by embeddings, from 1; None where they were not asked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FilledContext:
    """Passages as a model reads them before its question."""

    text: str
    """Numbered passages; empty where there is none."""
    cited: tuple[Passage, ...]
    """The passages in it; the first one is [1]."""
    left_out: tuple[str, ...]
    """Ids of passages that were found and did not fit; no passage is ever cut."""
    n_used: int
    """Words or tokens of `text`, in the unit of the budget."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How passages come to stand before a question."""

    ranking: Way
    """How they are ranked."""
    passages: int
    """How many of the best, at most; at least 1."""
    words: int
    """Words that they may have together; at least 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reads:
    """What a run's questions have before them beside what the row brings: part of what decides its result."""

    source: Source
    """Passages that were found for the question, or those that its gold links name."""
    knowledge: str
    """Hash of the files, of how they were cut, and of the encoder that they are ranked by."""
    reading: Reading
    """How many, and how they are ranked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CitedIn:
    """Which passages of its context a completion names."""

    passages: tuple[str, ...]
    """Ids of the passages whose number it gives, in the order of their numbers."""
    invented: tuple[int, ...]
    """Numbers that it gives and its context does not have, ascending."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recall:
    """How often a gold passage is among the first few."""

    way: Way
    """How passages were ranked."""
    k: int
    """How many of the first passages count, at least 1."""
    n: int
    """Questions with a gold link, at least 1."""
    n_found: int
    """Questions with at least one of their gold passages among the first `k`."""
    recall: float
    """`n_found / n`."""
    interval: Interval
    """Clopper-Pearson 95% for independent questions."""
    missed: tuple[str, ...]
    """Ids of the questions whose gold is in the knowledge and was not found."""
    not_there: tuple[str, ...]
    """Ids of the questions whose gold links name nothing in the knowledge: no ranking could find it."""
    n_without_gold: int
    """Questions that have no gold link; not in `n`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnowledgeSummary:
    """The knowledge of a task at a glance, and how often what answers a question is found in it."""

    use: Literal["switch", "always"]
    """Whether models ship with it."""
    n_files: int
    """Files of formats that are read."""
    n_passages: int
    """Passages that they gave, at least 1."""
    n_truncated: int
    """Passages of which the encoder has read only the beginning."""
    skipped: tuple[Problem, ...]
    """Files, lines and pages that could not be read."""
    reading: Reading
    """How passages come to stand before a question."""
    why: str
    """Why they are ranked so."""
    train: tuple[Recall, ...]
    """Of every way to rank, on training rows with gold links, which the way was chosen on; empty without such rows."""
    held_out: tuple[Recall, ...]
    """Of the way that was taken, on validation rows with gold links, by which nothing was chosen; empty without."""

    @property
    def recall(self) -> Recall | None:
        """How often what answers a question is among what stands before it, on validation rows; None if unknown."""
        return next((one for one in self.held_out if one.k == self.reading.passages), None)
