from __future__ import annotations

import numpy as np

from suffice.review.count import count_wrong
from suffice.review.settle import Outcome

LABELS = ["a"] * 100
STRATA = {"top": np.arange(10), "rest": np.arange(10, 100)}


def said(rows, *, wrong=(), unclear=()):
    kept = {row: Outcome("keep", "b" if row in wrong else "a") for row in rows}
    return kept | {row: Outcome("ambiguous", None) for row in unclear}


def count(outcomes, names=("top", "rest"), strata=STRATA):
    return count_wrong(strata, outcomes, names=names, labels=LABELS, seed=0)


def test_a_stratum_looked_at_whole_is_counted():
    found = count(said(range(10), wrong={0, 3}), names=("top",))
    assert (found.estimate, found.low, found.high, found.n_seen) == (2, 2, 2, 10)


def test_a_sample_stands_for_its_stratum():
    found = count(said(range(40), wrong={0, 3, *range(10, 20)}))
    # 2 of the top and 10 of the 30 seen of 90: about 32.
    assert abs(found.estimate - 32) < 2
    assert found.low < 32 < found.high


def test_a_row_without_a_right_label_was_looked_at_and_is_not_wrong():
    found = count(said(range(9), wrong={0}, unclear={9}), names=("top",))
    assert (found.n_seen, found.n_found) == (10, 1)


def test_too_few_rows_of_a_stratum_say_nothing_of_it():
    assert count(said(range(14))) is None
    assert count(said(range(15))) is not None
    assert count(said([]), names=("validation",)) is None


def test_a_small_stratum_needs_no_more_rows_than_it_has():
    assert count(said(range(3)), names=("top",), strata={"top": np.arange(3)}).n_rows == 3
