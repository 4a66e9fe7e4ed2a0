"""Test rows with a copy, or a row of the same customer or thread, in another split: part of their answer was shown.

Splits that are made here keep groups together, so that only splits that the data brings can leak; paraphrases may stand
in two splits of either kind.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found
from suffice.records.evidence import Evidence
from suffice.text.counted import counted


def _needs(audited: Audited) -> str | None:
    return None if len(audited.splits.rows("test")) else "no row stands in test"


def _look(audited: Audited) -> Iterator[Found]:
    """One finding for each level, the strictest first; a test row is told once, at the strictest that it leaks at."""
    copies, test = audited.copies, audited.splits.rows("test")
    others = audited.splits.rows("train", "validation", "calibration")
    apart = "take these rows out of the other splits, or drop the split column and have splits made"
    levels = {
        "the same message": copies.exact,
        "the same message but for case, white space, Unicode form or punctuation": copies.normalised,
        "a near-copy": copies.near,
        "a row of the same customer or thread, or a copy of one,": audited.splits.groups,
    }
    alike = "a row that may say the same in other words (a lead)"
    if isinstance(audited.evidence, Evidence) and audited.evidence.paraphrases is not None:
        levels[alike] = audited.evidence.paraphrases
    told = np.zeros(len(test), dtype=np.bool_)
    for what, codes in levels.items():
        leaked = np.isin(codes[test], codes[others]) & ~told
        told |= leaked
        if leaked.any():
            yield Found(
                rows=test[leaked],
                got=f"{leaked.sum():,} of {counted(len(test), 'test row')} have {what} in another split",
                fix=apart if what != alike else "nothing need be done where people do write alike; look at some",
                score=float(leaked.mean()),
            )


LEAKAGE = Check(
    code="leakage",
    severity="warn",
    rule="no test row should have a copy or group mate in another split",
    look=_look,
    needs=_needs,
)
