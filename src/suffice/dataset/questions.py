"""The rows of a task whose kind is `answer`: every row checked, and either all of them or every problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from suffice.dataset import cells
from suffice.dataset.cells import Fault
from suffice.dataset.chunk import Chunk
from suffice.dataset.columns import Column
from suffice.dataset.files import SourceFile, locate
from suffice.dataset.find_questions import QuestionColumns, find_question_columns
from suffice.dataset.problems import Problems, for_each, raise_any
from suffice.dataset.rows import made_ids
from suffice.errors import DataError, Problem, quoted
from suffice.records.answers import Gold, Question
from suffice.records.dataset import SCHEMA, Dataset
from suffice.records.labels import OUTCOMES, RIGHT
from suffice.records.progress import Progress
from suffice.records.task import DataSpec

Cell = TypeVar("Cell")
Value = TypeVar("Value")
ReadGold = Callable[[str, str | None], Gold]
"""Text and trace of a row to its right answer; raises `Fault`."""
ANSWER, TRACE = "answer", "trace"
"""Names of the further cells that a row of a data version keeps: its right answer, and what leads to it."""
ASKS, ANSWERS = ("user", "human"), ("assistant", "gpt", "model")
"""Who asks and who answers in a chat, as OpenAI and ShareGPT call them."""


def read_questions(data: DataSpec, *, folder: Path, read_gold: ReadGold, progress: Progress) -> tuple[Question, ...]:
    """Reads the questions of a task with their right answers.

    Args:
        data: what the task file says.
        folder: the task file's folder, which relative paths start from.
        read_gold: what a row's text and trace say is right.
        progress: told of long steps.

    Raises:
        DataError: everything that is wrong with the files, or with rows of them, by line.
    """
    files = locate(data, folder=folder, progress=progress)
    columns = for_each(files, lambda file: columns_of(file, data))
    rows, met, places = list[Question](), list[Problems](), dict[str, str]()
    for file, found in zip(files, columns, strict=True):
        for note in found.notes:
            progress.say(f"{file.name}: {note}")
        met.append(Problems(file.name, unit=file.format.unit))
        for chunk in _chunks(file, problems=met[-1], wanted=found.wanted, progress=progress):
            reader = _Reader(found, split=file.split, read_gold=read_gold, problems=met[-1], places=places)
            rows += reader.rows(chunk)
    raise_any(met)
    return tuple(rows)


def question_rows(questions: Sequence[Question]) -> pa.RecordBatch:
    """Questions as rows of a data version: each is labelled as what answers are to be, with its right answer beside it.

    Args:
        questions: any.
    """
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
    for one in questions:
        kept = [(ANSWER, one.gold.answer), (TRACE, one.gold.trace)]
        row = {"id": one.id, "source": one.source, "row": one.row, "text": one.text, "label": OUTCOMES.names[RIGHT]}
        row |= {"group": one.group, "split": one.split, "columns": kept}
        for name, cells_of in columns.items():
            cells_of.append(row.get(name))
    return pa.RecordBatch.from_pydict(columns, schema=SCHEMA)


def questions_of(data: Dataset) -> tuple[Question, ...]:
    """The same rows back.

    Args:
        data: rows of a data version that was made of questions.
    """
    found = []
    for row in data:
        kept = dict(row.columns or ())
        answer = kept.get(ANSWER)
        assert answer is not None, "a version that was made of questions has their answers"
        found.append(
            Question(
                id=row.id,
                source=row.source,
                row=row.row,
                text=row.text,
                gold=Gold(answer=answer, trace=kept.get(TRACE)),
                group=row.group,
                split=row.split,
            )
        )
    return tuple(found)


def columns_of(file: SourceFile, data: DataSpec) -> QuestionColumns:
    """Columns by the first rows of a file.

    Args:
        file: of a task.
        data: what the task file says.

    Raises:
        DataError: there is no row, or no question or answer in it.
    """
    problems = Problems(file.name, unit=file.format.unit)
    with closing(file.format.read(file.path, wanted=None, problems=problems, advance=lambda _: None)) as chunks:
        chunk = next(chunks, None)
    if chunk is None:
        raise_any([problems])
        fix = "give a file with rows in it; the export may have failed"
        raise DataError(Problem(where=file.name, rule="the file must have rows", got="no row", fix=fix))
    return find_question_columns(data, chunk=chunk, source=file.name, split_by_file=file.split is not None)


def _chunks(file: SourceFile, *, problems: Problems, wanted: Sequence[str], progress: Progress) -> Iterator[Chunk]:
    with progress.step(f"reading {file.name}", total=file.path.stat().st_size) as advance:
        yield from file.format.read(file.path, wanted=wanted, problems=problems, advance=advance)


class _Reader:
    """Reads the rows of one file."""

    def __init__(
        self,
        columns: QuestionColumns,
        *,
        split: str | None,
        read_gold: ReadGold,
        problems: Problems,
        places: dict[str, str],
    ) -> None:
        self._columns = columns
        self._split = split
        self._read_gold = read_gold
        self._problems = problems
        self._places = places

    def rows(self, chunk: Chunk) -> list[Question]:
        """The readable rows of a chunk; of the others, what is wrong with them."""
        read: list[Question] = []
        for at, place in enumerate(chunk.places):
            row = {name: chunk.columns[name][at] for name in self._columns.wanted}
            try:
                question = self._question(row, number=chunk.first_row + at)
                self._check_id(question.id, place=place)
            except Fault as fault:
                self._problems.add(place, fault.rule, got=fault.got, fix=fault.fix)
            else:
                read.append(question)
        return read

    def _question(self, row: Mapping[str, object], *, number: int) -> Question:
        """One row.

        Raises:
            Fault: a cell cannot be read, or the right answer is none.
        """
        columns, source = self._columns, self._problems.name
        text, answer = _asked_and_answered(row, columns)
        id_, group, split = (_cell(row, column) for column in (columns.id, columns.group, columns.split))
        trace = _told("trace", cells.text_of, _cell(row, columns.trace)) if _cell(row, columns.trace) else None
        return Question(
            id=made_ids(source, [number], [text])[0] if columns.id is None else _told("id", cells.id_of, id_),
            source=source,
            row=number,
            text=text,
            gold=_told("the answer", lambda said: self._read_gold(said, trace), answer),
            group=_told("group", cells.group_of, group),
            split=self._split if columns.split is None else _told("split", cells.split_name_of, split),
        )

    def _check_id(self, id_: str, *, place: int) -> None:
        """Refuses an id that an earlier row has.

        Raises:
            Fault: one has.
        """
        where = self._problems.where(place)
        first = self._places.setdefault(id_, where)
        if first != where:
            fix = "correct it, or name another column with data.id"
            raise Fault("id must be there once", got=f"{id_!r}, the id of {first} too", fix=fix)


def _asked_and_answered(row: Mapping[str, object], columns: QuestionColumns) -> tuple[str, str]:
    """Question and answer as texts.

    Raises:
        Fault: a cell cannot be read.
    """
    if columns.shape in {"OpenAI chats", "ShareGPT conversations"}:
        return _told("the chat", _chat, row[columns.text.names[0]])
    parts = [row[name] for name in columns.text.names]
    text = _told("the question", cells.joined_text, parts)
    if not text.strip():
        raise Fault("the question must be text", got="an empty one", fix="ask something, or take the row out")
    return text, _told("the answer", _answer, row[columns.answer.names[0]])


def _answer(value: object) -> str:
    """The answer's text; numbers as JSON writes them.

    Raises:
        Fault: nothing there, a list, or an object.
    """
    if isinstance(value, bool | int | float):
        return str(value).casefold() if isinstance(value, bool) else repr(value)
    if value is None:
        raise Fault("must hold the right answer", got="nothing", fix="give every row its answer, or take the row out")
    return cells.text_of(value)


def _chat(value: object) -> tuple[str, str]:
    """The last question of a chat and the answer to it.

    Raises:
        Fault: it does not end with a question and an answer, both of them text.
    """
    turns = [turn for turn in value if isinstance(turn, Mapping)] if isinstance(value, list) else []
    said = [(turn.get("role", turn.get("from")), turn.get("content", turn.get("value"))) for turn in turns]
    if len(said) < 2 or said[-2][0] not in ASKS or said[-1][0] not in ANSWERS:
        got = f"roles {quoted([role for role, _ in said])}" if said else quoted(value)
        fix = 'write [{"role": "user", "content": ...}, {"role": "assistant", "content": ...}]'
        raise Fault("must end with a question and the assistant's answer", got=got, fix=fix)
    return cells.text_of(said[-2][1]), cells.text_of(said[-1][1])


def _cell(row: Mapping[str, object], column: Column | None) -> object:
    return None if column is None else row[column.names[0]]


def _told(role: str, read: Callable[[Cell], Value], cell: Cell) -> Value:
    """What is read of a cell; a fault is told with what it is about.

    Raises:
        Fault: it cannot be read.
    """
    try:
        return read(cell)
    except Fault as fault:
        raise Fault(f"{role} {fault.rule}", got=fault.got, fix=fault.fix) from None
