"""Several people's labels of the same rows: how often they differ, and how right a single answer can then be.

Votes are counts, shape [N, K]: how many people gave row n label k. What is said here is said of people like those who
labelled, and of rows that two of them or more have labelled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, triu

from suffice.records.evaluation import Interval
from suffice.stats.groups import codes_or_rows
from suffice.stats.resampling import N_DRAWS, group_draws, percentile_interval
from suffice.stats.scored import require_rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """A figure and how well it is known."""

    value: float
    """The figure, on the rows at hand."""
    interval: Interval
    """Percentile bootstrap over groups, 95%."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disagreement:
    """How far people agree on the labels of some rows."""

    n_rows: int
    """Rows that two people or more have labelled."""
    n_votes: int
    """Labels that they gave."""
    n_disputed: int
    """Rows to which they gave more than one label."""
    n_tied: int
    """Rows of which no label has more votes than every other."""
    rate: Measured
    """Chance that two people give a row different labels."""
    alpha: Measured | None
    """Krippendorff's alpha for nominal data: 1 for people who never differ, 0 for labels drawn blindly; None where all
    votes are for one label."""
    best_at_least: Measured
    """At least so often the best single answer to a row is the label that one more person would give it."""
    best_at_most: Measured
    """At most so often it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitPair:
    """Two labels between which people are divided."""

    first: int
    """The one label, 0 to K - 1."""
    second: int
    """The other, behind it in the order of labels."""
    rows: NDArray[np.int64]
    """Rows that were given both, ascending."""
    share: float
    """Of two people who both chose one of the two for the same row, the fraction that chose differently."""


def most_chosen(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels that were chosen most often, sorted: several where there is a tie.

    Args:
        labels: what people chose for one row, at least one.
    """
    counts = Counter(labels)
    most = max(counts.values())
    return tuple(sorted(label for label, n in counts.items() if n == most))


def count_votes(given: Sequence[Sequence[int]], *, n_labels: int) -> csr_array:
    """Votes for each label of each row, shape [N, K].

    Args:
        given: labels that people gave each row, 0 to K - 1, length N.
        n_labels: K.
    """
    ends = np.cumsum([0, *map(len, given)])
    labels = np.fromiter((label for row in given for label in row), dtype=np.int64, count=int(ends[-1]))
    votes = csr_array((np.ones(len(labels), dtype=np.int64), labels, ends), shape=(len(given), n_labels))
    votes.sum_duplicates()
    return votes


def measure_disagreement(
    votes: csr_array, *, groups: NDArray[np.int64] | None, seed: int, n_draws: int = N_DRAWS
) -> Disagreement:
    """How often people differ, and between what bounds the accuracy lies that they allow at best.

    Let p be the shares of labels that all people would give a row. The best single answer is right with chance max(p).
    Few votes a row do not tell it: the share of a row's commonest label is too high, as a label is the commonest by
    chance too. What can be told without knowing p:

    - at least: what most of the others chose, held against the one label left out (a tie counts as a draw). It was not
      chosen by looking at that label, so that it is right no more often than the best answer.
    - at most: the smaller of two figures. The mean share of the commonest label, by Jensen's inequality. And the root
      of the chance that two people agree, which is the mean of sum(p^2): max(p) is at most the root of the row's own.

    The two meet where people agree, and where many have labelled each row. They speak of one person's label: a label
    that is what most of several chose can be foreseen more often.

    Args:
        votes: of rows with two votes or more each, shape [N, K].
        groups: group of each row, shape [N]; None where every row is its own.
        seed: of the resampling.
        n_draws: resamples.

    Raises:
        DataError: there are no rows.

    Source:
        alpha: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C. Rows are resampled, and not
        people: they are what a model meets anew.
    """
    n_rows = votes.shape[0]
    require_rows(n_rows, what="rows with labels of two annotators or more")
    codes, n_groups = codes_or_rows(n_rows, groups)
    rows = _of_each_row(votes)
    assert rows.n.min() > 1, "nothing can differ in a row with one vote"
    by_group = csr_array((np.ones(n_rows), (codes, np.arange(n_rows))), shape=(n_groups, n_rows))
    summed = np.stack([np.ones(n_rows), rows.agree, rows.foreseen, rows.share, rows.n, rows.n * (1.0 - rows.agree)])
    sums, labels = (by_group @ summed.T).T, (by_group @ votes).T.tocsr()

    def figures(times: NDArray[np.float64]) -> NDArray[np.float64]:
        return _figures(sums @ times.T, labels @ times.T)

    whole = figures(np.ones((1, n_groups)))[:, 0]
    draws = np.concatenate([figures(times) for times in group_draws(n_groups, n_draws=n_draws, seed=seed)], axis=1)
    return Disagreement(
        n_rows=n_rows,
        n_votes=int(rows.n.sum()),
        n_disputed=int((rows.agree < 1.0).sum()),
        n_tied=int(rows.tied.sum()),
        rate=_measured(whole[0], draws[0]),
        alpha=None if np.isnan(whole[1]) else _measured(whole[1], draws[1]),
        best_at_least=_measured(whole[2], draws[2]),
        best_at_most=_measured(whole[3], draws[3]),
    )


