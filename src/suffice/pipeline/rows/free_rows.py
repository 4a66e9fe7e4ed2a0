"""Rows of a data version whose answers are free, and completions of them judged, by the kind of the task."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.dataset.questions import questions_of
from suffice.dataset.requests import requests_of
from suffice.evaluate.completions import Judged, judged_answers, judged_calls
from suffice.kinds.calls.rows import read_row
from suffice.records.answers import Question, Submission
from suffice.records.dataset import Dataset
from suffice.records.free_spec import FreeSpec
from suffice.records.tool_calls import ToolRequest
from suffice.records.tool_spec import ToolSpec
from suffice.rungs.answering import AnyRow


def free_rows(data: Dataset, spec: FreeSpec) -> tuple[AnyRow, ...]:
    """Questions with their right answers, or requests with their right calls.

    Args:
        data: rows of a data version.
        spec: the task's section of its kind.
    """
    return requests_in(data) if isinstance(spec, ToolSpec) else questions_of(data)


def requests_in(data: Dataset) -> tuple[ToolRequest, ...]:
    """Requests with their right calls.

    Args:
        data: rows of a data version that was made of requests.
    """
    return requests_of(data, read_row=lambda row, where: read_row(row, where=where))


def judged(
    rows: Sequence[AnyRow],
    completions: Sequence[Submission],
    groups: NDArray[np.int64],
    *,
    spec: FreeSpec,
    seed: int,
    done: Callable[[int], None],
) -> Judged:
    """Whether each completion is right, and why not.

    Args:
        rows: N rows of one kind.
        completions: of the same rows, in the same order.
        groups: group of each row, shape [N].
        spec: the task's section of its kind.
        seed: of shuffles.
        done: told the rows that were judged since the last call.
    """
    if isinstance(spec, ToolSpec):
        requests = [row for row in rows if isinstance(row, ToolRequest)]
        return judged_calls(requests, completions, groups, spec=spec, seed=seed, done=done)
    questions = [row for row in rows if isinstance(row, Question)]
    return judged_answers(questions, completions, groups, spec=spec, seed=seed, done=done)
