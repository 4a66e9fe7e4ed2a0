from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.diagnose.keeping_up import keeping_up
from suffice.records.evaluation import Interval
from suffice.records.time import Aging

AGING = Aging(
    rung="tfidf",
    trained_until="2024-05",
    n_train=1_200,
    mean_age_months=6.0,
    n=900,
    slope=-0.02,
    interval=Interval(low=-0.03, high=-0.01, confidence=0.95),
    why_none=None,
    held_slope=-0.005,
    held_interval=Interval(low=-0.01, high=0.001, confidence=0.95),
)


def test_labels_a_month_are_those_of_the_model_with_the_mix_of_labels_held():
    found = keeping_up(AGING, price_per_label=0.5)
    # By hand: half a point a month leaves two months for one point; 1,200 / (2 (6 + 2)) = 75.
    assert (found.months_until_lost, found.labels_per_month) == pytest.approx((2.0, 75.0))
    assert found.cost_per_month == pytest.approx(37.5)
    # 1,200 / (2 (6 + 1)) at a point a month, none where nothing is lost, 1,200 / 12 at most.
    assert (found.low, found.high, found.most) == pytest.approx((0.0, 1_200 / 14, 100.0))


def test_without_a_price_there_is_no_cost():
    assert keeping_up(AGING, price_per_label=None).cost_per_month is None


def test_a_model_that_loses_nothing_asks_for_nothing():
    gains = replace(AGING, held_slope=0.002, held_interval=Interval(low=0.001, high=0.003, confidence=0.95))
    found = keeping_up(gains, price_per_label=1.0)
    assert (found.labels_per_month, found.low, found.high, found.cost_per_month) == (0.0, 0.0, 0.0, 0.0)
    assert found.months_until_lost is None


def test_what_was_not_measured_has_no_plan():
    assert keeping_up(replace(AGING, held_slope=None, held_interval=None), price_per_label=1.0) is None


def test_a_loss_of_nothing_cannot_be_asked_for():
    with pytest.raises(AssertionError, match="some loss must be borne"):
        keeping_up(AGING, price_per_label=None, allowed=0.0)


@given(st.floats(1e-6, 0.5), st.floats(1e-4, 0.2))
def test_faster_loss_asks_for_more_and_never_for_more_than_the_rows_at_hand_came_with(loss, allowed):
    interval = Interval(low=-2 * loss, high=-loss / 2, confidence=0.95)
    found = keeping_up(replace(AGING, held_slope=-loss, held_interval=interval), price_per_label=None, allowed=allowed)
    assert 0.0 < found.low < found.labels_per_month < found.high < found.most
