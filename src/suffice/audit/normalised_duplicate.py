"""Messages that are there more than once but for case, white space, Unicode form and punctuation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found
from suffice.audit.repeats import repeats
from suffice.text.normalise import canonical


def _look(audited: Audited) -> Iterator[Found]:
    """Rows that `exact_duplicate` counts are not counted again."""
    rows = np.flatnonzero(repeats(map(canonical, audited.texts)) & ~repeats(audited.texts))
    if len(rows):
        got = f"{len(rows):,} of {len(audited.texts):,} messages differ from an earlier one"
        yield Found(
            rows=rows,
            got=f"{got} by case, white space, Unicode form or punctuation alone",
            fix="nothing need be done: copies are one group to splits and intervals",
            score=len(rows) / len(audited.texts),
        )


NORMALISED_DUPLICATE = Check(
    code="normalised_duplicate",
    severity="note",
    rule="a message that is there twice, written almost alike, teaches and proves no more than once",
    look=_look,
)
