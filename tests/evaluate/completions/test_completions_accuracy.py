from dataclasses import replace

import pytest

from suffice.errors import DataError
from suffice.evaluate.completions.accuracy import accuracy, without_rejected
from suffice.records.evaluation import NotMeasured


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


def test_rows_whose_right_answer_a_person_rejected_are_left_out_of_the_second_figure(judge):
    judged = judge([("18", "#### 18"), ("18", "#### 18"), ("18", "#### 19"), ("18", "#### 20")])
    found = without_rejected(replace(judged, rejected=frozenset({"q2", "elsewhere"})))
    assert (found.n_rejected, found.accuracy.verified.n, found.accuracy.verified.n_correct) == (1, 3, 2)
    assert found.accuracy.strict.wrong == ("q3",)


@pytest.mark.parametrize("rejected", [None, frozenset(), frozenset({"q0"})])
def test_without_rejected_rows_or_others_the_reason_is_told(judge, rejected):
    assert isinstance(without_rejected(replace(judge([("18", "#### 18")]), rejected=rejected)), NotMeasured)
