"""Messages that are there more than once, character for character."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found
from suffice.audit.repeats import repeats


def _look(audited: Audited) -> Iterator[Found]:
    rows = np.flatnonzero(repeats(audited.texts))
    if len(rows):
        yield Found(
            rows=rows,
            got=f"{len(rows):,} of {len(audited.texts):,} messages are the same as an earlier one",
            fix="nothing need be done: copies are one group to splits and intervals",
            score=len(rows) / len(audited.texts),
        )


EXACT_DUPLICATE = Check(
    code="exact_duplicate",
    severity="note",
    rule="a message that is there twice teaches and proves no more than once",
    look=_look,
)