def split_pairs(votes: csr_array, *, n: int) -> tuple[SplitPair, ...]:
    """The pairs of labels between which people are most often divided, those with most divided votes first.

    Args:
        votes: of rows with two votes or more each, shape [N, K].
        n: the most pairs wanted.

    Source: the coincidence matrix of Krippendorff (2011), section C: each row's pairs of votes count as many as its
    votes.
    """
    of_row = np.repeat(1.0 / (votes.sum(axis=1) - 1.0), np.diff(votes.indptr))
    weighted = csr_array((votes.data * of_row, votes.indices, votes.indptr), shape=votes.shape)
    same = (votes.T @ weighted).diagonal() - weighted.sum(axis=0)
    divided = triu(votes.T @ weighted, k=1).tocoo()
    pairs = []
    for at in np.lexsort((divided.col, divided.row, -divided.data.round(9)))[:n]:
        one, two, split = int(divided.row[at]), int(divided.col[at]), float(divided.data[at])
        both = np.flatnonzero((votes[:, [one, two]] > 0).sum(axis=1) == 2)
        share = 2.0 * split / (2.0 * split + same[one] + same[two])
        pairs.append(SplitPair(first=one, second=two, rows=both.astype(np.int64), share=float(share)))
    return tuple(pairs)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rows:
    """What each row's votes say, shape [N] each."""

    n: NDArray[np.int64]
    """Votes."""
    agree: NDArray[np.float64]
    """Chance that two of them, drawn at random, are for the same label."""
    share: NDArray[np.float64]
    """Share of the commonest label."""
    tied: NDArray[np.bool_]
    """Whether another label is as common."""
    foreseen: NDArray[np.float64]
    """Chance that a vote drawn at random is what most of the others are, ties drawn."""


def _of_each_row(votes: csr_array) -> _Rows:
    counts, n = votes.data, np.asarray(votes.sum(axis=1))
    row = np.repeat(np.arange(len(n)), np.diff(votes.indptr))
    most = np.maximum.reduceat(counts, votes.indptr[:-1])
    n_most = np.bincount(row, weights=counts == most[row])
    n_next = np.bincount(row, weights=counts == most[row] - 1)
    agree = np.bincount(row, weights=counts * (counts - 1)) / (n * (n - 1))
    # Only a vote for the one commonest label can be foreseen; without it, labels one vote behind are as common.
    foreseen = (n_most == 1) * most / n / (1 + n_next)
    return _Rows(n=n, agree=agree, share=most / n, tied=n_most > 1, foreseen=foreseen)


def _measured(value: float, draws: NDArray[np.float64]) -> Measured:
    """A figure with the interval of the draws in which it is defined: what one group alone has may be missing."""
    return Measured(value=float(value), interval=percentile_interval(draws[~np.isnan(draws)]))


def _figures(sums: NDArray[np.float64], labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rate, alpha (nan where all votes are for one label) and the two bounds in each of B draws, shape [4, B].

    Args:
        sums: over rows: 1, agree, foreseen, share, votes, and votes times (1 - agree), shape [6, B].
        labels: votes for each label, shape [K, B].
    """
    n_rows, agree, foreseen, share, n, differ = sums
    by_chance = 1.0 - (labels * (labels - 1.0)).sum(axis=0) / (n * (n - 1.0))
    alpha = 1.0 - differ / n / np.where(by_chance > 0.0, by_chance, np.nan)
    at_most = np.minimum(share / n_rows, np.sqrt(agree / n_rows))
    return np.stack([1.0 - agree / n_rows, alpha, foreseen / n_rows, at_most])
