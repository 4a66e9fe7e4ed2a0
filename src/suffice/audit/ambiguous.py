"""Rows whose label people would dispute, told apart from errors.

Where rows carry several people's labels, their disagreement is measured. Elsewhere no row can be called ambiguous by
itself: what can be seen is a pair of labels that the data cannot tell apart, and the region between them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found, without_evidence
from suffice.audit.disputed import measured_ambiguity, why_not_measured
from suffice.errors import quoted
from suffice.records.evidence import Evidence
from suffice.text.counted import counted

LEAST_DISPUTED = 0.5
"""Least probability that a row lies between its label and those that cannot be told from it."""


def _needs(audited: Audited) -> str | None:
    not_measured = why_not_measured(audited)
    not_asked = without_evidence(audited)
    return f"{not_measured}, and {not_asked}" if not_measured and not_asked else None


def _look(audited: Audited) -> Iterator[Found]:
    if why_not_measured(audited) is None:
        yield from measured_ambiguity(audited)
    if isinstance(audited.evidence, Evidence):
        yield from _regions(audited)


def _regions(audited: Audited) -> Iterator[Found]:
    models = audited.models
    for pair in models.pairs:
        within = np.isin(models.y, [pair.first, pair.second]) & (models.suspicion.disputed >= LEAST_DISPUTED)
        if not pair.inseparable or not within.any():
            continue
        first, second = (quoted(audited.labels.names[k]) for k in (pair.first, pair.second))
        n_rows = counted(within.sum(), "row")
        got = f"about {n_rows} between {first} and {second}, which the data cannot tell apart"
        yield Found(
            rows=models.rows[within],
            got=f"{got}: as a region; of a single row this is only a lead",
            fix=f"let two people label some of them (data.annotators), then redefine or merge {first} and {second}",
            score=int(within.sum()) / len(models.rows),
        )


AMBIGUOUS = Check(
    code="ambiguous",
    severity="warn",
    rule="people should agree on a row's label",
    look=_look,
    needs=_needs,
    left_out=without_evidence,
)
