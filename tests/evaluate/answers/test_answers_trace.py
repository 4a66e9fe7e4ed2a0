"""The layer of traces. Every verdict of a step is worked out by hand; intervals are those of the room's own formula."""

from __future__ import annotations

from dataclasses import replace

import pytest

from suffice.evaluate.answers.trace import first_wrong_steps, overlays, trace
from suffice.records.evaluation import NotMeasured

RIGHT = ("72", "48/2 = 24\n48+24 = 72\n#### 72")
LUCKY = ("72", "48/2 = 25\n48 + 24 = 72\n#### 72")
UNLUCKY = ("72", "48/2 = <<48/2=25>>25\n48+25 = <<48+25=73>>73\n#### 73")
COPIED = ("72", "48+24 = <<48+24=72>>27\nso #### 27")
CUT_OFF = ("72", "48/2 = 2", "length")
NO_TRACE = ("72", "#### 71")


def test_steps_are_counted_by_what_is_wrong_and_rows_are_named(judge):
    found = trace(judge([RIGHT, LUCKY, UNLUCKY, COPIED, CUT_OFF, NO_TRACE]))
    assert (found.wrong_step.n, found.wrong_step.share, found.wrong_step.ids) == (3, 0.5, ("q1", "q2", "q3"))
    assert found.arithmetic.ids == ("q1", "q2", "q3")  # 48+24 is not 27 either, as a person reads it
    assert found.copied.ids == ("q3",)
    assert found.contradiction.n == 0
    assert found.wrong_step.interval.low < 0.5 < found.wrong_step.interval.high
    # 2 + 2 + 2 + 2 equations are right or wrong; what was cut off is not judged.
    assert (found.n_exact, found.n_wrong, found.n_unreadable, found.n_rounded) == (5, 3, 0, 0)


def test_overlays_name_lucky_and_unlucky_rows(judge):
    found = overlays(judge([RIGHT, LUCKY, UNLUCKY, COPIED, NO_TRACE]))
    assert found.lucky.ids == ("q1",)
    assert found.unlucky.ids == ("q2", "q3")


def test_the_first_wrong_step_of_each_row(judge):
    assert first_wrong_steps(judge([RIGHT, LUCKY, UNLUCKY, NO_TRACE])) == (None, 0, 0, None)


def test_numbers_from_nowhere_and_last_steps_that_disagree_are_told(judge):
    found = trace(judge([("72", "37 * 2 = 74\n#### 74"), ("15", "20 - 5 = 15\n#### 20")]))
    assert found.number_from_nowhere.ids == ("q0",)
    assert found.last_step_disagrees.ids == ("q1",)


def test_steps_are_held_against_those_of_right_traces_where_there_are_some(judge):
    given = judge([RIGHT, ("72", "48+24 = 72\n#### 72")])
    assert trace(given).mean_gold_steps is None
    first, second = given.questions
    gold = replace(first.gold, trace="48/2 = 24\n48+24 = 72\nso 72")
    found = trace(replace(given, questions=(replace(first, gold=gold), second)))
    assert (found.mean_steps, found.mean_steps_beside_gold, found.mean_gold_steps) == (1.5, 2.0, 3.0)


def test_styles_are_counted_and_the_most_frequent_is_told_in_words(judge):
    found = trace(judge([RIGHT, LUCKY, UNLUCKY, ("72", "48+24 = 72. The answer is 72.")]))
    assert found.n_styles == 3
    assert found.style_consistency == 0.5
    assert found.style == "answer marked by '####', written as number; lines"


@pytest.mark.parametrize("layer", [trace, overlays])
def test_without_anything_computed_nothing_is_measured(judge, layer):
    found = layer(judge([NO_TRACE, ("72", "The answer is 71.")]))
    assert isinstance(found, NotMeasured)
    assert found.why == "no completion computes anything that can be read"
