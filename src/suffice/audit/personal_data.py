"""Personal data in messages: counted, and shown masked, of training rows alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from suffice.audit.check import OF_TEXTS, Audited, Check, Found, always
from suffice.records.splits import SPLIT_NAMES
from suffice.text.counted import counted
from suffice.text.personal import PersonalKind, find_personal

_SHOWN = 3


def _look(audited: Audited) -> Iterator[Found]:
    """One finding for each kind. A message that is there twice is read once."""
    train, in_test = SPLIT_NAMES.index("train"), audited.in_test
    found = {text: find_personal(text) for text in dict.fromkeys(audited.texts)}
    rows, shown = defaultdict[PersonalKind, list[int]](list), defaultdict[PersonalKind, list[str]](list)
    for row, text in enumerate(audited.texts):
        for kind in dict.fromkeys(one.kind for one in found[text]):
            rows[kind].append(row)
            if audited.splits.codes[row] == train and len(shown[kind]) < _SHOWN:
                shown[kind].extend(one.masked for one in found[text] if one.kind == kind)
    words = ", ".join(f"<{kind.split()[0]}>" for kind in sorted(rows))
    for kind, of_kind in sorted(rows.items()):
        positions = np.array(of_kind, dtype=np.int64)
        is_open = ~in_test[positions]
        such_as = f", such as {', '.join(dict.fromkeys(shown[kind][:_SHOWN]))}" if shown[kind] else ""
        yield Found(
            rows=positions[is_open],
            got=f"{counted(len(positions), 'text')} of {len(audited.texts):,} ({(~is_open).sum():,} in test) with "
            f"{_ARTICLE[kind]}{such_as}",
            # One for all kinds: of many fixes of one check, some are not shown.
            fix=f"write a word such as {words} in its place, in texts to come as well: a model keeps words that it "
            "was trained on",
            score=len(positions) / len(audited.texts),
        )


_ARTICLE: dict[PersonalKind, str] = {
    "IBAN": "an IBAN",
    "card number": "a card number",
    "e-mail address": "an e-mail address",
    "phone number": "a phone number",
}

PERSONAL_DATA = Check(
    code="personal_data",
    severity="warn",
    rule="texts should not carry numbers and addresses of persons",
    look=_look,
    needs=always,
    kinds=OF_TEXTS,
)
