import numpy as np
import pytest
from scipy.stats import linregress

from suffice.stats.trend import month_name, month_numbers, trend


def rows(accuracy, *, n=200, seed=0):
    """Rows of so many months, the accuracy of each as given."""
    rng = np.random.default_rng(seed)
    months = np.repeat(np.arange(len(accuracy)) + 24_000, n)
    return rng.random(len(months)) < np.repeat(accuracy, n), months


def test_months_are_numbered_and_named():
    numbers = month_numbers(["2024-01-31", "2023-12-01T10:00:00+00:00", None, ""])
    assert numbers.tolist() == [12 * 2024, 12 * 2024 - 1, -1, -1]
    assert [month_name(number) for number in numbers[:2]] == ["2024-01", "2023-12"]


def test_the_slope_is_that_of_least_squares():
    right, months = rows([0.95, 0.9, 0.85, 0.8])
    found = trend(right, months, np.arange(len(right)), seed=0)
    # scipy's regression of right (0 or 1) on the month.
    assert found.slope == pytest.approx(linregress(months, right).slope)
    assert found.interval.low < found.slope < found.interval.high < 0.0


def test_the_interval_covers_a_planted_slope():
    # 200 simulated sets of six months that lose 1.5 points a month; 95% nominal, give or take three standard errors.
    planted = 0.92 - 0.015 * np.arange(6)
    covered = 0
    for seed in range(200):
        right, months = rows(planted, n=80, seed=seed)
        found = trend(right, months, np.arange(len(right)), seed=seed).interval
        covered += found.low <= -0.015 <= found.high
    assert covered / 200 == pytest.approx(0.95, abs=3 * np.sqrt(0.05 * 0.95 / 200))


def test_rows_in_groups_count_as_fewer():
    right, months = rows([0.9, 0.85, 0.8])
    copies = [np.repeat(one, 5) for one in (right, months, np.arange(len(right)))]
    alone = trend(right, months, np.arange(len(right)), seed=0).interval
    together = trend(*copies, seed=0).interval
    assert together.high - together.low == pytest.approx(alone.high - alone.low, rel=1e-6)


def test_a_mix_of_labels_that_gets_easier_moves_nothing_where_shares_are_held():
    # Two labels that are right in 95 and 60 of 100 every month; the easy one grows from 30% to 70% of the rows.
    months, label, right = [], [], []
    for month, share in enumerate((30, 50, 70)):
        for easy, n in ((1, share), (0, 100 - share)):
            n_right = round(n * (0.95 if easy else 0.6))
            months += [month] * n
            label += [easy] * n
            right += [True] * n_right + [False] * (n - n_right)
    months, label, right = np.array(months), np.array(label), np.array(right)
    groups = np.arange(len(right))
    assert trend(right, months, groups, seed=0).slope > 0.06
    held = trend(right, months, groups, seed=0, held=label)
    # By hand: rounding to whole rows alone keeps the slope from 0.
    assert abs(held.slope) < 0.01
    assert held.interval.low < 0.0 < held.interval.high


@pytest.mark.parametrize(
    ("sizes", "why"),
    [
        ([30, 30], "3 months with 30 rows each are needed, and there are 2"),
        ([30, 29, 29], "3 months with 30 rows each are needed, and there is one"),
        ([29], "3 months with 30 rows each are needed, and there are none"),
    ],
)
def test_too_few_months_have_no_slope_and_a_reason(sizes, why):
    months = np.repeat(np.arange(len(sizes)), sizes)
    found = trend(np.arange(len(months)) % 2 == 0, months, np.arange(len(months)), seed=0)
    assert (found.slope, found.interval, found.why_none) == (None, None, why)


def test_small_months_and_rows_without_a_time_are_left_out():
    right, months = rows([0.9, 0.85, 0.8])
    more = np.concatenate([months, [24_050] * 29, [-1] * 40])
    wrong = np.concatenate([right, np.zeros(69, dtype=bool)])
    found = trend(wrong, more, np.arange(len(more)), seed=0)
    assert found == trend(right, months, np.arange(len(right)), seed=0)


@pytest.mark.parametrize(("all_right", "word"), [(True, "right"), (False, "wrong")])
def test_rows_that_are_all_alike_show_no_change_rather_than_a_sure_zero(all_right, word):
    months = np.repeat([0, 1, 2], 40)
    found = trend(np.full(120, all_right), months, np.arange(120), seed=0)
    assert (found.slope, found.why_none) == (None, f"every row is {word}: no change can be seen")


def test_labels_that_have_one_month_each_say_nothing_where_shares_are_held():
    right, months = rows([0.9, 0.85, 0.8])
    found = trend(right, months, np.arange(len(right)), seed=0, held=months)
    assert (found.slope, found.why_none) == (None, "no label has rows in two months")
