"""Messages that may say the same in other words: a lead, on which nothing is ever removed by itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found
from suffice.audit.copy_groups import copy_groups
from suffice.records.evidence import NoEvidence
from suffice.records.splits import SPLIT_NAMES


def _needs(audited: Audited) -> str | None:
    if isinstance(audited.evidence, NoEvidence):
        return audited.evidence.why
    return audited.evidence.no_embeddings


def _look(audited: Audited) -> Iterator[Found]:
    """Groups that hold more than copies of one another; near-copies are for `near_duplicate`."""
    components = audited.models.paraphrases
    assert components is not None, "there are embeddings"
    in_test = audited.splits.codes == SPLIT_NAMES.index("test")
    groups = list(copy_groups(components, told=audited.copies.near))
    touched = [rows[in_test[rows]] for rows in groups if in_test[rows].any() and not in_test[rows].all()]
    if touched:
        n = sum(map(len, touched))
        yield Found(
            rows=np.sort(np.concatenate(touched)),
            got=f"{n:,} of {int(in_test.sum()):,} test rows may say in other words what a row of another split says",
            fix="nothing need be done where people do write alike; test figures speak of messages like these",
            score=n / int(in_test.sum()),
        )
    for rows in groups:
        yield Found(
            rows=rows,
            got=f"{len(rows):,} messages may say the same in other words: a lead, by their embeddings",
            fix="look at them; nothing is removed for this reason",
            score=float(len(rows)),
        )


PARAPHRASE = Check(
    code="paraphrase",
    severity="note",
    rule="a message that is there twice in other words teaches and proves little more than once",
    look=_look,
    needs=_needs,
)
