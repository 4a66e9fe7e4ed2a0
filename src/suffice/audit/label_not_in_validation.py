"""Labels of a small set that no validation row has: rungs too dear to be judged out of fold are not asked for them.

Those that no held-out row has are for `label_only_in_train` to report.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found
from suffice.audit.label_only_in_train import only_in_train
from suffice.records.splits import MIN_VALIDATION
from suffice.text.counted import counted, listed


def _needs(audited: Audited) -> str | None:
    if audited.judged_out_of_fold:
        return None
    return f"validation has {MIN_VALIDATION} rows or more, and rare_label stops at a label that it lacks"


def _look(audited: Audited) -> Iterator[Found]:
    missing = (audited.label_counts("train") > 0) & (audited.label_counts("validation") == 0)
    names = [audited.labels.names[k] for k in np.flatnonzero(missing & ~only_in_train(audited))]
    if names:
        yield Found(
            rows=np.array([], dtype=np.int64),
            got=f"{counted(len(names), 'label')} of {len(audited.labels):,} without a validation row: {listed(names)}",
            fix="label more rows of them; until then encoders and language models are not judged on them",
        )


LABEL_NOT_IN_VALIDATION = Check(
    code="label_not_in_validation",
    severity="warn",
    rule="validation should have rows of every label",
    look=_look,
    needs=_needs,
)
