"""Labels or words that move over `data.time`: what is learned from the old rows is asked for on new ones."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import rankdata
from sklearn.feature_extraction.text import HashingVectorizer

from suffice.audit.check import OUTSIDE, Audited, Check, Found
from suffice.errors import quoted

N_PERIODS = 4
MIN_ROWS, MIN_DAYS = 100, 8
"""Dated rows, and different days, below which nothing is said."""
LEAST_SHIFT = 0.05
"""One row in twenty has another label than it would have at other times, beyond what chance moves: accuracy can move by
as much as that times the difference between the best and the worst label's recall."""
LEAST_AUC = 0.7
"""With which the words tell an early message from a late one.
Source: Hosmer, Lemeshow and Sturdivant (2013), Applied Logistic Regression, section 5.2.4: acceptable from there on."""
_ALPHA = 0.01
_N_SHUFFLES = {"labels": 499, "words": 99}
_MAX_READ, _N_FEATURES, _N_FOLDS = 5_000, 2**14, 5
_SEED = 0


def _needs(audited: Audited) -> str | None:
    days = [time[:10] for time in audited.data.times if time]
    if not days:
        return "no row has a time (data.time)"
    if len(days) < MIN_ROWS or len(set(days)) < MIN_DAYS:
        return f"fewer than {MIN_ROWS} rows have a time, or they stand on fewer than {MIN_DAYS} days"
    return None


def _look(audited: Audited) -> Iterator[Found]:
    """Rows of one day are one lot: days, not rows, are what chance may put in another order."""
    dated = np.array([bool(time) for time in audited.data.times])
    yield from _labels(audited, np.flatnonzero(dated & (audited.y != OUTSIDE)))
    yield from _words(audited, np.flatnonzero(dated & ~audited.in_test))


def _labels(audited: Audited, rows: NDArray[np.int64]) -> Iterator[Found]:
    names, day = _days(audited, rows)
    table = np.zeros((len(names), len(audited.labels)))
    np.add.at(table, (day, audited.y[rows]), 1)
    rng = np.random.default_rng(_SEED)
    of_day = _periods(table.sum(axis=1))
    shifts, counts = _shifts(table, of_day)
    by_chance = np.empty(_N_SHUFFLES["labels"])
    for k in range(len(by_chance)):
        shuffled = table[rng.permutation(len(table))]
        by_chance[k] = _shifts(shuffled, _periods(shuffled.sum(axis=1)))[0].max()
    period = int(shifts.argmax())
    usual = float(np.median(by_chance))
    if shifts[period] >= usual + LEAST_SHIFT and _seldom(shifts[period], by_chance):
        inside, outside = counts[period] / counts[period].sum(), np.delete(counts, period, 0).sum(axis=0)
        moved = inside - outside / outside.sum()
        label = int(np.abs(moved).argmax())
        within = names[of_day == period]
        yield Found(
            rows=np.array([], dtype=np.int64),
            got=f"label shares move: {shifts[period]:.0%} of the rows from {within[0]} to {within[-1]} would have "
            f"another label at other times (days in any order: {usual:.0%}); {quoted(audited.labels.names[label])} has "
            f"{inside[label]:.1%} of them, {inside[label] - moved[label]:.1%} at other times",
            fix="train on the latest rows and prove on later ones (data.time without a split column does), and prove "
            "again when they move on",
            score=float(shifts[period]),
        )


def _shifts(table: NDArray[np.float64], of_day: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Total variation distance of each period's label shares from those of all others, and the counts."""
    counts = np.stack([table[of_day == period].sum(axis=0) for period in range(of_day.max() + 1)])
    others = counts.sum(axis=0) - counts
    shares = [part / part.sum(axis=1, keepdims=True) for part in (counts, others)]
    return np.abs(shares[0] - shares[1]).sum(axis=1) / 2, counts


def _periods(sizes: NDArray[np.float64], n: int = N_PERIODS) -> NDArray[np.int64]:
    """Period of each day, such that periods have about as many rows; a day is never divided."""
    middles = np.cumsum(sizes) - sizes / 2
    return np.unique(np.minimum(n * middles // sizes.sum(), n - 1), return_inverse=True)[1].astype(np.int64)


def _words(audited: Audited, rows: NDArray[np.int64]) -> Iterator[Found]:
    """Early half against late half, told by naive Bayes on days that it did not see."""
    rng = np.random.default_rng(_SEED)
    rows = np.sort(rng.permutation(rows)[:_MAX_READ])
    names, day = _days(audited, rows)
    if len(rows) < MIN_ROWS or len(names) < MIN_DAYS:
        return
    texts = [audited.texts[row] for row in rows]
    words = csr_array(
        HashingVectorizer(n_features=_N_FEATURES, binary=True, norm=None, alternate_sign=False).transform(texts)
    )
    sizes = np.bincount(day).astype(np.float64)
    fold = (rng.permutation(len(names)) % _N_FOLDS)[day]
    auc = _auc(words, _periods(sizes, 2)[day], fold)
    by_chance = np.empty(_N_SHUFFLES["words"])
    for k in range(len(by_chance)):
        order = rng.permutation(len(names))
        late = np.empty(len(names), dtype=np.int64)
        late[order] = _periods(sizes[order], 2)
        by_chance[k] = _auc(words, late[day], fold)
    if auc >= LEAST_AUC and _seldom(auc, by_chance):
        late_from = names[_periods(sizes, 2) == 1][0]
        yield Found(
            rows=np.array([], dtype=np.int64),
            got=f"words move: of a message before {late_from} and one after, the words tell which is which in "
            f"{auc:.0%} of cases (days in any order: {np.median(by_chance):.0%})",
            fix="train on the latest rows and prove on later ones (data.time without a split column does); see "
            "whether a template, a product or a source changed",
            score=auc,
        )


def _auc(words: csr_array, late: NDArray[np.int64], fold: NDArray[np.int64]) -> float:
    """How often a late message scores higher than an early one of the same fold, by the words of the other folds."""
    above, pairs = 0.0, 0
    for k in range(_N_FOLDS):
        seen, held = fold != k, fold == k
        n_with = np.stack([(seen & (late == half)) @ words + 1 for half in (0, 1)])
        weights = np.log(n_with / n_with.sum(axis=1, keepdims=True))
        n_words = np.maximum(words[held].sum(axis=1), 1)
        ranks = rankdata(words[held] @ (weights[1] - weights[0]) / n_words)
        n_late = int(late[held].sum())
        above += ranks[late[held] == 1].sum() - n_late * (n_late + 1) / 2
        pairs += n_late * (int(held.sum()) - n_late)
    return above / pairs if pairs else 0.5


def _seldom(value: float, by_chance: NDArray[np.float64]) -> bool:
    """Whether chance reaches the value in one case of a hundred at most.

    Source: Phipson and Smyth (2010), Permutation P-values Should Never Be Zero, section 4: (b + 1) / (m + 1).
    """
    return bool((1 + (by_chance >= value).sum()) / (1 + len(by_chance)) <= _ALPHA)


def _days(audited: Audited, rows: NDArray[np.int64]) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Days in order, and which of them each row is of."""
    times = audited.data.times
    return np.unique([str(times[row])[:10] for row in rows], return_inverse=True)


TIME_DRIFT = Check(
    code="time_drift",
    severity="warn",
    rule="labels and words should be those of the messages to come",
    look=_look,
    needs=_needs,
)
