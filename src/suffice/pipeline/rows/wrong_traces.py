"""Rows whose traces are found wrong, by what the audit computes of them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from suffice.dataset.questions import questions_of
from suffice.kinds.traces.trace import check_trace
from suffice.records.dataset import Dataset

MAX_KEPT = 100_000
"""Traces of which it is remembered what was found: a fit asks about its training rows time and again."""


def wrong_traces(data: Dataset) -> NDArray[np.bool_]:
    """Which rows of questions have a trace that is wrong, shape [N]: what the checks `trace_arithmetic` and
    `trace_disagrees` find.

    Args:
        data: rows of a data version whose answers are free text.
    """
    return np.array([_is_wrong(one.gold.trace, one.gold.answer) for one in questions_of(data)], dtype=np.bool_)


def has_traces(data: Dataset) -> bool:
    """Whether any row says what leads to its answer.

    Args:
        data: rows of a data version whose answers are free text.
    """
    return any(one.gold.trace is not None for one in questions_of(data))


@lru_cache(maxsize=MAX_KEPT)
def _is_wrong(trace: str | None, answer: str) -> bool:
    return trace is not None and check_trace(trace, answer=answer).is_wrong
