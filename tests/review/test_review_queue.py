from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.review.queue import asked_queue, fix_first_queue, stratified_queue

RANKED = np.random.default_rng(1).permutation(8_500)
VALIDATION = np.arange(8_500, 9_500)


def queue(limit=300, *, ranked=RANKED, seed=0, **held_out):
    return stratified_queue(ranked, held_out or {"validation": VALIDATION}, limit=limit, seed=seed)


def test_three_hundred_rows_are_shared_out_as_the_simulation_found_best():
    drawn = Counter(item.stratum if item.why == "random" else "by suspicion" for item in queue().items)
    # A random row that suspicion has passed by the end counts with the top; hence a sum of 50 for the two together.
    assert (drawn["by suspicion"], drawn["next_5"], drawn["rest"], drawn["validation"]) == (60, 50, 120, 20)
    assert drawn["top_5"] + drawn["top"] == 50


def test_the_thirty_most_suspicious_rows_are_the_first_and_all_by_suspicion_come_in_order():
    suspicious = [item.rank for item in queue().items if item.why == "suspicious"]
    assert [item.rank for item in queue().items[:30]] == list(range(1, 31))
    assert suspicious == sorted(suspicious)


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 99))
def test_a_longer_queue_begins_with_the_shorter_one(one, other, seed):
    short, long = sorted([queue(one, seed=seed), queue(other, seed=seed)], key=lambda found: len(found.items))
    assert [item.row for item in short.items] == [item.row for item in long.items][: len(short.items)]


@given(st.integers(0, 60), st.integers(0, 9), st.integers(1, 100))
def test_every_row_is_there_once_and_in_one_stratum(n_train, n_validation, limit):
    ranked, validation = np.arange(n_train), np.arange(n_train, n_train + n_validation)
    found = queue(limit, ranked=ranked, validation=validation)
    rows = [item.row for item in found.items]
    assert len(rows) == len(set(rows)) == min(limit, n_train + n_validation)
    strata = np.concatenate(list(found.strata.values()))
    assert sorted(strata.tolist()) == list(range(n_train + n_validation))
    for item in found.items:
        assert item.row in found.strata[item.stratum]


def test_what_suspicion_has_passed_is_looked_at_whole_and_the_rest_by_its_share():
    found = queue()
    shown = {item.row for item in found.items}
    assert {int(row) for row in found.strata["top"]} <= shown
    for item in found.items:
        rows = found.strata[item.stratum]
        assert item.inclusion_probability == pytest.approx(len(shown & set(rows.tolist())) / len(rows))


# Over many seeds each row comes as often as another, within the noise of the draws: a sample that can be counted from.
def test_rows_of_the_rest_are_drawn_alike():
    n_seeds, seen = 300, np.zeros(2_000)
    for seed in range(n_seeds):
        rows = [item.row for item in queue(150, ranked=np.arange(2_000), seed=seed, validation=VALIDATION).items]
        seen[[row for row in rows if row < 2_000]] += 1
    share = seen[200:] / n_seeds
    assert share.std() == pytest.approx(np.sqrt(share.mean() * (1 - share.mean()) / n_seeds), rel=0.1)


def test_held_out_rows_are_blind_without_a_rank_and_drawn_at_random():
    held_out = [item for item in queue().items if item.blind]
    assert {item.stratum for item in held_out} == {"validation"}
    assert all(item.rank is None and item.why == "random" for item in held_out)
    assert all((item.row >= 8_500) == item.blind for item in queue().items)
    assert [item.row for item in held_out] != sorted(item.row for item in held_out)


# With another order of suspicion the same validation rows stand at the same places.
def test_the_place_of_a_held_out_row_says_nothing_of_what_models_think():
    places = [
        [(place, item.row) for place, item in enumerate(queue(ranked=ranked).items) if item.blind]
        for ranked in (RANKED, RANKED[::-1])
    ]
    assert places[0] == places[1]


def test_test_rows_come_where_they_are_asked_for():
    found = queue(validation=VALIDATION, test=np.arange(9_500, 9_900))
    assert Counter(item.stratum for item in found.items)["test"] == 19


def test_fix_first_is_suspicion_alone():
    found = fix_first_queue(RANKED, limit=50)
    assert [item.row for item in found.items] == RANKED[:50].tolist()
    assert {(item.stratum, item.why) for item in found.items} == {("fix_first", "suspicious")}


def test_rows_that_are_named_come_once_in_that_order():
    held_out = int(VALIDATION[0])
    found = asked_queue([int(RANKED[7]), held_out, int(RANKED[2]), held_out], RANKED)
    assert [(item.row, item.rank, item.blind) for item in found.items] == [
        (RANKED[7], 8, False),
        (held_out, None, True),
        (RANKED[2], 3, False),
    ]
    assert {(item.why, item.stratum, item.inclusion_probability) for item in found.items} == {("asked", "asked", 1.0)}
