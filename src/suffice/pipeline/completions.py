"""Completions that any system wrote to an evaluation: no model is involved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from suffice.dataset.completions import Answered, Asked, Row, Submitted, answered, read_completions, read_rejected
from suffice.errors import DataError, Problem
from suffice.evaluate.completions import (
    Judged,
    compare_completions,
    doubted,
    evaluate_completions,
    flips_between,
    judged_answers,
    judged_calls,
)
from suffice.kinds.calls.parse import no_call_in
from suffice.pipeline.cells.clusters import clusters_of
from suffice.pipeline.rows.asked_rows import groups_of, questions_of, requests_of, sealed_ids
from suffice.records.answers import Submission
from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.evaluation import Comparison
from suffice.records.progress import Progress
from suffice.records.sensitivity import FlipRate
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
    flips: FlipRate | None
    """Rows that are right in one of the two alone, from the other to the first; None where there is no other."""
    n_left_out: int
    """Rows without a completion, which no figure counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompletionFiles:
    """What a person gave beside the task, and how it is read."""

    path: Path
    """The completions."""
    against: Path | None = None
    """Other completions of the same rows; None where there are none."""
    rejected: Path | None = None
    """Ids of rows whose right answer a person has rejected, one a line; None where none was."""
    allow_missing: bool = False
    """Leave out rows without a completion instead of refusing them."""


def score_completions(
    task: Task, files: CompletionFiles, *, folder: Path, seed: int, progress: Progress
) -> ScoredCompletions:
    """Scores a file of completions, and holds it against another.

    Args:
        task: a task whose kind is `answer` or `tools`.
        files: the completions, and what stands beside them.
        folder: the task file's folder.
        seed: of shuffles and of the bootstrap.
        progress: told of every step.

    Raises:
        DataError: rows or lines that cannot be read, that do not belong together, or that are sealed.
    """
    if task.kind == "tools":
        requests = requests_of(task, folder=folder, progress=progress)
        return _scored(
            requests, files, task, judge=partial(judged_calls, spec=task.tools, seed=seed), progress=progress
        )
    questions = questions_of(task, folder=folder, progress=progress)
    return _scored(
        questions, files, task, judge=partial(judged_answers, spec=task.answer, seed=seed), progress=progress
    )


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


def _scored(
    rows: Sequence[Row], files: CompletionFiles, task: Task, *, judge: _Judge[Row], progress: Progress
) -> ScoredCompletions:
    paths = [files.path] if files.against is None else [files.path, files.against]
    read = [_answered(rows, path, task, allow_missing=files.allow_missing, progress=progress) for path in paths]
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
        flips=flips_between(*systems) if len(systems) > 1 else None,
        n_left_out=read[0].n_missing,
    )


def _answered(rows: Sequence[Row], path: Path, task: Task, *, allow_missing: bool, progress: Progress) -> Answered[Row]:
    """A file's completions beside the rows that they are of.

    Raises:
        DataError: it cannot be read, or says what it must not.
    """
    no_call = no_call_in if task.kind == "tools" else None
    submitted = read_completions(path, no_call_in=no_call, progress=progress)
    if submitted.of_run:
        if not allow_missing:
            _must_have_finished(path)
        _must_not_be_sealed(submitted, sealed_ids(rows, seed=task.split.seed, progress=progress))
    return answered(rows, submitted, allow_missing=allow_missing)


def _must_have_finished(path: Path) -> None:
    """Refuses the file of a run that may still go on: what it has written so far are its shortest completions.

    Raises:
        DataError: there is no manifest beside it.
    """
    if not path.with_name("manifest.json").exists():
        rule, got = "a run's completions must be those of all rows that it asked", "no manifest.json beside them"
        fix = "finish the run, or name the file in the run's folder; or score what is there: --allow-missing"
        raise DataError(Problem(where=str(path), rule=rule, got=got, fix=fix))


def _must_not_be_sealed(submitted: Submitted, sealed: Collection[str]) -> None:
    """Refuses what a run wrote for rows of the sealed test: it would be read without being opened.

    Raises:
        DataError: there are such rows.
    """
    n = sum(one.id in sealed for one in submitted.completions)
    if n:
        rule = "a run's completions of the sealed test are scored where that is counted"
        fix = "open it for the run: suffice evaluate RUN --test; the report of the fit has the figures of its opening"
        raise DataError(Problem(where=submitted.name, rule=rule, got=f"those of {n:,} rows of it", fix=fix))


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
