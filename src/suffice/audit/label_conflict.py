"""One message under two labels: whatever is answered to it, some of its rows are wrong.

Messages count as one that differ by case, white space, Unicode form or punctuation alone. Near-copies do not: the word
in which they differ is often the one that the labels are about. Of 11 groups of near-copies with two labels in CLINC150
8 are right as they are ("... to change my oil", "... to change my tires"); what is wrong among them is for
`label_error` to tell.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from suffice.audit.check import OUTSIDE, Audited, Check, Found, without_two_labels
from suffice.audit.copy_groups import copy_groups, dropped_for_labels
from suffice.audit.settle_label import how_to_settle
from suffice.errors import quoted
from suffice.text.counted import counted

_SHOWN = 5


def _look(audited: Audited) -> Iterator[Found]:
    """One finding for each message; its score is the rows that are wrong at least."""
    alike = [rows[audited.y[rows] != OUTSIDE] for rows in copy_groups(audited.copies.normalised)]
    conflicts = [rows for rows in alike if len(np.unique(audited.y[rows])) > 1]
    if conflicts:
        # One for all splits: of many fixes of one check, some are not shown.
        settle, dropped = how_to_settle(audited, np.concatenate(conflicts)), dropped_for_labels(audited)
        for rows in conflicts:
            yield _found(audited, rows, fix=f"{settle}; {_DROPS if dropped[rows].any() else _DROPS_NONE}")


def _found(audited: Audited, rows: NDArray[np.int64], *, fix: str) -> Found:
    labels, counts = np.unique(audited.y[rows], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    named = [f"{quoted(audited.labels.names[labels[k]])} on {counted(counts[k], 'row')}" for k in order[:_SHOWN]]
    more = f", and {len(labels) - _SHOWN:,} more" if len(labels) > _SHOWN else ""
    return Found(
        rows=rows,
        got=f"one message under {len(labels):,} labels: {', '.join(named)}{more}",
        fix=fix,
        score=float(len(rows) - counts.max()),
    )


_DROPS = "`suffice clean` drops training rows of a conflict that nobody settled"
_DROPS_NONE = "`suffice clean` drops none: train has one of the labels at most"

LABEL_CONFLICT = Check(
    code="label_conflict",
    severity="warn",
    rule="one message should have one label",
    look=_look,
    needs=without_two_labels,
)
