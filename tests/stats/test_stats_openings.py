import pytest

from suffice.stats.openings import alpha_of_opening


def test_levels_of_the_first_four_openings():
    assert [alpha_of_opening(k) for k in (1, 2, 3, 4)] == pytest.approx([0.04, 0.005, 0.0025, 0.00125])


def test_all_openings_together_stay_within_five_percent():
    assert sum(alpha_of_opening(k) for k in range(1, 60)) == pytest.approx(0.05)
    assert sum(alpha_of_opening(k) for k in range(1, 20)) < 0.05
