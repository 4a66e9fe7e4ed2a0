"""Labels of a small set that no validation row has: rungs too dear to be judged out of fold are not asked for them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found
from suffice.errors import quoted
from suffice.records.splits import MIN_VALIDATION

_SHOWN = 5


def _needs(audited: Audited) -> str | None:
    if audited.judged_out_of_fold:
        return None
    return f"validation has {MIN_VALIDATION} rows or more, and rare_label stops at a label that it lacks"


def _look(audited: Audited) -> Iterator[Found]:
    missing = np.flatnonzero((audited.label_counts("train") > 0) & (audited.label_counts("validation") == 0))
    if len(missing):
        names = ", ".join(quoted(audited.labels.names[k]) for k in missing[:_SHOWN])
        more = f" and {len(missing) - _SHOWN:,} more" if len(missing) > _SHOWN else ""
        yield Found(
            rows=np.array([], dtype=np.int64),
            got=f"{len(missing):,} of {len(audited.labels):,} labels have no validation row: {names}{more}",
            fix="label more rows of them; until then encoders and language models are not judged on them",
        )


LABEL_NOT_IN_VALIDATION = Check(
    code="label_not_in_validation",
    severity="warn",
    rule="validation should have rows of every label",
    look=_look,
    needs=_needs,
)
