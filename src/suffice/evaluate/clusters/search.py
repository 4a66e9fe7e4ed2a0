"""Candidates: which phrases, features and subjects have the most failures, found on one half of the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, hstack

from suffice.evaluate.clusters.traits import Trait, Traits
from suffice.stats.excess import signed_g2

MIN_ROWS, MIN_FAILED = 8, 5
"""Rows and failures of a candidate in the half that it is found on."""
LEAST_G2 = 10.0
"""Likelihood ratio of a candidate at least. Among a thousand rules of which none is true the highest is about 10: this
only spares the second half tests that are lost beforehand, and proves nothing."""
MAX_CANDIDATES = 10
MAX_SHARE = 0.5
"""Share of the rows that a candidate has at most. Where most rows fit a rule, the others are the kind of row: those on
which the system fails less."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A rule, and the rows that belong to it and to no rule before it."""

    trait: Trait | None
    """The phrase or the feature; None for a subject."""
    member: NDArray[np.bool_]
    """Shape [N]."""


def candidates(
    traits: Traits, subjects: NDArray[np.bool_], failed: NDArray[np.bool_], half: NDArray[np.bool_]
) -> list[Candidate]:
    """Rules by falling excess of failures, each on the rows that those before it leave over.

    Of rules that speak of the same failures (`twice as many`, `as many`) only the best is taken: once its rows are set
    aside, the others have no excess left.

    Args:
        traits: of the N rows.
        subjects: whether each row lies in each of C subjects, shape [N, C].
        failed: whether the system failed on each row, shape [N].
        half: whether a row may be looked at, shape [N].
    """
    rules = csc_array(hstack([traits.has, csc_array(subjects.astype(np.float64))]))
    left, taken, found = half.copy(), np.zeros(len(failed), dtype=np.bool_), list[Candidate]()
    most = rules.T @ half.astype(np.float64) > MAX_SHARE * half.sum()
    while len(found) < MAX_CANDIDATES and left.any():
        hits, rows = rules.T @ (failed & left).astype(np.float64), rules.T @ left.astype(np.float64)
        g2 = signed_g2(hits, rows, n_hits=float((failed & left).sum()), n_rows=float(left.sum()))
        g2[(rows < MIN_ROWS) | (hits < MIN_FAILED) | most] = -np.inf
        best = int(g2.argmax()) if len(g2) else -1
        if best < 0 or g2[best] < LEAST_G2:
            break
        belongs = np.zeros(len(failed), dtype=np.bool_)
        belongs[rules.indices[rules.indptr[best] : rules.indptr[best + 1]]] = True
        trait = traits.traits[best] if best < len(traits.traits) else None
        found.append(Candidate(trait=trait, member=belongs & ~taken))
        taken, left = taken | belongs, left & ~belongs
    return found
