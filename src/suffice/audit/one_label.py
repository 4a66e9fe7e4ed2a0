"""One label only: there is nothing to tell apart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found, always
from suffice.errors import quoted
from suffice.text.counted import counted


def _look(audited: Audited) -> Iterator[Found]:
    """Counts labels that rows have: a label that is declared and has no row cannot be learned."""
    present = [k for k, rows in enumerate(audited.rows_of_label) if len(rows)]
    if len(present) < 2:
        yield Found(
            rows=np.array([], dtype=np.int64),
            got=_got(audited, present),
            fix="add rows of at least one other label, or name the right column with data.label",
        )


def _got(audited: Audited, present: list[int]) -> str:
    if not present:
        return "no row has a label of the task"
    n_rows = len(audited.rows_of_label[present[0]])
    return f"one label, {quoted(audited.labels.names[present[0]])}, on {n_rows:,} of {counted(len(audited.y), 'row')}"


ONE_LABEL = Check(
    code="one_label",
    severity="stop",
    rule="rows must have at least two different labels of the task",
    look=_look,
    needs=always,
    allowed="goes on, and one answer is right for every row",
)
