"""Rows whose label is likely wrong: models that did not see them agree on another one.

Until a person has looked, this is a lead. Models disagree with wrong, disputed and merely hard rows alike; how many
of them are wrong is what `suffice review` estimates.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from suffice.audit.check import Audited, Check, Found, without_evidence
from suffice.audit.disputed import against_majority

FLAGGED_MARGIN = 0.5
"""Least lead in probability of another label for a row to be called flagged."""


def _look(audited: Audited) -> Iterator[Found]:
    suspicion = audited.models.suspicion
    flagged = suspicion.flagged(least=FLAGGED_MARGIN)
    if len(flagged):
        got = f"a lead: about {len(flagged):,} of {len(suspicion.rows):,} rows flagged, whose label models that did not"
        yield Found(
            rows=np.asarray(flagged),
            got=f"{got} see them would not give (most suspect first); how many are wrong is not known before review",
            fix="look at them, the most suspect first: suffice review",
            score=len(flagged) / len(suspicion.rows),
        )
    against = against_majority(audited)
    if len(against):
        got = f"{len(against):,} rows with another label than most of their annotators chose"
        yield Found(rows=against, got=got, fix="give them the majority's label, or look at them: suffice review")


LABEL_ERROR = Check(
    code="label_error",
    severity="warn",
    rule="a label should be the one that models which did not see the row expect, or a person's who looked",
    look=_look,
    needs=without_evidence,
)
