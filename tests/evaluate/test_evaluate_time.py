import pytest
from scipy import stats

from suffice.evaluate.time import time
from suffice.records.slices import Aspects


def dated(*months):
    return Aspects(slices=(), times=tuple(months))


def test_every_month_has_its_figure_and_the_undated_are_counted(score):
    months = ["2024-02-01", "2023-12-31T10:00:00+00:00", None, "2024-02-29"]
    layer = time(score([0, 0, 0, 0], [0, 1, 0, 1], aspects=dated(*months)))
    assert [(one.month, one.n, one.n_correct, one.accuracy) for one in layer.months] == [
        ("2023-12", 1, 0, 0.0),
        ("2024-02", 2, 1, 0.5),
    ]
    # scipy's own Clopper-Pearson interval.
    expected = stats.binomtest(1, 2).proportion_ci(0.95, method="exact")
    assert (layer.months[1].interval.low, layer.months[1].interval.high) == pytest.approx((expected.low, expected.high))
    assert (layer.n_undated, layer.slope, layer.interval) == (1, None, None)
    assert layer.why_none == "3 months with 30 rows each are needed, and there are none"


def test_a_loss_per_month_is_measured_over_months_with_rows_enough(score):
    months = [f"2024-0{month}-10" for month in (1, 2, 3) for _ in range(40)]
    right = [0] * 40 + [0] * 36 + [1] * 4 + [0] * 32 + [1] * 8
    layer = time(score([0] * 120, right, aspects=dated(*months)))
    # By hand: 1.0, 0.9 and 0.8 of as many rows.
    assert layer.slope == pytest.approx(-0.1)
    assert layer.interval.low < -0.1 < layer.interval.high < 0.0
    assert layer.why_none is None


@pytest.mark.parametrize("aspects", [dated(), dated(None, None)])
def test_rows_without_times_have_no_such_layer(score, aspects):
    assert time(score([0, 1], [0, 1], aspects=aspects)) is None
