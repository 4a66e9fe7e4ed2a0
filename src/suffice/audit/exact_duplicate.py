"""Messages that are there more than once, character for character."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found


def _look(audited: Audited) -> Iterator[Found]:
    rows = np.flatnonzero(_repeats(audited.texts))
    if len(rows):
        yield Found(
            rows=rows,
            got=f"{len(rows):,} of {len(audited.texts):,} messages are the same as an earlier one",
            fix="nothing must be done: copies stay in one split and count as one where chance is reckoned with",
            score=len(rows) / len(audited.texts),
        )
