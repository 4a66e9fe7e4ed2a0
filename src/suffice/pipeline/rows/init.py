"""A file of labelled messages to a task file, with every guess said aloud."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from suffice.dataset import guess_task
from suffice.dataset.each_row import first_chunk
from suffice.dataset.files import SourceFile, locate
from suffice.dataset.find import LABEL_NAMES
from suffice.dataset.guess import task_name
from suffice.dataset.questions import FORM, columns_of
from suffice.dataset.requests import request_columns
from suffice.diagnose import what_can_be_proven
from suffice.errors import DataError, Problem
from suffice.records.progress import Progress
from suffice.records.task import DataSpec, Kind, Task
from suffice.split.assign import TEST_SHARE
from suffice.store.task_file import write_task


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """A task file that was written."""

    guesses: tuple[str, ...]
    """What was guessed and why."""
    plan: tuple[str, ...]
    """What the held-out rows can prove."""


OTHER_KINDS: tuple[tuple[Kind, Callable[[SourceFile, DataSpec], object]], ...] = (
    ("tools", request_columns),
    ("answer", columns_of),
)
"""Kinds of task whose answers are no labels, and what finds their columns."""
COMMENTS = {
    "": "What the job is, where its data lies, and what is good enough. Every key: docs/TASK.md of suffice.",
    "instruction": "What a language model is told before every message; made from the labels when empty.",
    "data": "Paths are relative to this file.",
    "labels": "The closed set: no other label can come out.",
    "target": "What is good enough; at_least is a fraction. Or `within: 0.02` of the best rung, instead of at_least.",
}


def init_task(
    file: Path, task_file: Path, *, given: Mapping[str, object], at_least: float | None, progress: Progress
) -> Started:
    """Writes a task file for a file of labelled messages.

    Args:
        file: the messages.
        task_file: where the task goes; it must not be there yet.
        given: keys of the task's `data` section that the person has named.
        at_least: the accuracy that suffices; 0.95 when None.
        progress: told of every step.

    Raises:
        DataError: everything that keeps the file from being read.
        TaskError: the task file is there already.
        StorageError: the folder cannot be written.
    """
    try:
        guess = guess_task(file, given=given, at_least=at_least, progress=progress)
    except DataError as error:
        kind = None if given else _other_kind(file, progress=progress)
        raise (error if kind is None else _not_labelled(file, kind, task_file=task_file)) from None
    data = guess.data.model_copy(update={"path": _seen_from(task_file, file)})
    task = Task(
        name=guess.name,
        kind="classify",
        data=data,
        labels=tuple(name for name, _ in guess.labels),
        target=guess.target,
    )
    write_task(task_file, task, comments=COMMENTS)
    n_test = guess.n_test if guess.n_test is not None else round(TEST_SHARE * guess.n_rows)
    return Started(
        guesses=guess.because,
        plan=what_can_be_proven(guess.target, n_test=n_test, opening=1, label_rows={}, design_effect=None),
    )


def _other_kind(file: Path, *, progress: Progress) -> Kind | None:
    """The kind of task that a file without labels is for, by its columns; None where these say nothing."""
    data = DataSpec(path=str(file))
    for kind, find in OTHER_KINDS:
        try:
            first, *_ = locate(data, folder=Path.cwd(), progress=progress)
            find(first, data)
        except DataError:
            continue
        has_label = {name.strip().casefold() for name in first_chunk(first, form=FORM).columns} & {*LABEL_NAMES}
        return kind if kind == "tools" or not has_label else None
    return None


def _not_labelled(file: Path, kind: Kind, *, task_file: Path) -> DataError:
    """What to write instead, as one line of YAML that can be copied."""
    what = "requests with tools" if kind == "tools" else "questions with answers"
    answers = "" if kind == "tools" else "answer: {type: number}, "
    path = f"name: {task_name(file)}, kind: {kind}, data: {{path: {_seen_from(task_file, file)!r}}}"
    types = "" if kind == "tools" else " (or choice, text, expression)"
    fix = (
        f"write it yourself: `{{{path}, {answers}target: {{at_least: 0.9}}}}`{types}; docs/TASK.md has every key. If "
        "there are labels after all, say where: --label COLUMN"
    )
    rule, got = "init writes the task file of labelled messages", f"what looks like {what}, kind: {kind}"
    return DataError(Problem(where=str(file), rule=rule, got=got, fix=fix))


def _seen_from(task_file: Path, file: Path) -> str:
    """The file's path as the task file must name it; a hub id stays as it is."""
    if not file.exists():
        return str(file)
    return os.path.relpath(file.resolve(), task_file.resolve().parent)
