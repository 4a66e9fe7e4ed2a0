"""Labels that test has and train lacks: no rung can learn them, and each of these rows counts as wrong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found, without_test
from suffice.audit.label_form import joined_form
from suffice.errors import nearest, quoted
from suffice.text.counted import counted


def _look(audited: Audited) -> Iterator[Found]:
    train, test, names = audited.label_counts("train"), audited.label_counts("test"), audited.labels.names
    trained = {joined_form(names[k]): names[k] for k in np.flatnonzero(train)}
    for k in np.flatnonzero((train == 0) & (test > 0)):
        name, twin = quoted(names[k]), trained.get(joined_form(names[k]))
        like = nearest(names[k], trained.values())
        corrected = f", or correct the label{like}" if like else ""
        yield Found(
            rows=audited.of_label_in(int(k), "test"),
            got=f"{name} on {counted(test[k], 'row')} in test and none in train",
            fix=f"label training rows as {name}, or take these rows out{corrected}"
            if twin is None
            else f"write {quoted(twin)} in these rows, as train does, and once in `labels` where task.yaml lists them",
        )


LABEL_ONLY_IN_TEST = Check(
    code="label_only_in_test",
    severity="stop",
    rule="every label in test must have rows in train",
    look=_look,
    needs=without_test,
    allowed="keeps these rows, and every answer to them is wrong",
)
