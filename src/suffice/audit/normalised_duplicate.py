"""Messages that are there more than once but for case, white space, Unicode form and punctuation."""

from __future__ import annotations

from collections.abc import Iterator

from suffice.audit.check import OF_TEXTS, Audited, Check, Found, without_two_rows
from suffice.audit.copy_groups import clean_fates, clean_fix, copy_groups


def _look(audited: Audited) -> Iterator[Found]:
    """One finding for each group that `exact_duplicate` does not tell in full."""
    fates = clean_fates(audited)
    for rows in copy_groups(audited.copies.normalised, told=audited.copies.exact):
        yield Found(
            rows=rows,
            got=f"{len(rows):,} rows differ by case, white space, Unicode form or punctuation alone",
            fix=clean_fix(fates[rows], kind=audited.kind),
            score=len(rows),
        )


NORMALISED_DUPLICATE = Check(
    code="normalised_duplicate",
    severity="note",
    rule="a text that is there twice, written almost alike, teaches and proves no more than once",
    look=_look,
    needs=without_two_rows,
    kinds=OF_TEXTS,
)
