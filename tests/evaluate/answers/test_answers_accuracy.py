import pytest

from suffice.errors import DataError
from suffice.evaluate.answers.accuracy import accuracy


def test_three_graders_count_what_each_takes_for_right(judge):
    rows = [("18", "#### 18"), ("18", "It is 18"), ("18", "The answer is 18.00 for 5 days"), ("18", "#### 19")]
    layer = accuracy(judge(rows))
    assert [layer.strict.n_correct, layer.lenient.n_correct, layer.verified.n_correct] == [1, 2, 3]
    assert layer.verified.accuracy == 0.75
    assert (layer.strict.wrong, layer.verified.wrong) == (("q1", "q2", "q3"), ("q3",))


# Clopper-Pearson for 3 of 4, from scipy.stats.binomtest(3, 4).proportion_ci(): 0.194 to 0.994.
def test_the_interval_is_the_exact_one(judge):
    rows = [("1", "#### 1")] * 3 + [("1", "#### 2")]
    interval = accuracy(judge(rows)).verified.interval
    assert (interval.low, interval.high) == (pytest.approx(0.1941, abs=1e-4), pytest.approx(0.9937, abs=1e-4))


def test_rows_in_groups_tell_less(judge):
    rows = [("1", "#### 1")] * 10 + [("1", "#### 2")] * 10
    alone = accuracy(judge(rows)).verified.interval
    grouped = accuracy(judge(rows, groups=[n // 5 for n in range(20)])).verified.interval
    assert grouped.low < alone.low
    assert grouped.high > alone.high


def test_nothing_scored_is_an_error_not_a_zero(judge):
    with pytest.raises(DataError, match="completions"):
        judge([])
