"""One message under two labels: whatever is answered to it, some of its rows are wrong.

Messages count as one that differ by case, white space, Unicode form or punctuation alone. Near-copies do not: the word
in which they differ is often the one that the labels are about. Of 11 groups of near-copies with two labels in CLINC150
8 are right as they are ("... to change my oil", "... to change my tires"); what is wrong among them is for
`label_error` to tell.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import NOT_ASKED, OUTSIDE, Audited, Check, Found, without_two_labels
from suffice.audit.copy_groups import copy_groups, dropped_for_labels
from suffice.errors import quoted
from suffice.records.evidence import NoEvidence
from suffice.text.counted import counted

_SHOWN = 5


def _look(audited: Audited) -> Iterator[Found]:
    """One finding for each message; its score is the rows that are wrong at least."""
    dropped = dropped_for_labels(audited)
    for alike in copy_groups(audited.copies.normalised):
        rows = alike[audited.y[alike] != OUTSIDE]
        labels, counts = np.unique(audited.y[rows], return_counts=True)
        if len(labels) > 1:
            order = np.argsort(-counts, kind="stable")
            named = [
                f"{quoted(audited.labels.names[labels[k]])} on {counted(counts[k], 'row')}" for k in order[:_SHOWN]
            ]
            more = f", and {len(labels) - _SHOWN:,} more" if len(labels) > _SHOWN else ""
            yield Found(
                rows=rows,
                got=f"one message under {len(labels):,} labels: {', '.join(named)}{more}",
                fix=_fix(audited, reviewed=bool(dropped[rows].any())),
                score=float(len(rows) - counts.max()),
            )


def _fix(audited: Audited, *, reviewed: bool) -> str:
    if isinstance(audited.evidence, NoEvidence) and audited.evidence is not NOT_ASKED:
        return "correct the source: there are too few rows for a review of them"
    return _SETTLE if reviewed else _CORRECT


_SETTLE = "settle it in `suffice review`; `suffice clean` drops training rows of a conflict that nobody settled"
_CORRECT = (
    "correct the training row where it is wrong (`suffice clean` drops none: train has one of them at most); a "
    "validation row is decided about with `suffice review --row ID`, blind, and a test row with --also-test beside it, "
    "which spends the test; a calibration row is corrected in the source"
)

LABEL_CONFLICT = Check(
    code="label_conflict",
    severity="warn",
    rule="one message should have one label",
    look=_look,
    needs=without_two_labels,
)
