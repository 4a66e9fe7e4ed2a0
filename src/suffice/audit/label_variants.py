"""Labels that differ only by case, white space or Unicode form: one label to a person, several to a model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found
from suffice.audit.label_form import label_form
from suffice.errors import quoted
from suffice.text.counted import counted


def _needs(audited: Audited) -> str | None:
    return None if len(audited.labels) > 1 else "there is one label"


def _look(audited: Audited) -> Iterator[Found]:
    spellings = defaultdict(list)
    for k, name in enumerate(audited.labels.names):
        spellings[label_form(name)].append(k)
    for same in spellings.values():
        if len(same) > 1:
            yield _found(audited, sorted(same, key=lambda k: -len(audited.rows_of_label[k])))


def _found(audited: Audited, same: list[int]) -> Found:
    """The commonest spelling is the one to keep; the rows are those of the others."""
    names = [quoted(audited.labels.names[k]) for k in same]
    counts = [len(audited.rows_of_label[k]) for k in same]
    return Found(
        rows=np.sort(np.concatenate([audited.rows_of_label[k] for k in same[1:]])),
        got="one label in several spellings: "
        + ", ".join(f"{name} on {counted(n, 'row')}" for name, n in zip(names, counts, strict=True)),
        fix=f"write {names[0]} in all of these rows, and once in `labels` where task.yaml lists them",
    )


LABEL_VARIANTS = Check(
    code="label_variants",
    severity="stop",
    rule="labels must differ by more than case, white space or Unicode form",
    look=_look,
    needs=_needs,
    allowed="keeps them as different labels",
)
