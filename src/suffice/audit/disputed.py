"""Rows whose labels people dispute, where the data carries several people's labels of a row: measured, not guessed.

Test rows are counted, and neither named nor part of a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from suffice.audit.check import Audited, Found
from suffice.errors import quoted
from suffice.stats.annotators import (
    Disagreement,
    Measured,
    SplitPair,
    count_votes,
    measure_disagreement,
    most_chosen,
    split_pairs,
)
from suffice.text.counted import counted

MAX_PAIRS = 5
"""Pairs of labels that are told."""
MIN_PAIR_ROWS = 2
"""Rows that must divide people between two labels, for the labels and not the row to be at fault."""
_SEED = 0


def why_not_measured(audited: Audited) -> str | None:
    """Why there is nothing to measure; None where there is.

    Args:
        audited: the rows.
    """
    rows = _labelled_twice(audited.data.annotations)
    return None if (~audited.in_test[rows]).any() else "no row outside test has labels of two people (data.annotators)"


def measured_ambiguity(audited: Audited) -> list[Found]:
    """How far people agree, what that allows a model at best, and the pairs of labels that divide them most.

    Args:
        audited: the rows; `why_not_measured` has nothing against it.
    """
    annotations = audited.data.annotations
    every = _labelled_twice(annotations)
    rows = every[~audited.in_test[every]]
    # Behind the task's labels come those outside them, which divide people as well.
    names = tuple(dict.fromkeys(chain(audited.labels.names, *(annotations[row] or () for row in rows))))
    position = {name: k for k, name in enumerate(names)}
    given = [[position[label] for label in annotations[row] or ()] for row in rows]
    votes = count_votes(given, n_labels=len(names))
    measured = measure_disagreement(votes, groups=audited.splits.groups[rows], seed=_SEED)
    if not measured.n_disputed:
        return []
    disputed = np.array([len(set(annotations[row] or ())) > 1 for row in every])
    is_open = ~audited.in_test[every]
    got = _got(measured, n_disputed_test=int(disputed[~is_open].sum()), n_test=int((~is_open).sum()))
    pairs = [pair for pair in split_pairs(votes, n=MAX_PAIRS) if len(pair.rows) >= MIN_PAIR_ROWS]
    whole = Found(rows=every[disputed & is_open], got=got, fix=_FIX, score=measured.rate.value)
    return [whole, *(_divided(pair, rows, names) for pair in pairs)]


def against_majority(audited: Audited) -> NDArray[np.int64]:
    """Positions of rows, outside test, whose label is not the one that most of their annotators chose, ascending.

    A row of whose labels two are chosen equally often is disputed, and no lead to an error.

    Args:
        audited: the rows.
    """
    labels, annotations, is_open = audited.data.labels, audited.data.annotations, ~audited.in_test
    most = [most_chosen(given) if given else () for given in annotations]
    against = [len(chosen) == 1 and chosen[0] != label for chosen, label in zip(most, labels, strict=True)]
    return np.flatnonzero(np.array(against) & is_open)


_FIX = (
    "settle the disputed rows together and write down when each label holds; "
    "until then no model can be shown to be right more often than people agree"
)


_DRAWN = ", so that theirs was drawn among those chosen most, unless data.label names a column"


def _got(measured: Disagreement, *, n_disputed_test: int, n_test: int) -> str:
    alpha = "" if measured.alpha is None else f", Krippendorff's alpha {_shown(measured.alpha)}"
    tied = f"{measured.n_tied:,} without a commonest label{_DRAWN if measured.n_tied else ''}"
    test = f", and on {n_disputed_test:,} of {n_test:,} in test" if n_test else ""
    low, high = measured.best_at_least, measured.best_at_most
    return (
        f"people differ on {measured.n_disputed:,} of {counted(measured.n_rows, 'row')} that two or more of them "
        f"labelled ({tied}){test}; two people differ with chance "
        f"{_shown(measured.rate)}{alpha}; the best answer to each row is the label of one more person in "
        f"{low.value:.3f} to {high.value:.3f} of cases (95% {low.interval.low:.3f} to {high.interval.high:.3f})"
    )


def _shown(measured: Measured) -> str:
    """A figure with its 95% interval."""
    return f"{measured.value:.3f} (95% {measured.interval.low:.3f} to {measured.interval.high:.3f})"


def _divided(pair: SplitPair, rows: NDArray[np.int64], names: Sequence[str]) -> Found:
    first, second = quoted(names[pair.first]), quoted(names[pair.second])
    got = f"{first} and {second}, both given to {counted(len(pair.rows), 'row')}; of two people who choose one of them"
    return Found(
        rows=rows[pair.rows],
        got=f"{got} for the same row, {pair.share:.2f} choose differently",
        fix=f"write down where {first} ends and {second} begins, or merge them",
        score=pair.share,
    )


def _labelled_twice(annotations: Sequence[Sequence[str] | None]) -> NDArray[np.int64]:
    """Positions of rows with labels of two people or more, ascending."""
    return np.flatnonzero([given is not None and len(given) > 1 for given in annotations]).astype(np.int64)
