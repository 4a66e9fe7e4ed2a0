"""Completions that any system wrote to an evaluation: no model is involved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.copies import find_copies, group_rows
from suffice.dataset.completions import Answered, answered, read_completions
from suffice.dataset.questions import read_questions
from suffice.errors import DataError, Problem
from suffice.evaluate.answers import JudgedAnswers, compare_answers, evaluate_answers, judged, suspected_gold
from suffice.kinds.gold import gold_of
from suffice.records.answer_evaluation import AnswerEvaluation
from suffice.records.answers import Question
from suffice.records.evaluation import Comparison
from suffice.records.progress import Progress
from suffice.records.task import Task


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredCompletions:
    """What others wrote, scored."""

    evaluation: AnswerEvaluation
    """All layers."""
    against: AnswerEvaluation | None
    """All layers of the other file; None where there is none."""
    comparison: Comparison | None
    """The first minus the other, on the same rows; None where there is no other."""
    suspected_gold: tuple[str, ...] | None
    """Rows to which both files state one answer that is not the right one: leads; None where there is no other."""
    n_left_out: int
    """Rows without a completion, which no figure counts."""


def score_completions(
    task: Task,
    path: Path,
    *,
    against: Path | None,
    folder: Path,
    allow_missing: bool,
    seed: int,
    progress: Progress,
) -> ScoredCompletions:
    """Scores a file of completions, and holds it against another.

    Args:
        task: a task whose kind is `answer`.
        path: the completions.
        against: other completions of the same rows.
        folder: the task file's folder.
        allow_missing: leave out rows without a completion.
        seed: of shuffles and of the bootstrap.
        progress: told of every step.

    Raises:
        DataError: rows or lines that cannot be read, or that do not belong together.
    """
    read_gold = partial(gold_of, spec=task.answer)
    questions = read_questions(task.data, folder=folder, read_gold=read_gold, progress=progress)
    files = [path] if against is None else [path, against]
    read = [
        answered(questions, read_completions(file, progress=progress), name=file.name, allow_missing=allow_missing)
        for file in files
    ]
    if against is not None:
        read = _of_same_rows(read[0], read[1], names=(path.name, against.name), allow_missing=allow_missing)
    groups = _groups(read[0].questions, progress=progress)
    systems = [
        _judged(task, one, groups, name=file.name, seed=seed, progress=progress)
        for one, file in zip(read, files, strict=True)
    ]
    return ScoredCompletions(
        evaluation=evaluate_answers(systems[0]),
        against=None if against is None else evaluate_answers(systems[1]),
        comparison=None if against is None else compare_answers(*systems, names=(path.name, against.name)),
        suspected_gold=None if against is None else suspected_gold(systems[0], systems[1]),
        n_left_out=read[0].n_missing,
    )


def _of_same_rows(first: Answered, second: Answered, *, names: tuple[str, str], allow_missing: bool) -> list[Answered]:
    """Both on the rows that both answered.

    Raises:
        DataError: they answered different rows and none may be left out, or have no row in common.
    """
    ids, others = {one.id for one in first.questions}, {one.id for one in second.questions}
    alone = sorted(ids ^ others)
    if not ids & others or (alone and not allow_missing):
        got = f"{len(alone):,} that only one has, such as {alone[0]!r}"
        fix = "complete both, or compare them on the rows that both have: --allow-missing"
        rule = "two files are compared on the same rows"
        raise DataError(Problem(where=f"{names[0]} and {names[1]}", rule=rule, got=got, fix=fix))
    return [first.only(ids & others), second.only(ids & others)]


def _groups(questions: Sequence[Question], *, progress: Progress) -> NDArray[np.int64]:
    """Group of each row, shape [N]: copies, near-copies and rows of one customer are no independent ones."""
    texts = [question.text for question in questions]
    near = find_copies(texts, progress=progress).near
    return group_rows(texts, [question.group for question in questions], near).codes


def _judged(
    task: Task, rows: Answered, groups: NDArray[np.int64], *, name: str, seed: int, progress: Progress
) -> JudgedAnswers:
    with progress.step(f"judging {name}", total=len(rows.questions)) as done:
        return judged(rows.questions, rows.completions, groups, spec=task.answer, seed=seed, done=done)
