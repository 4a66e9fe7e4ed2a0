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
_FEW = f"fewer than {MIN_ROWS} rows have a time, or they stand on fewer than {MIN_DAYS} days"
_ALPHA = 0.01
_N_SHUFFLES = {"labels": 499, "words": 99}
_MAX_READ, _N_FEATURES, _N_FOLDS = 5_000, 2**14, 5
_SEED = 0


def _needs(audited: Audited) -> str | None:
    if not any(audited.data.times):
        return "no row has a time (data.time)"
    return _FEW if _too_few(audited, _dated(audited)) else None


def _left_out(audited: Audited) -> str | None:
    few = _too_few(audited, _outside_test(audited))
    return f"words were not looked at: without the test rows {_FEW}" if few else None


def _dated(audited: Audited) -> NDArray[np.int64]:
    return np.flatnonzero([bool(time) for time in audited.data.times])


def _outside_test(audited: Audited) -> NDArray[np.int64]:
    dated = _dated(audited)
    return dated[~audited.in_test[dated]]


def _too_few(audited: Audited, rows: NDArray[np.int64]) -> bool:
    return len(rows) < MIN_ROWS or len(_days(audited, rows)[0]) < MIN_DAYS


def _look(audited: Audited) -> Iterator[Found]:
    """Rows of one day are one lot: days, not rows, are what chance may put in another order."""
    dated = _dated(audited)
    yield from _labels(audited, dated[audited.y[dated] != OUTSIDE])
    if _left_out(audited) is None:
        yield from _words(audited, _outside_test(audited))


def _labels(audited: Audited, rows: NDArray[np.int64]) -> Iterator[Found]:
    names, day = _days(audited, rows)
    table = np.zeros((len(names), len(audited.labels)))
    np.add.at(table, (day, audited.y[rows]), 1)
    rng = np.random.default_rng(_SEED)
    of_day = _periods(table.sum(axis=1))
    shifts, moves, counts = _shifts(table, of_day)
    by_chance = [_shifts(shuffled, _periods(shuffled.sum(axis=1)))[:2] for shuffled in _shuffles(table, rng)]
    shift_by_chance = np.array([found.max() for found, _ in by_chance])
    period, usual = int(shifts.argmax()), float(np.median(shift_by_chance))
    share_out = (counts.sum(axis=0) - counts) / (counts.sum() - counts.sum(axis=1, keepdims=True))
    moved = counts / counts.sum(axis=1, keepdims=True) - share_out
    if shifts[period] >= usual + LEAST_SHIFT and _seldom(shifts[period], shift_by_chance):
        label = int(np.abs(moved[period]).argmax())
        score = float(shifts[period])
    else:
        # One label of many that comes or goes is little beside the noise of all the others.
        period, label = map(int, np.unravel_index(moves.argmax(), moves.shape))
        score = float(abs(moved[period, label]))
        if score < LEAST_SHIFT or not _seldom(moves.max(), np.array([found.max() for _, found in by_chance])):
            return
    within, share = names[of_day == period], counts[period, label] / counts[period].sum()
    yield Found(
        rows=np.array([], dtype=np.int64),
        got=f"label shares move: {shifts[period]:.0%} of the rows from {within[0]} to {within[-1]} would have another "
        f"label at other times (days in any order: {usual:.0%}); {quoted(audited.labels.names[label])} has "
        f"{share:.1%} of them, {share_out[period, label]:.1%} at other times",
        fix="train on the latest rows and prove on later ones (data.time without a split column does), and prove "
        "again when they move on",
        score=score,
    )


def _shuffles(table: NDArray[np.float64], rng: np.random.Generator) -> Iterator[NDArray[np.float64]]:
    """The days in any order."""
    for _ in range(_N_SHUFFLES["labels"]):
        yield table[rng.permutation(len(table))]


def _shifts(
    table: NDArray[np.float64], of_day: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of each period against all others: total variation distance, each label's difference in standard errors, counts.

    Shapes [P], [P, K] and [P, K]. Labels of fewer than one row expected in a period say nothing by themselves.
    """
    counts = np.stack([table[of_day == period].sum(axis=0) for period in range(of_day.max() + 1)])
    others = counts.sum(axis=0) - counts
    sizes, left = counts.sum(axis=1, keepdims=True), others.sum(axis=1, keepdims=True)
    difference, pooled = counts / sizes - others / left, counts.sum(axis=0) / counts.sum()
    error = np.sqrt(pooled * (1 - pooled) * (1 / sizes + 1 / left))
    moves = np.where(pooled * sizes >= 1, np.abs(difference) / np.maximum(error, 1e-12), 0.0)
    return np.abs(difference).sum(axis=1) / 2, moves, counts


def _periods(sizes: NDArray[np.float64], n: int = N_PERIODS) -> NDArray[np.int64]:
    """Period of each day, such that periods have about as many rows; a day is never divided."""
    middles = np.cumsum(sizes) - sizes / 2
    return np.unique(np.minimum(n * middles // sizes.sum(), n - 1), return_inverse=True)[1].astype(np.int64)


def _words(audited: Audited, rows: NDArray[np.int64]) -> Iterator[Found]:
    """Early half against late half, told by naive Bayes on days that it did not see."""
    rng = np.random.default_rng(_SEED)
    rows = np.sort(rng.permutation(rows)[:_MAX_READ])
    names, day = _days(audited, rows)
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
    left_out=_left_out,
)
