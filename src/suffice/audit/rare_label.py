"""Labels with too few examples to stand in train and validation.

A label stops the fit when there is

- nothing to learn from: train has no row of it; or
- nothing to judge by: validation has no row of it, where validation has `MIN_VALIDATION` rows or more. Where it has
  fewer, cheap rungs are judged out of fold on train plus validation; then two groups of the label must stand there, as
  the fold that asks for a single one leaves nothing to learn it from.

More is not asked of a fit: a label of fewer than `MIN_GROUPS` examples is only warned of, and what it is worth shows in
the interval of its recall. One of a small set that no validation row has is a pity, and `label_not_in_validation` says
so. One that test has and train lacks is for `label_only_in_test` to report.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found
from suffice.errors import quoted
from suffice.text.counted import counted

MIN_GROUPS = 10
"""Examples of a label below which it is warned of: found ten times in ten, a label's recall may still be 0.74 (exact
one-sided bound at 95%)."""


def _needs(audited: Audited) -> str | None:
    return None if len(audited.splits.rows("train", "validation")) else "no row stands in train or validation"


def _look(audited: Audited) -> Iterator[Found]:
    train, validation = audited.label_counts("train"), audited.label_counts("validation")
    groups = audited.group_counts("train", "validation")
    unlearned = (train == 0) & (audited.label_counts("test") == 0)
    unjudged = (train > 0) & (groups < 2 if audited.judged_out_of_fold else validation == 0)
    few = (train > 0) & (groups < MIN_GROUPS) & ~unjudged
    for k in np.flatnonzero(unlearned | unjudged | few):
        name = quoted(audited.labels.names[k])
        stands = f"{counted(train[k], 'row')} in train and {validation[k]:,} in validation"
        yield Found(
            rows=audited.rows_of_label[k],
            got=f"{name} on {stands}, in {counted(groups[k], 'group')} of copies, customers or threads",
            fix=f"label more rows as {name}, merge it with another label, or take it out of data and `labels`",
            mild=bool(few[k]),
        )


RARE_LABEL = Check(
    code="rare_label",
    severity="stop",
    rule="every label needs rows to learn it from and rows to judge it by",
    look=_look,
    needs=_needs,
    allowed="keeps the label, whose figures then mean little",
)
