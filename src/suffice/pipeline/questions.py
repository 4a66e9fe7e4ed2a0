"""Files of questions to the data version that stands for them."""

from __future__ import annotations

from pathlib import Path

from suffice.dataset.files import locate
from suffice.dataset.questions import columns_of, question_rows
from suffice.dataset.source import digest_of
from suffice.pipeline.asked_rows import questions_of
from suffice.pipeline.workspace import Workspace
from suffice.records.progress import Progress
from suffice.records.task import Task
from suffice.store.versions import VersionManifest, find_version, write_version


def question_version(task: Task, workspace: Workspace, *, folder: Path, progress: Progress) -> VersionManifest:
    """Reads the questions of a task into `raw` (again, so that a changed file is seen) and gives the version asked for.

    Args:
        task: a task whose answers are free text.
        workspace: where data versions lie.
        folder: the task file's folder, which its paths are relative to.
        progress: told of every step.

    Raises:
        DataError: rows that cannot be read, all at once.
    """
    questions = questions_of(task, folder=folder, progress=progress)
    files = locate(task.data, folder=folder, progress=progress)
    first = columns_of(files[0], task.data)
    raw = write_version(
        workspace.versions,
        [question_rows(questions)],
        parent=None,
        change=f"as read: the file is read as {first.shape}; question: {first.text}; answer: {first.answer}",
        sources=[(one.name, one.sha256) for one in (digest_of(file, progress=progress) for file in files)],
        text=first.text.names,
    )
    version = find_version(workspace.versions, task.data.version)
    return raw if version.name == raw.name else version
