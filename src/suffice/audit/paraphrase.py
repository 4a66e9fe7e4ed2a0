"""Messages that may say the same in other words: a lead, on which nothing is ever removed by itself."""

from __future__ import annotations

from collections.abc import Iterator

from suffice.audit.check import Audited, Check, Found, without_embeddings
from suffice.audit.copy_groups import copy_groups


def _look(audited: Audited) -> Iterator[Found]:
    """Groups that hold more than near-copies of one another; those across splits are for `leakage` too."""
    components = audited.models.paraphrases
    assert components is not None, "there are embeddings"
    for rows in copy_groups(components, told=audited.copies.near):
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
    needs=without_embeddings,
)
