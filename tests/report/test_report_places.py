from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.report.places import kept_apart, powers_between, ticks_apart

WANTED = st.lists(st.floats(0.0, 1.0, allow_nan=False), max_size=12)


def test_what_is_far_enough_apart_stays_where_it_is():
    assert kept_apart([0.9, 0.1, 0.5], least=0.2, low=0.0, high=1.0) == [0.9, 0.1, 0.5]


def test_two_that_touch_part_around_their_middle():
    # By hand: the middle of 0.50 and 0.52 is 0.51, and each stands half of 0.1 from it.
    assert kept_apart([0.52, 0.50], least=0.1, low=0.0, high=1.0) == [pytest.approx(0.56), pytest.approx(0.46)]


def test_at_the_edge_they_part_inwards():
    assert kept_apart([1.0, 1.0], least=0.1, low=0.0, high=1.0) == [pytest.approx(0.9), pytest.approx(1.0)]


@given(wanted=WANTED)
def test_neighbours_keep_their_order_and_their_distance_within_the_ends(wanted):
    found = kept_apart(wanted, least=0.05, low=0.0, high=1.0)
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    placed = [found[k] for k in order]
    assert all(later - earlier >= 0.05 - 1e-9 for earlier, later in pairwise(placed))
    assert all(-1e-9 <= place <= 1.0 + 1e-9 for place in placed)


def test_without_room_for_all_they_fill_what_there_is():
    assert kept_apart([0.5] * 5, least=1.0, low=0.0, high=1.0) == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])


def test_ticks_keep_the_largest_and_drop_what_is_too_near():
    assert ticks_apart([100, 110, 200, 400, 390], ratio=1.5) == [110, 200, 400]


def test_powers_of_ten_lie_around_all_values():
    assert powers_between(2.3, 541.0) == pytest.approx([1.0, 10.0, 100.0, 1000.0])
