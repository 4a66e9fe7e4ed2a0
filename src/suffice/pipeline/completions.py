"""Completions that any system wrote to an evaluation: no model is involved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from suffice.dataset.completions import Answered, Asked, Row, answered, read_completions, read_rejected
from suffice.errors import DataError, Problem
from suffice.evaluate.completions import (
    Judged,
    compare_completions,
    doubted,
    evaluate_completions,
    judged_answers,
    judged_calls,
)
from suffice.pipeline.asked_rows import groups_of, questions_of, requests_of
from suffice.pipeline.clusters import clusters_of
from suffice.records.answers import Submission
from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.evaluation import Comparison
from suffice.records.progress import Progress
from suffice.records.task import Task

Row_contra = TypeVar("Row_contra", bound=Asked, contravariant=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredCompletions:
    """What others wrote, scored."""

    evaluation: CompletionEvaluation
    """All layers."""
    against: CompletionEvaluation | None
    """All layers of the other file; None where there is none."""
    comparison: Comparison | None
    """The first minus the other, on the same rows; None where there is no other."""
    n_left_out: int
    """Rows without a completion, which no figure counts."""


def score_completions(
    task: Task,
    path: Path,
    *,
    against: Path | None,
    folder: Path,
    rejected: Path | None,
    allow_missing: bool,
    seed: int,
    progress: Progress,
) -> ScoredCompletions:
    """Scores a file of completions, and holds it against another.

    Args:
        task: a task whose kind is `answer` or `tools`.
        path: the completions.
        against: other completions of the same rows.
        folder: the task file's folder.
        rejected: ids of rows whose right answer a person has rejected, one a line.
        allow_missing: leave out rows without a completion.
        seed: of shuffles and of the bootstrap.
        progress: told of every step.

    Raises:
        DataError: rows or lines that cannot be read, or that do not belong together.
    """
    files = _Files(
        path=path,
        against=against,
        rejected=rejected,
        allow_missing=allow_missing,
        with_calls=task.kind == "tools",
    )
    if task.kind == "tools":
        requests = requests_of(task, folder=folder, progress=progress)
        return _scored(requests, files, judge=partial(judged_calls, spec=task.tools, seed=seed), progress=progress)
    questions = questions_of(task, folder=folder, progress=progress)
    return _scored(questions, files, judge=partial(judged_answers, spec=task.answer, seed=seed), progress=progress)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Files:
    """What a person gave beside the task, and how it is read."""

    path: Path
    against: Path | None
    rejected: Path | None
    allow_missing: bool
    with_calls: bool
    """Whether a line may have calls beside its text."""


class _Judge(Protocol[Row_contra]):
    """Judges completions of rows of one kind."""

    def __call__(
        self,
        rows: Sequence[Row_contra],
        completions: Sequence[Submission],
        groups: NDArray[np.int64],
        /,
        *,
        done: Callable[[int], None],
    ) -> Judged: ...


def _scored(rows: Sequence[Row], files: _Files, *, judge: _Judge[Row], progress: Progress) -> ScoredCompletions:
    paths = [files.path] if files.against is None else [files.path, files.against]
    read = [
        answered(
            rows,
            read_completions(path, with_calls=files.with_calls, progress=progress),
            name=path.name,
            allow_missing=files.allow_missing,
        )
        for path in paths
    ]
    names = (paths[0].name, paths[-1].name)
    if len(read) > 1:
        read = _of_same_rows(read[0], read[1], names=names, allow_missing=files.allow_missing)
    groups = groups_of(read[0].rows, progress=progress)
    rejected = None if files.rejected is None else read_rejected(files.rejected, known=rows)
    systems: list[Judged] = []
    for one, path in zip(read, paths, strict=True):
        with progress.step(f"judging {path.name}", total=len(one.rows)) as done:
            systems.append(replace(judge(one.rows, one.completions, groups, done=done), rejected=rejected))
    if len(systems) > 1:
        leads = doubted(*systems)
        systems = [replace(system, doubted=leads) for system in systems]
    clusters = clusters_of(systems, seed=systems[0].seed, progress=progress)
    evaluations = [evaluate_completions(one, clusters=found) for one, found in zip(systems, clusters, strict=True)]
    return ScoredCompletions(
        evaluation=evaluations[0],
        against=evaluations[1] if len(evaluations) > 1 else None,
        comparison=compare_completions(*systems, names=names) if len(systems) > 1 else None,
        n_left_out=read[0].n_missing,
    )


def _of_same_rows(
    first: Answered[Row], second: Answered[Row], *, names: tuple[str, str], allow_missing: bool
) -> list[Answered[Row]]:
    """Both on the rows that both answered.

    Raises:
        DataError: they answered different rows and none may be left out, or have no row in common.
    """
    ids, others = {one.id for one in first.rows}, {one.id for one in second.rows}
    alone = sorted(ids ^ others)
    if not ids & others or (alone and not allow_missing):
        got = f"{len(alone):,} that only one has, such as {alone[0]!r}"
        fix = "complete both, or compare them on the rows that both have: --allow-missing"
        rule = "two files are compared on the same rows"
        raise DataError(Problem(where=f"{names[0]} and {names[1]}", rule=rule, got=got, fix=fix))
    return [first.only(ids & others), second.only(ids & others)]
