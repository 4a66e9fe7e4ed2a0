"""Failure clusters: found on one half of the rows, measured on the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.clusters.search import Candidate, candidates
from suffice.evaluate.clusters.subjects import subjects
from suffice.evaluate.clusters.told import name_of, telling, typical
from suffice.evaluate.clusters.traits import Traits, traits_of
from suffice.records.clusters import ClusterRows, FailureCluster, FailureClusters, FoundBy
from suffice.records.evaluation import NotMeasured
from suffice.stats.apart import difference_of_apart
from suffice.stats.binomial import interval
from suffice.stats.excess import excess_p
from suffice.stats.groups import design_effect
from suffice.stats.multiplicity import benjamini_hochberg
from suffice.stats.proof import effective_rows
from suffice.text.counted import counted

MIN_EACH = 20
"""Rows that failed, and rows that did not, at least: with fewer, a cluster would have to be most of them."""
MIN_GROUPS = 20
"""Groups of rows at least: they are what is parted into halves."""
AT_LEAST = 10
"""Rows that must have a word or a feature."""
LEVEL = 0.05
"""Share of the reported clusters that are false, on average, at most."""
CONFIDENCE = 0.95


def too_little(failed: NDArray[np.bool_], groups: NDArray[np.int64]) -> NotMeasured | None:
    """Why clusters cannot be looked for; None where they can.

    Args:
        failed: whether the system failed on each row, shape [N].
        groups: group of each row, shape [N].
    """
    n_failed, n_right, n_groups = int(failed.sum()), int((~failed).sum()), len(np.unique(groups))
    if n_failed < MIN_EACH:
        return NotMeasured(
            why=f"{counted(n_failed, 'row')} failed, and clusters are looked for among {MIN_EACH} or more"
        )
    if n_right < MIN_EACH:
        why = f"{counted(n_right, 'row')} did not fail, and clusters are held against {MIN_EACH} or more of them"
        return NotMeasured(why=why)
    if n_groups < MIN_GROUPS:
        return NotMeasured(why=f"the rows are of {n_groups} groups, and halves are made of {MIN_GROUPS} or more")
    return None


def failure_clusters(rows: ClusterRows, *, seed: int) -> FailureClusters | NotMeasured:
    """Kinds of rows on which a system fails more often than on others.

    Rules are phrases of the text, features of the row, and subjects: places where failures lie close together. They are
    looked for on one half of the groups; on the other half each is tested for an excess of failures, and only those are
    reported whose excess is shown there.

    Args:
        rows: of which it is known whether the system failed on them.
        seed: of the halves.

    Source: the halves: Cox (1975), A note on data-splitting for the evaluation of significance levels, Biometrika 62,
        441-444; the rest as `search`, `subjects` and `told` say.
    """
    why = too_little(rows.failed, rows.groups)
    if why is not None:
        return why
    first = half_of(rows.groups, seed=seed)
    traits = traits_of(rows.texts, rows.features, at_least=AT_LEAST)
    places = subjects(rows, np.flatnonzero(rows.failed & first), seed=seed)
    found = candidates(traits, places, rows.failed, first)
    shown = _shown(rows, found, ~first)
    faults = traits_of([""] * len(rows.ids), rows.errors, at_least=1)
    clusters = [_cluster(rows, traits, faults, one, ~first, q_value=q) for one, q in shown]
    inside = np.any([one.member for one, _ in shown], axis=0) if shown else np.zeros(len(rows.ids), dtype=np.bool_)
    return FailureClusters(
        clusters=tuple(sorted(clusters, key=lambda cluster: -cluster.n_failed)),
        n_found_on=int(first.sum()),
        n_measured_on=int((~first).sum()),
        n_candidates=len(found),
        n_failed=int((rows.failed & ~first).sum()),
        n_scattered=int((rows.failed & ~first & ~inside).sum()),
        vectors_of=rows.vectors_of,
    )


def half_of(groups: NDArray[np.int64], *, seed: int) -> NDArray[np.bool_]:
    """Whether each row is in the first half, shape [N]: whole groups, drawn until half of the rows are in it.

    Args:
        groups: group of each row, shape [N].
        seed: of the draw.
    """
    names, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    before = np.concatenate([[0], np.cumsum(sizes[order])[:-1]])
    chosen = np.zeros(len(names), dtype=np.bool_)
    chosen[order[before + sizes[order] / 2 <= len(groups) / 2]] = True
    return np.asarray(chosen[codes])


def _shown(rows: ClusterRows, found: list[Candidate], second: NDArray[np.bool_]) -> list[tuple[Candidate, float]]:
    """Candidates with an excess of failures on the second half, each with its q-value."""
    if not found:
        return []
    p_values = [excess_p(_failures(rows, one.member & second), _failures(rows, ~one.member & second)) for one in found]
    q_values = benjamini_hochberg(p_values).tolist()
    return [(one, q) for one, q in zip(found, q_values, strict=True) if q <= LEVEL]


def _failures(rows: ClusterRows, chosen: NDArray[np.bool_]) -> tuple[float, float]:
    """Failures and rows of those chosen, as many as independent ones that tell as much."""
    if not chosen.any():
        return 0.0, 0.0
    failed = rows.failed[chosen]
    n = effective_rows(len(failed), design_effect(failed, rows.groups[chosen]))
    return float(failed.mean()) * n, n


def _cluster(
    rows: ClusterRows,
    traits: Traits,
    faults: Traits,
    one: Candidate,
    second: NDArray[np.bool_],
    *,
    q_value: float,
) -> FailureCluster:
    inside, outside = one.member & second, ~one.member & second
    words, features = telling(traits, one.member, ~one.member)
    _, wrong = telling(faults, one.member & rows.failed, ~one.member & rows.failed)
    n, n_failed = int(inside.sum()), int((rows.failed & inside).sum())
    right, others = _right(rows, inside), _right(rows, outside)
    found_by: FoundBy = "subject" if one.trait is None else one.trait.kind
    return FailureCluster(
        name=name_of(one, words),
        found_by=found_by,
        words=tuple(words),
        features=tuple(features),
        went_wrong=tuple(wrong),
        n=n,
        n_failed=n_failed,
        share=n / int(second.sum()),
        share_of_loss=n_failed / int((rows.failed & second).sum()),
        accuracy=1.0 - n_failed / n,
        interval=interval(*right, confidence=CONFIDENCE),
        accuracy_outside=float((~rows.failed[outside]).mean()),
        interval_outside=interval(*others, confidence=CONFIDENCE),
        difference=difference_of_apart(right, others, confidence=CONFIDENCE),
        q_value=q_value,
        typical=typical(rows, traits, one.member),
    )


def _right(rows: ClusterRows, chosen: NDArray[np.bool_]) -> tuple[float, float]:
    n_failed, n = _failures(rows, chosen)
    return n - n_failed, n
