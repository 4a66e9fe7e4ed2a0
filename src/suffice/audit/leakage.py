"""Rows with a copy, or a row of the same customer or thread, in another split: part of their answer was shown.

Of two splits the more held-out one is touched: test before calibration, validation and train; the test's rows are told
first, and then those of validation, which rungs are compared on.

Splits that are made here keep groups together, so that only splits that the data brings can leak; paraphrases may stand
in two splits of either kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from suffice.audit.check import OF_TEXTS, Audited, Check, Found, without_embeddings
from suffice.records.evidence import Evidence
from suffice.records.splits import SPLIT_NAMES, SplitName
from suffice.text.counted import counted

_HELD_OUT: tuple[SplitName, ...] = ("test", "validation", "calibration")
_MATES = "a row of the same customer or thread, or a copy of one,"
_ALIKE = "a row that may say the same in other words (a lead)"


def _needs(audited: Audited) -> str | None:
    return None if len(np.unique(audited.splits.codes)) > 1 else "all rows stand in one split"


def _left_out(audited: Audited) -> str | None:
    why_not = without_embeddings(audited)
    return None if why_not is None else f"rows that say the same in other words were not looked for: {why_not}"


def _look(audited: Audited) -> Iterator[Found]:
    """One finding for each held-out split and level, the strictest first; a lead has no score, and is told last."""
    levels = {
        "the same text": audited.copies.exact,
        "the same text but for case, white space, Unicode form or punctuation": audited.copies.normalised,
        "a near-copy": audited.copies.near,
        _MATES: audited.splits.groups,
    }
    if isinstance(audited.evidence, Evidence) and audited.evidence.paraphrases is not None:
        levels[_ALIKE] = audited.evidence.paraphrases
    for name in _HELD_OUT:
        yield from _leaked(audited, name, levels)


def _leaked(audited: Audited, name: SplitName, levels: Mapping[str, NDArray[np.int64]]) -> Iterator[Found]:
    """A row is told once, at the strictest level that it leaks at."""
    rows = audited.splits.rows(name)
    others = {other: audited.splits.rows(other) for other in SPLIT_NAMES[: SPLIT_NAMES.index(name)]}
    told = np.zeros(len(rows), dtype=np.bool_)
    for what, codes in levels.items():
        within = {other: np.isin(codes[rows], codes[of_other]) & ~told for other, of_other in others.items()}
        leaked = np.any(list(within.values()), axis=0)
        told |= leaked
        if leaked.any():
            where = ", ".join(f"{touched.sum():,} in {other}" for other, touched in within.items() if touched.any())
            yield Found(
                rows=rows[leaked],
                got=f"{counted(leaked.sum(), f'{name} row')} of {len(rows):,} with {what} in another split ({where})",
                fix=_FIXES.get(what, _COPIES),
                score=float(leaked.mean()) if what != _ALIKE else None,
            )


_ANEW = (
    "or set data.split=none: splits are made that part no copies, customers or threads (where each split is a file, "
    "put all rows into one first, data.path)"
)
_COPIES = (
    "take the copies out of the other splits (exact_duplicate, normalised_duplicate and near_duplicate list the rows "
    f"of every split in `suffice audit task.yaml --json`), {_ANEW}"
)
_FIXES = {
    _MATES: f"give all rows of a customer or thread (data.group) one split, {_ANEW}",
    _ALIKE: "nothing need be done where people do write alike; look at some",
}
"""What to do, where it is not the copies that go."""

LEAKAGE = Check(
    code="leakage",
    severity="warn",
    rule="no row should have a copy or group mate in another split",
    look=_look,
    needs=_needs,
    left_out=_left_out,
    kinds=OF_TEXTS,
)
