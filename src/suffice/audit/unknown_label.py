"""Labels outside the set that the task file declares."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import OUTSIDE, Audited, Check, Found
from suffice.audit.label_form import label_form
from suffice.errors import MAX_SHOWN, nearest, quoted
from suffice.text.counted import counted


def _needs(audited: Audited) -> str | None:
    return None if audited.declared else "task.yaml lists no `labels`: those that the rows have are taken"


def _look(audited: Audited) -> Iterator[Found]:
    """One finding for each such label, the commonest first."""
    known_to_be = np.array([label == audited.aside for label in audited.data.labels])
    rows = np.flatnonzero((audited.y == OUTSIDE) & ~known_to_be)
    given = np.array(audited.data.take(rows).labels, dtype=object)
    names, which, counts = np.unique(given, return_inverse=True, return_counts=True)
    positions = np.split(rows[np.argsort(which, kind="stable")], np.cumsum(counts)[:-1])
    known = {label_form(name): name for name in audited.labels.names}
    for rank, k in enumerate(np.argsort(-counts, kind="stable")):
        # Comparing spellings is slow, and a column that is not the label's has a label for every row.
        hint = nearest_label(str(names[k]), known) if rank < MAX_SHOWN else ""
        yield Found(
            rows=positions[k],
            got=f"{quoted(str(names[k]))} on {counted(counts[k], 'row')}{hint}",
            fix="correct these rows, or add the label to `labels` in task.yaml",
        )


def nearest_label(label: str, known: dict[str, str]) -> str:
    """The label of the set that is spelled alike but for case and white space, or else looks most alike, in words.

    Args:
        label: one outside the set.
        known: `label_form` of each label to the label.
    """
    same = known.get(label_form(label))
    return nearest(label, known.values()) if same is None else f" (nearest: {same!r})"


UNKNOWN_LABEL = Check(
    code="unknown_label",
    severity="stop",
    rule="every label must be one of `labels` in task.yaml",
    look=_look,
    needs=_needs,
    allowed="leaves these rows out",
)
