"""The knowledge of a task: read, indexed once, ranked as its gold links say, and put before the rows that may be seen.

Rungs and kinds are given questions and know nothing of where a context came from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from suffice.errors import ModelError, in_words
from suffice.pipeline.rows.free_rows import free_rows
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.dataset import Dataset
from suffice.records.free_spec import FreeSpec
from suffice.records.knowledge import Knowledge, KnowledgeSummary, Reading, Reads, Recall, Source, Way, WindowSize
from suffice.records.knowledge_spec import KnowledgeSpec
from suffice.records.progress import Progress
from suffice.records.task import Task
from suffice.retrieval.index import FORMAT, Index
from suffice.retrieval.read import read_knowledge
from suffice.retrieval.reader import Reader
from suffice.retrieval.recall import recalls
from suffice.rungs.answering import AnyRow
from suffice.store.strict_json import digest

KS = (1, 3, 5, 10)
"""How many of the first passages count where recall is told, beside as many as stand before a question."""
AT_ONCE = 256
"""Questions that are looked up together."""
MAX_LINKED = 2_000
"""Rows with gold links that recall is measured on, the first by their ids: three rankings of each are made."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Readings:
    """What rows that may be seen have before their questions, by row id."""

    knowledge: str
    """Hash of what it was taken from, as in `Reads`."""
    reading: Reading
    """How it was taken."""
    found: Mapping[str, str]
    """What is found for a question: of validation rows, and of all where models ship with the knowledge."""
    gold: Mapping[str, str]
    """What its gold links name: of validation rows that have links into the knowledge."""

    def of(self, source: Source) -> Reads:
        """What a cell that reads it says of itself.

        Args:
            source: passages that are found, or gold ones.
        """
        return Reads(source=source, knowledge=self.knowledge, reading=self.reading)


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """The knowledge of a task, ready to be asked."""

    reader: Reader
    """The index, and how it is read."""
    readings: Readings
    """What it says to the rows that may be seen."""
    summary: KnowledgeSummary
    """It at a glance."""


def known_to(
    task: Task,
    spec: KnowledgeSpec,
    *,
    train: Dataset,
    held_out: Dataset,
    visible: Dataset,
    workspace: Workspace,
    folder: Path,
    progress: Progress,
) -> Known:
    """Reads and indexes the knowledge, chooses how to rank it, and fills the contexts of rows.

    Args:
        task: the task.
        spec: its section `knowledge`.
        train: rows that the ranking may be chosen on.
        held_out: validation rows.
        visible: all rows that may be seen, these among them.
        workspace: where the index is kept.
        folder: the task file's folder, which the path is relative to.
        progress: told of every step.

    Raises:
        DataError: the knowledge is not there, or nothing of it can be read.
        ModelError: the encoder that the task's ranking needs cannot be found.
    """
    assert task.free is not None, "knowledge is for tasks whose answers are free"
    knowledge = knowledge_files(spec, folder=folder, progress=progress)
    if knowledge.skipped:
        progress.say(in_words(knowledge.skipped))
    index, key, without = _index(task, spec, knowledge, workspace, progress=progress)
    linked = _linked(train, task.free)
    chosen_on = _recalls(index, linked, k=spec.passages) if linked else ()
    ranking, why = _ranking(spec, index, chosen_on, without=without)
    reading = Reading(ranking=ranking, passages=spec.passages, words=spec.words)
    reader, judged = Reader(index, reading), _linked(held_out, task.free)
    held = _recalls(index, judged, k=spec.passages) if judged else ()
    return Known(
        reader=reader,
        readings=Readings(
            knowledge=key,
            reading=reading,
            found=_found(
                reader, free_rows(visible if spec.use == "always" else held_out, task.free), progress=progress
            ),
            gold=_gold(reader, judged),
        ),
        summary=KnowledgeSummary(
            use=spec.use,
            n_files=len(knowledge.files),
            n_passages=len(knowledge.passages),
            n_truncated=index.n_truncated,
            skipped=knowledge.skipped,
            reading=reading,
            why=why,
            train=chosen_on,
            held_out=tuple(one for one in held if one.way == ranking),
        ),
    )


