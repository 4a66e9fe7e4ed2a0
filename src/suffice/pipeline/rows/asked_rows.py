"""The rows of a task whose kind is `answer` or `tools`, in the groups and splits of a fit of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pyarrow as pa

from suffice.copies import find_copies, group_rows
from suffice.dataset.completions import Asked
from suffice.dataset.questions import read_questions
from suffice.dataset.requests import read_requests
from suffice.kinds.calls.rows import read_row
from suffice.kinds.gold.gold import gold_of
from suffice.kinds.tools import render
from suffice.pipeline.rows.placed import Placed
from suffice.records.answers import Question
from suffice.records.dataset import SCHEMA, Dataset
from suffice.records.labels import OUTCOMES, RIGHT
from suffice.records.progress import Progress
from suffice.records.task import Task
from suffice.records.tool_calls import ToolRequest
from suffice.split import assign_splits


def questions_of(task: Task, *, folder: Path, progress: Progress) -> tuple[Question, ...]:
    """Questions with their right answers.

    Args:
        task: a task whose kind is `answer`.
        folder: the task file's folder.
        progress: told of long steps.

    Raises:
        DataError: everything that is wrong with the files, or with rows of them, by line.
    """
    read_gold = partial(gold_of, spec=task.answer)
    return read_questions(task.data, folder=folder, read_gold=read_gold, progress=progress)


def requests_of(task: Task, *, folder: Path, progress: Progress) -> tuple[ToolRequest, ...]:
    """Requests with their tools and the calls that are right.

    Args:
        task: a task whose kind is `tools`.
        folder: the task file's folder.
        progress: told of long steps.

    Raises:
        DataError: everything that is wrong with the files, or with rows of them, by line.
    """
    return read_requests(
        task.data,
        folder=folder,
        read_row=lambda row, where: read_row(row, where=where),
        text_of=lambda example: render(example.messages).strip(),
        progress=progress,
    )


def placed_as_read(rows: Sequence[Asked], *, name: str, seed: int, progress: Progress) -> Placed:
    """Rows of files, each in the group and split in which a fit of the task has it; no data version is written.

    Copies are looked for among what is asked: of two questions about one long text the rest is alike in any case.

    Args:
        rows: all rows of the data.
        name: of the rows as a whole, as findings tell it.
        seed: the task's `split.seed`.
        progress: told of long steps.
    """
    columns: dict[str, list[object]] = {name: [getattr(row, name, None) for row in rows] for name in SCHEMA.names}
    columns["label"] = [OUTCOMES.names[RIGHT]] * len(rows)
    data = Dataset(table=pa.Table.from_pydict(columns, schema=SCHEMA), name=name)
    copies = find_copies(data.texts, progress=progress)
    splits = assign_splits(data, group_rows(data.texts, data.groups, copies.near), seed=seed)
    return Placed(data=data, copies=copies, splits=splits)
