"""The rows of a task whose kind is `answer`: every row checked, and either all of them or every problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa

from suffice.dataset import cells
from suffice.dataset.cells import Fault
from suffice.dataset.columns import Column
from suffice.dataset.each_row import (
    Place,
    cell_of,
    first_chunk,
    group_of,
    id_of,
    links_of,
    read_each_row,
    split_of,
    told,
)
from suffice.dataset.files import SourceFile
from suffice.dataset.find_questions import QuestionColumns, find_question_columns
from suffice.errors import quoted
from suffice.records.answers import Gold, Question
from suffice.records.dataset import SCHEMA, Dataset
from suffice.records.labels import OUTCOMES, RIGHT
from suffice.records.progress import Progress
from suffice.records.task import DataSpec

ReadGold = Callable[[str, str | None], Gold]
"""Text and trace of a row to its right answer; raises `Fault`."""
ANSWER, TRACE, CONTEXT, LINKS = "answer", "trace", "context", "links"
"""Names of the further cells that a row of a data version keeps: its right answer, what leads to it, the text that it
is about, and, where there are some, its gold links, one a line."""
FORM = '{"question": ..., "answer": ...}'
"""A row as JSON, as errors show it."""
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
    return read_each_row(
        data,
        folder=folder,
        columns_of=partial(columns_of, data=data),
        read=partial(_question, read_gold=read_gold),
        form=FORM,
        progress=progress,
    )


def question_rows(questions: Sequence[Question]) -> pa.RecordBatch:
    """Questions as rows of a data version: each is labelled as what answers are to be, with its right answer beside it.

    Args:
        questions: any.
    """
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
    for one in questions:
        kept = [(ANSWER, one.gold.answer), (TRACE, one.gold.trace), (CONTEXT, one.context)]
        kept += [(LINKS, "\n".join(one.links))] if one.links else []
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
                context=kept.get(CONTEXT),
                links=tuple((kept.get(LINKS) or "").splitlines()),
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
    chunk = first_chunk(file, form=FORM)
    return find_question_columns(data, chunk=chunk, source=file.name, split_by_file=file.split is not None)


def _question(row: Mapping[str, object], columns: QuestionColumns, place: Place, *, read_gold: ReadGold) -> Question:
    """One row.

    Raises:
        Fault: a cell cannot be read, or the right answer is none.
    """
    text, answer = _asked_and_answered(row, columns)
    trace, context = (_given(role, row, getattr(columns, role)) for role in ("trace", "context"))
    return Question(
        id=id_of(row, columns.id, place=place, text=text),
        source=place.source,
        row=place.number,
        text=text,
        gold=told("the answer", lambda said: read_gold(said, trace), answer),
        group=group_of(row, columns.group),
        split=split_of(row, columns.split, place=place),
        written=answer if trace is None else f"{trace}\n{answer}",
        context=context,
        links=links_of(row, columns.links),
    )


def _asked_and_answered(row: Mapping[str, object], columns: QuestionColumns) -> tuple[str, str]:
    """Question and answer as texts.

    Raises:
        Fault: a cell cannot be read.
    """
    if columns.shape in {"OpenAI chats", "ShareGPT conversations"}:
        return told("the chat", _chat, row[columns.text.names[0]])
    parts = [row[name] for name in columns.text.names]
    text = told("the question", cells.joined_text, parts)
    if not text.strip():
        raise Fault("the question must be text", got="an empty one", fix="ask something, or take the row out")
    return text, told("the answer", _answer, row[columns.answer.names[0]])


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


def _given(role: str, row: Mapping[str, object], column: Column | None) -> str | None:
    """The text of a cell that may be empty.

    Raises:
        Fault: it is something else than text.
    """
    cell = cell_of(row, column)
    return told(role, cells.text_of, cell) if cell else None
