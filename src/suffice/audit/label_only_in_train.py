"""Labels that train has and no held-out split: whatever is shown to be right there, nothing is shown of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from suffice.audit.check import Audited, Check, Found, without_test
from suffice.text.counted import counted, listed


def only_in_train(audited: Audited) -> NDArray[np.bool_]:
    """Whether train has each label and no other split; shape [K]. None, where test has no row of any.

    Args:
        audited: the rows.
    """
    held_out = audited.label_counts("validation", "calibration", "test")
    alone = (audited.label_counts("train") > 0) & (held_out == 0)
    return np.asarray(alone & audited.in_test.any(), dtype=np.bool_)


def _look(audited: Audited) -> Iterator[Found]:
    alone = np.flatnonzero(only_in_train(audited))
    if len(alone):
        names = listed([audited.labels.names[k] for k in alone])
        yield Found(
            rows=np.sort(np.concatenate([audited.rows_of_label[k] for k in alone])),
            got=f"{counted(len(alone), 'label')} of {len(audited.labels):,} with rows in train alone: {names}",
            fix="label rows of them in validation and test, or merge them with other labels",
            score=len(alone) / len(audited.labels),
        )


LABEL_ONLY_IN_TRAIN = Check(
    code="label_only_in_train",
    severity="warn",
    rule="every label in train should have held-out rows, or nothing is proven of it",
    look=_look,
    needs=without_test,
)
