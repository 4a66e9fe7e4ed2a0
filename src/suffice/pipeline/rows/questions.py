"""Files of questions or requests to the data version that stands for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from suffice.dataset.files import SourceFile, locate
from suffice.dataset.questions import columns_of, question_rows
from suffice.dataset.requests import request_columns, request_rows
from suffice.dataset.source import digest_of
from suffice.errors import DataError, Problem
from suffice.kinds.calls.parse import parse
from suffice.kinds.calls.rows import gold_calls
from suffice.kinds.tools import render_calls
from suffice.pipeline.rows.asked_rows import questions_of, requests_of
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.progress import Progress
from suffice.records.task import Task
from suffice.records.tool_calls import ToolRequest
from suffice.records.tool_spec import ToolSpec
from suffice.store.versions import VersionManifest, find_version, write_version


def question_version(task: Task, workspace: Workspace, *, folder: Path, progress: Progress) -> VersionManifest:
    """Reads the questions or requests of a task into `raw` (again, so that a changed file is seen), and gives the
    version asked for.

    Args:
        task: a task whose answers are free text or calls.
        workspace: where data versions lie.
        folder: the task file's folder, which its paths are relative to.
        progress: told of every step.

    Raises:
        DataError: rows that cannot be read, all at once.
    """
    files = locate(task.data, folder=folder, progress=progress)
    of_kind = _requests if task.kind == "tools" else _questions
    rows, change, text, context = of_kind(task, files[0], folder=folder, progress=progress)
    raw = write_version(
        workspace.versions,
        [rows],
        parent=None,
        change=f"as read: {change}",
        sources=[(one.name, one.sha256) for one in (digest_of(file, progress=progress) for file in files)],
        text=text,
        context=context,
    )
    version = find_version(workspace.versions, task.data.version)
    return raw if version.name == raw.name else version


_Rows = tuple[pa.RecordBatch, str, tuple[str, ...], str | None]
"""Rows, a sentence about how they were read, and the columns of their text and of their context."""


def _questions(task: Task, file: SourceFile, *, folder: Path, progress: Progress) -> _Rows:
    rows = question_rows(questions_of(task, folder=folder, progress=progress))
    first = columns_of(file, task.data)
    change = f"the file is read as {first.shape}; question: {first.text}; answer: {first.answer}"
    context = None if first.context is None else first.context.names[0]
    return rows, change if context is None else f"{change}; context: {first.context}", first.text.names, context


def _requests(task: Task, file: SourceFile, *, folder: Path, progress: Progress) -> _Rows:
    requests = requests_of(task, folder=folder, progress=progress)
    _must_be_writable(requests, task.tools)
    first = request_columns(file, task.data)
    right = "what the last message calls" if first.accepted is None else str(first.accepted)
    return request_rows(requests), f"messages: {first.messages}; tools: {first.tools}; right calls: {right}", (), None


def _must_be_writable(requests: Sequence[ToolRequest], spec: ToolSpec) -> None:
    """Refuses rows whose right calls nobody could write: nothing can be learned of them, and no system can be right.

    Raises:
        DataError: all of them, by place.
    """
    problems = []
    for one in requests:
        calls = gold_calls(one.example.accepted)
        where, fix = f"{one.source}: row {one.row}", "correct the right calls, or take the row out"
        if calls is None:
            got = "an argument that must be given and has no value that is right"
            problems.append(Problem(where=where, rule="the right calls must be possible", got=got, fix=fix))
        elif parse(render_calls(calls, form=spec.form), names=[tool.name for tool in one.example.tools]).calls != calls:
            rule = f"the right calls must be writable in the form that is asked for, {spec.form}"
            got = "names or values that this form cannot say"
            problems.append(Problem(where=where, rule=rule, got=got, fix=f"{fix}; or choose tools.form: json"))
    if problems:
        raise DataError(problems)
