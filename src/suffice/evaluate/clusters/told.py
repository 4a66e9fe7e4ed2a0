"""What a cluster is called: the words, the features and the faults that set it apart, and its typical failures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.clusters.search import Candidate
from suffice.evaluate.clusters.traits import NUMBER, Traits
from suffice.records.clusters import ClusterRows
from suffice.stats.log_odds import log_odds_z

LEAST_Z = 1.96
"""Standard errors from which a trait is told."""
MAX_WORDS, MAX_FEATURES, MAX_TYPICAL = 5, 3, 10
N_TELLING = 20
"""Traits by which a failure is called typical."""
N_NAMING = 3
"""Words that name a subject."""


def telling(traits: Traits, inside: NDArray[np.bool_], outside: NDArray[np.bool_]) -> tuple[list[str], list[str]]:
    """Phrases, and features in words, that some rows have more often than others, the most telling first.

    Of phrases that share a word only the most telling is told.

    Args:
        traits: of the N rows.
        inside: whether a row is one of the first, shape [N].
        outside: whether it is one of the others, shape [N].

    Source: `stats.log_odds`.
    """
    z = _z(traits, inside, outside)
    words, features, said = list[str](), list[str](), set[str]()
    for position in np.argsort(-z, kind="stable"):
        if z[position] < LEAST_Z or (len(words) == MAX_WORDS and len(features) == MAX_FEATURES):
            break
        trait = traits.traits[position]
        if trait.kind == "feature" and len(features) < MAX_FEATURES:
            features.append(trait.says)
        elif trait.kind == "words" and len(words) < MAX_WORDS and not said & set(trait.value.split()):
            words.append(trait.value)
            said |= set(trait.value.split()) - {NUMBER}
    return words, features


def name_of(candidate: Candidate, words: list[str]) -> str:
    """The rule in words.

    Args:
        candidate: the rule.
        words: phrases that set its rows apart.
    """
    if candidate.trait is not None:
        return candidate.trait.says
    return f"about {', '.join(words[:N_NAMING])}" if words else "one subject that no word names"


def typical(rows: ClusterRows, traits: Traits, member: NDArray[np.bool_]) -> tuple[str, ...]:
    """Ids of the failures of a cluster that have most of what sets its failures apart from rows that did not fail.

    Args:
        rows: all N rows.
        traits: theirs.
        member: whether each belongs to the cluster, shape [N].
    """
    inside = member & rows.failed
    z = _z(traits, inside, ~rows.failed)
    weights = np.zeros(len(z))
    chosen = np.argsort(-z, kind="stable")[:N_TELLING]
    weights[chosen] = np.where(z[chosen] >= LEAST_Z, z[chosen], 0.0)
    failures = np.flatnonzero(inside)
    order = np.argsort(-(traits.has @ weights)[failures], kind="stable")
    return tuple(rows.ids[row] for row in failures[order[:MAX_TYPICAL]])


def _z(traits: Traits, inside: NDArray[np.bool_], outside: NDArray[np.bool_]) -> NDArray[np.float64]:
    return log_odds_z(traits.has.T @ inside.astype(np.float64), traits.has.T @ outside.astype(np.float64))
