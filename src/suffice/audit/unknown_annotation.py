"""Annotators' labels outside the label set: slips of the pen that look like disagreement, or labels left out of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found
from suffice.audit.label_form import label_form
from suffice.audit.unknown_label import nearest_label
from suffice.errors import quoted
from suffice.text.counted import counted

_SHOWN = 5


def _needs(audited: Audited) -> str | None:
    return None if any(audited.data.annotations) else "no row has labels of annotators (data.annotators)"


def _look(audited: Audited) -> Iterator[Found]:
    labels = set(audited.labels.names)
    outside: dict[str, list[int]] = defaultdict(list)
    for row, given in enumerate(audited.data.annotations):
        for label in set(given or ()) - labels:
            outside[label].append(row)
    if outside:
        known = {label_form(name): name for name in audited.labels.names}
        commonest = sorted(outside, key=lambda label: (-len(outside[label]), label))
        named = [
            f"{quoted(label)} on {counted(len(outside[label]), 'row')}{nearest_label(label, known)}"
            for label in commonest[:_SHOWN]
        ]
        more = f", and {len(outside) - _SHOWN:,} more" if len(outside) > _SHOWN else ""
        yield Found(
            rows=np.unique(np.concatenate([outside[label] for label in commonest])).astype(np.int64),
            got=f"{', '.join(named)}{more}",
            fix="correct the annotators' columns, or add the label to `labels` in task.yaml",
        )


UNKNOWN_ANNOTATION = Check(
    code="unknown_annotation",
    severity="warn",
    rule="every annotator's label should be one of the task's labels",
    look=_look,
    needs=_needs,
)
