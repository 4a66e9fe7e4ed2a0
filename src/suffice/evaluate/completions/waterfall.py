"""Where answers and calls are lost: every row in the first class that fits."""

from __future__ import annotations

from suffice.evaluate.completions.judged import Judged
from suffice.records.completion_evaluation import ClassShare, CompletionClass, Waterfall


def waterfall(judged: Judged) -> Waterfall:
    """The classes of the kind with their intervals and first rows; they add up to all rows, whatever was written."""
    return Waterfall(
        classes=tuple(_class(judged, name) for name in judged.classes),
        n_ends_known=sum(row.ends_known for row in judged.rows),
    )


def _class(judged: Judged, name: CompletionClass) -> ClassShare:
    found = judged.share(judged.where(lambda row: row.class_ == name))
    return ClassShare(
        name=name,
        n=found.n,
        share=found.share,
        interval=found.interval,
        n_truncated=sum(row.truncated for row in judged.rows if row.class_ == name),
        ids=found.ids,
    )
