import numpy as np
import pytest

from suffice.errors import DataError
from suffice.stats.annotators import count_votes, measure_disagreement, most_chosen, split_pairs

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: four observers, twelve units.
OBSERVED = ("12332141 2...", "12332241 25.3", ".3332342 251.", "12332441 251.")
UNITS = [[int(v) - 1 for v in unit if v != "."] for unit in zip(*(o.replace(" ", "") for o in OBSERVED), strict=True)]
PAIRABLE = [unit for unit in UNITS if len(unit) > 1]


def measured(given, *, n_labels=5, groups=None, n_draws=200):
    return measure_disagreement(count_votes(given, n_labels=n_labels), groups=groups, seed=0, n_draws=n_draws)


def test_alpha_is_that_of_the_published_example():
    found = measured(PAIRABLE)
    assert (found.n_rows, found.n_votes) == (11, 40)
    assert found.alpha.value == pytest.approx(0.743, abs=0.0005)
    assert found.alpha.interval.low < 0.743 < found.alpha.interval.high


def test_rate_and_bounds_follow_the_rows():
    # By hand. Two of two agree: differ 0, foreseen 1, share 1. Two who differ: 1, 0, 1/2. Two to one: differ 2/3; left
    # out one of the two, the others are tied (1/2), the third is never foreseen: 1/3; share 2/3. Three to one: differ
    # 1/2; each of the three is foreseen: 3/4; share 3/4.
    found = measured([[0, 0], [0, 1], [2, 2, 1], [3, 3, 3, 0]])
    assert found.rate.value == pytest.approx((0 + 1 + 2 / 3 + 1 / 2) / 4)
    assert found.best_at_least.value == pytest.approx((1 + 0 + 1 / 3 + 3 / 4) / 4)
    # The mean share is (1 + 1/2 + 2/3 + 3/4) / 4 = 0.729; the root of agreement, sqrt(11 / 24) = 0.677, is smaller.
    assert found.best_at_most.value == pytest.approx((11 / 24) ** 0.5)
    assert (found.n_disputed, found.n_tied) == (3, 1)


def test_with_many_votes_the_mean_share_is_the_smaller_bound():
    # By hand: nine to one, share 0.9; agreement (9 * 8) / (10 * 9) = 0.8, its root 0.894; six to four, share 0.6;
    # agreement (30 + 12) / 90 = 0.467; means 0.75 against sqrt(0.633) = 0.796.
    assert measured([[0] * 9 + [1], [0] * 6 + [1] * 4]).best_at_most.value == pytest.approx(0.75)


def test_people_who_all_say_the_same_word_have_no_alpha():
    found = measured([[1, 1], [1, 1, 1]])
    assert (found.alpha, found.rate.value, found.best_at_least.value, found.best_at_most.value) == (None, 0, 1, 1)


def simulated(n_rows, n_votes, *, seed):
    """Labels drawn of each row's own shares, and the mean of the largest shares."""
    rng = np.random.default_rng(seed)
    first = np.where(rng.random(n_rows) < 0.3, rng.uniform(0.5, 0.9, n_rows), 0.98)
    label = rng.integers(4, size=n_rows)
    other = (label + rng.integers(1, 4, size=n_rows)) % 4
    chosen = np.where(rng.random((n_rows, n_votes)) < first[:, None], label[:, None], other[:, None])
    return chosen.tolist(), float(first.mean())


@pytest.mark.parametrize("n_votes", [2, 3, 4, 5])
def test_the_bounds_hold_the_best_accuracy_where_the_mean_share_does_not(n_votes):
    given, best = simulated(20_000, n_votes, seed=n_votes)
    found = measured(given, n_draws=20)
    assert found.best_at_least.value < best < found.best_at_most.value
    assert found.best_at_most.value - found.best_at_least.value < 0.08


def test_more_votes_a_row_bring_the_bounds_together():
    few, many = (measured(simulated(5_000, n, seed=1)[0], n_draws=20) for n in (3, 15))
    assert many.best_at_most.value - many.best_at_least.value < (few.best_at_most.value - few.best_at_least.value) / 2


def test_intervals_cover_what_large_samples_say():
    large = measured(simulated(200_000, 3, seed=0)[0], n_draws=1)
    n_covered = dict.fromkeys(("rate", "alpha", "best_at_least"), 0)
    for seed in range(100):
        found = measured(simulated(200, 3, seed=100 + seed)[0])
        for name in n_covered:
            interval = getattr(found, name).interval
            n_covered[name] += interval.low <= getattr(large, name).value <= interval.high
    assert all(88 <= n <= 99 for n in n_covered.values()), n_covered


def test_copies_of_one_row_count_as_one():
    given = [[0, 1], [0, 0], [1, 1], [0, 0]]
    once = measured(given).rate.interval
    assert measured(given * 9, groups=np.tile(np.arange(4), 9)).rate.interval == once
    apart = measured(given * 9).rate.interval
    assert apart.high - apart.low < once.high - once.low


def test_pairs_are_ordered_by_the_votes_that_they_divide():
    # By hand, coincidences of a row with m votes count 1 / (m - 1): 0 and 1 on rows 0 and 1, 1 each; 1 and 2 on row 2,
    # 2 * 1 / 2 = 1. Together: (0, 1) 2, (1, 2) 1. Same-label coincidences: 0 twice on row 3, 2 twice on row 2.
    first, second = split_pairs(count_votes([[0, 1], [1, 0], [2, 1, 2], [0, 0]], n_labels=3), n=5)
    assert (first.first, first.second, first.rows.tolist()) == (0, 1, [0, 1])
    assert first.share == pytest.approx(4 / (4 + 2))
    assert (second.first, second.second, second.rows.tolist()) == (1, 2, [2])
    assert second.share == pytest.approx(2 / (2 + 1))


def test_the_most_chosen_are_sorted_where_they_are_tied():
    assert most_chosen(["b", "a", "b"]) == ("b",)
    assert most_chosen(["b", "a", "c", "a", "b"]) == ("a", "b")


def test_no_rows_are_an_error():
    with pytest.raises(DataError, match=r"rows with labels of two annotators or more: (.|\n)*got: 0 rows"):
        measured([])
