"""Messages that are there more than once but for a few letters or words: most character 5-grams in common.

A group of over a twentieth of the rows is cut, and that is told; one of 20 rows or fewer is neither cut nor told as
large, however small the data: it is a group like any other (see docs/decisions/0008).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import OF_TEXTS, Audited, Check, Found, without_two_rows
from suffice.audit.copy_groups import clean_fates, clean_fix, copy_groups


def _left_out(audited: Audited) -> str | None:
    copies = audited.copies
    missed = f"a pair right at {copies.threshold:.0%} is missed with chance {copies.miss_rate:.4f}"
    return None if copies.method == "exact" else f"of so many rows {missed}, one that is nearer more seldom"


def _look(audited: Audited) -> Iterator[Found]:
    """One finding for each group that stricter checks do not tell in full, and one for each that was cut."""
    copies, fates = audited.copies, clean_fates(audited)
    alike = f"share {copies.threshold:.0%} or more of their character 5-grams"
    for rows in copy_groups(copies.near, told=copies.normalised):
        got = f"{len(rows):,} rows {alike}, each with another of them"
        yield Found(rows=rows, got=got, fix=clean_fix(fates[rows], kind=audited.kind), score=len(rows))
    for cut in copies.cut:
        yield Found(
            rows=np.array([], dtype=np.int64),
            got=f"{cut.n_rows:,} rows of the data as read {alike} with another of them, too many for one group: "
            f"they were parted at {cut.threshold:.0%}, and parts may stand in different splits",
            fix="look for a template or signature that they share and take it out of the texts, or name a column that "
            "says what belongs together with data.group",
            score=cut.n_rows,
        )


NEAR_DUPLICATE = Check(
    code="near_duplicate",
    severity="note",
    rule="a text that is there twice but for a few letters teaches and proves hardly more than once",
    look=_look,
    needs=without_two_rows,
    left_out=_left_out,
    kinds=OF_TEXTS,
)