def knowledge_files(spec: KnowledgeSpec, *, folder: Path, progress: Progress) -> Knowledge:
    """What the documents of a task say.

    Args:
        spec: its section `knowledge`.
        folder: the task file's folder, which the path is relative to.
        progress: told of every file.

    Raises:
        DataError: they are not there, nothing of them can be read, or the extra is not installed.
    """
    return read_knowledge([folder / spec.path], window=WindowSize(), progress=progress)


def index_folder(workspace: Workspace, key: str) -> Path:
    """Where an index is kept for all runs of an output folder.

    Args:
        workspace: the output folder.
        key: hash of what it was made of.
    """
    return workspace.knowledge / key[:16]


def _index(
    task: Task, spec: KnowledgeSpec, knowledge: Knowledge, workspace: Workspace, *, progress: Progress
) -> tuple[Index, str, str | None]:
    """The index, the hash of what it is made of, and why it has no embeddings, where `auto` would have wanted some."""
    without, fingerprint, encoder = None, None, None
    if spec.ranking != "bm25":
        encoder = task.train.encoder
        try:
            fingerprint = _fingerprint(encoder, progress)
        except ModelError as error:
            if spec.ranking != "auto":
                raise
            progress.say(str(error))
            without, encoder = " ".join(error.problems[0].got.split()), None
    hashes = [f"{file.source} {file.sha256}" for file in knowledge.files]
    key = digest([str(FORMAT), str(knowledge.window), str(fingerprint), *hashes])
    place = index_folder(workspace, key)
    if not place.is_dir():
        Index.build(knowledge, encoder=encoder, progress=progress).save(place)
    return Index.load(place), key, without


def _fingerprint(encoder: str, progress: Progress) -> str:
    from suffice.base_models import locate  # noqa: PLC0415 - words alone are ranked without the room

    return locate(encoder, progress=progress).fingerprint


def _ranking(spec: KnowledgeSpec, index: Index, chosen_on: Sequence[Recall], *, without: str | None) -> tuple[Way, str]:
    """How passages are ranked, and why."""
    if spec.ranking != "auto":
        return spec.ranking, "the task file says so"
    if without is not None:
        return "bm25", f"the encoder cannot be used here: {without}"
    at = [one for one in chosen_on if one.k == spec.passages]
    if not at:
        return "fused", "no training row has gold links that could tell which way finds most"
    # Of ways that find as much the fused one, which stands on both.
    best = max(at, key=lambda one: (one.n_found, one.way == "fused"))
    return best.way, f"it finds the gold passage of most of the {best.n:,} training rows with links"


def _linked(data: Dataset, spec: FreeSpec) -> list[AnyRow]:
    rows = sorted((one for one in free_rows(data, spec) if one.links), key=lambda one: one.id)
    return rows[:MAX_LINKED]


def _recalls(index: Index, questions: Sequence[AnyRow], *, k: int) -> tuple[Recall, ...]:
    texts = {one.id: one.text for one in questions}
    return recalls(index, texts, {one.id: one.links for one in questions}, ks=sorted({*KS, k}))


def _found(reader: Reader, questions: Sequence[AnyRow], *, progress: Progress) -> dict[str, str]:
    found: dict[str, str] = {}
    with progress.step("looking up passages", total=len(questions)) as done:
        for start in range(0, len(questions), AT_ONCE):
            some = questions[start : start + AT_ONCE]
            contexts = reader.found([one.text for one in some])
            found |= {one.id: context.text for one, context in zip(some, contexts, strict=True)}
            done(len(some))
    return found


def _gold(reader: Reader, questions: Sequence[AnyRow]) -> dict[str, str]:
    read = {one.id: reader.gold(one.text, one.links) for one in questions}
    return {row: context.text for row, context in read.items() if context.cited}
