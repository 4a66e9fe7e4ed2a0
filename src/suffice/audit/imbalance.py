"""Label shares so uneven that accuracy says little: it may be high while most labels are never found."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import entropy

from suffice.audit.check import Audited, Check, Found, without_two_labels
from suffice.errors import quoted
from suffice.text.counted import counted, listed

MIN_EVENNESS = 0.5
"""Two labels at 86 to 14 have this evenness: whoever always answers the commoner is right six times in seven."""
_SMALL = 0.25
"""A label with less than this part of an equal share is named as one of which rows are wanted."""


def _look(audited: Audited) -> Iterator[Found]:
    """Labels count that have rows.

    Source: Heip (1974), A New Index Measuring Evenness, Journal of the Marine Biological Association 54, 555-557:
    (e^H - 1) / (K - 1), with e^H the number of equally common labels of the same entropy.
    """
    counts = np.array([len(rows) for rows in audited.rows_of_label])
    order = np.argsort(-counts, kind="stable")[: int((counts > 0).sum())]
    shares = counts[order] / counts.sum()
    n_effective = float(np.exp(entropy(shares)))
    evenness = (n_effective - 1) / (len(order) - 1)
    if evenness < MIN_EVENNESS:
        names = [audited.labels.names[k] for k in order]
        small = [name for name, share in zip(names, shares, strict=True) if share < _SMALL / len(order)][::-1]
        yield Found(
            rows=np.array([], dtype=np.int64),
            got=f"{len(order):,} labels, as uneven as {n_effective:.1f} equal ones: {quoted(names[0])} on "
            f"{counted(counts[order[0]], 'row')} ({shares[0]:.1%}), {quoted(names[-1])} on "
            f"{counts[order[-1]]:,}, {counts[order[0]] / counts[order[-1]]:,.0f} times fewer",
            fix=f"set target.metric=macro_f1, to which every label counts alike, or label more rows of "
            f"{listed(small or names[-1:])}",
            score=1 - evenness,
        )


IMBALANCE = Check(
    code="imbalance",
    severity="warn",
    rule="no label should be so common that accuracy hardly sees the others",
    look=_look,
    needs=without_two_labels,
)
