"""Messages that are there more than once, character for character."""

from __future__ import annotations

from collections.abc import Iterator

from suffice.audit.check import OF_TEXTS, Audited, Check, Found, without_two_rows
from suffice.audit.copy_groups import clean_fates, clean_fix, copy_groups


def _look(audited: Audited) -> Iterator[Found]:
    """One finding for each message that several rows have."""
    fates = clean_fates(audited)
    for rows in copy_groups(audited.copies.exact):
        got = f"{len(rows):,} rows have the same text"
        yield Found(rows=rows, got=got, fix=clean_fix(fates[rows], kind=audited.kind), score=len(rows))


EXACT_DUPLICATE = Check(
    code="exact_duplicate",
    severity="note",
    rule="a text that is there twice teaches and proves no more than once",
    look=_look,
    needs=without_two_rows,
    kinds=OF_TEXTS,
)
