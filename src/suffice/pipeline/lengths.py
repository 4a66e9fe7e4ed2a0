"""`too_long: error`: every text that is too long for a rung is told before anything is fitted or opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from suffice.errors import DataError, ModelError, Problem
from suffice.pipeline.cells import cells_of
from suffice.pipeline.prepare import Prepared
from suffice.pipeline.run_cell import settings_of
from suffice.records.progress import Progress
from suffice.rungs.ladder import describe


def require_whole_texts(rungs: Sequence[str], prepared: Prepared, *, progress: Progress) -> None:
    """Refuses texts that a rung would read a part of, where the task says that this is an error.

    Test rows are told by their place alone: who has seen a text of theirs has opened the test.

    Args:
        rungs: as in `ladder`; one whose base model is not to be had is passed over.
        prepared: the task and its rows.
        progress: told while base models are fetched.

    Raises:
        DataError: every such text, once for each rung.
    """
    if prepared.task.too_long != "error":
        return
    problems = [problem for rung in rungs for problem in _too_long(rung, prepared, progress=progress)]
    if problems:
        raise DataError(problems)


def _too_long(rung: str, prepared: Prepared, *, progress: Progress) -> list[Problem]:
    try:
        cell = cells_of(rung, prepared, seed=0, progress=progress)[0]
    except ModelError:
        return []
    settings = replace(settings_of(cell), too_long="head")
    too_long = describe(rung).load_class().too_long
    is_so = partial(too_long, labels=prepared.labels, settings=settings, base=cell.base or "", progress=progress)
    data = prepared.material.data
    rows = [(row.source, row.row) for row in data.take(np.flatnonzero(is_so(data.texts)))]
    rows += prepared.test.rows_where(is_so)
    assert prepared.source is not None, "a fit reads its rows from files"
    fix = "shorten the text, or set too_long=head_tail (or head) to go on with part of it, flagged"
    rule = f"a text must fit what {rung} reads, at most {prepared.task.context_tokens:,} tokens"
    return [
        Problem(where=place, rule=rule, got="a longer one", fix=fix) for place in prepared.source.places(rows).values()
    ]
