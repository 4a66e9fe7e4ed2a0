from __future__ import annotations

import numpy as np
from review_rows import copies_of, data_of, lines, splits_of

from suffice.review.clean import clean_rows
from suffice.review.count import count_reviewed, count_wrong, n_put_right
from suffice.review.queue import Order
from suffice.review.settle import Outcome, Places, settle

LABELS = ["a"] * 100
STRATA = {"top": np.arange(10), "rest": np.arange(10, 100)}


def said(rows, *, wrong=(), unclear=()):
    kept = {row: Outcome("keep", "b" if row in wrong else "a") for row in rows}
    return kept | {row: Outcome("ambiguous", None) for row in unclear}


def count(outcomes, names=("top", "rest"), strata=STRATA, flagged=()):
    rows = np.array(flagged, dtype=np.int64)
    return count_wrong(strata, outcomes, flagged=rows, names=names, labels=LABELS, seed=0)


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


def test_rows_that_models_contradict_are_counted_apart_where_enough_were_drawn():
    # Of the rest's 90 rows 20 are flagged. Ten of these were drawn and are all wrong, and of the other 70 twenty, none
    # wrong: 20 and none, instead of a third of 90 that might lie anywhere. The top has none.
    outcomes = said([*range(20), *range(30, 50)], wrong=set(range(10, 20)))
    apart, together = count(outcomes, flagged=range(30)), count(outcomes)
    assert abs(apart.estimate - 20) < 2
    assert abs(together.estimate - 30) < 2
    assert apart.high - apart.low < 0.5 * (together.high - together.low)
    # Four of them are too few to be counted apart.
    few = said([*range(14), *range(30, 50)], wrong=set(range(10, 14)))
    assert count(few, flagged=range(30)) == count(few)


ROWS = [(f"{word} {number}", "a") for number in range(30) for word in ("one", "two")]


def reviewed(decided, *said):
    data, order = data_of(ROWS), Order(ranked=np.arange(60), flagged=np.arange(3), held_out={}, seed=0)
    settled = settle(lines(*(decided(data, *one) for one in said)), Places(data))
    return data, order, settled


def test_what_lies_behind_a_gap_in_the_queue_does_not_count(decided):
    # The first thirty rows of the order are those of rank 1 to 30.
    _, order, settled = reviewed(decided, *((row, "keep") for row in range(30) if row != 7))
    assert count_reviewed(order, settled, ["a"] * 60).n_reached == 7


def test_a_queue_looked_at_whole_is_counted_and_the_wrong_rows_are_named(decided):
    wrong = {2, 40, 59}
    _, order, settled = reviewed(
        decided, *((row, "relabel", "b") if row in wrong else (row, "keep") for row in range(60))
    )
    found = count_reviewed(order, settled, ["a"] * 60)
    assert (found.n_reached, found.estimates["train"].estimate, list(found.estimates)) == (60, 3, ["train"])
    assert set(found.wrong["train"]) == wrong


def test_a_wrong_row_is_put_right_where_it_has_the_settled_label_or_is_gone(decided):
    data, _, settled = reviewed(decided, (0, "relabel", "b"), (2, "relabel", "b"), (4, "relabel", "c"))
    cleaned = clean_rows(data, splits_of(ROWS), copies_of(data), settled, also_test=False)
    assert n_put_right([0, 2, 4], settled, data, data) == 0
    table = data.take(cleaned.rows).table
    made = data_of([(text, label) for text, label in zip(data.texts, cleaned.labels, strict=True)])
    assert len(table) == len(made) == 60
    assert n_put_right([0, 2, 4], settled, data, made) == 3
    assert n_put_right([0, 2, 4], settled, data, data_of(ROWS[:4])) == 1
