"""Test rows with a copy, or a row of the same customer or thread, in another split: part of their answer was shown.

Splits that are made here keep groups together, so that only splits that the data brings can leak.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found


def _needs(audited: Audited) -> str | None:
    return None if len(audited.splits.rows("test")) else "no row stands in test"


def _look(audited: Audited) -> Iterator[Found]:
    groups, test = audited.splits.groups, audited.splits.rows("test")
    others = audited.splits.rows("train", "validation", "calibration")
    leaked = test[np.isin(groups[test], groups[others])]
    if len(leaked):
        got = f"{len(leaked):,} of {len(test):,} test rows have a copy"
        yield Found(
            rows=leaked,
            got=f"{got}, or a row of the same customer or thread, in another split",
            fix="take these rows out of the other splits, or drop the split column and have splits made",
            score=len(leaked) / len(test),
        )


LEAKAGE = Check(
    code="leakage",
    severity="warn",
    rule="no test row should have a copy or group mate in another split",
    look=_look,
    needs=_needs,
)
