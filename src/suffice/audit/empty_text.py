"""Messages that show nothing: there is nothing in them to classify."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found, always
from suffice.text.normalise import is_empty


def _look(audited: Audited) -> Iterator[Found]:
    rows = np.flatnonzero([is_empty(text) for text in audited.texts])
    if len(rows):
        yield Found(
            rows=rows,
            got=f"{len(rows):,} of {len(audited.texts):,} messages: empty, blank or made of control characters",
            fix="take these rows out, or fill in their text",
        )


EMPTY_TEXT = Check(
    code="empty_text",
    severity="stop",
    rule="every message must show something",
    look=_look,
    needs=always,
    allowed="keeps them, and the answer to an empty text is the training rows' label shares",
)
