"""Whether answers stand on the context that was given, or on something else."""

from __future__ import annotations

from suffice.evaluate.completions.judged import Judged
from suffice.records.completion_evaluation import SupportLayer
from suffice.records.evaluation import NotMeasured

NO_CONTEXT = "no row with an answer of numbers or names has a context"


def support(judged: Judged) -> SupportLayer | NotMeasured:
    """Answers with a number or a name that is in neither question nor context, and that no step computes."""
    asked = judged.where(lambda row: row.unsupported is not None)
    if not asked.any():
        return NotMeasured(why=NO_CONTEXT)
    found = judged.where(lambda row: bool(row.unsupported))
    return SupportLayer(
        unsupported=judged.share(found, of=asked), right_unsupported=int((found & judged.verified).sum())
    )
