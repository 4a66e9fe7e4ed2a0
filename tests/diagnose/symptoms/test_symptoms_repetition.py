import numpy as np
import pytest

from suffice.diagnose.symptoms.repetition import REPETITION
from suffice.records.labels import INVENTED
from suffice.records.symptoms import Clear, Found, NotApplicable


def test_two_labels_said_for_four_are_found(observed):
    y_true = np.arange(400) % 4
    found = REPETITION.look(observed(y_pred=y_true // 2))
    assert isinstance(found, Found)
    # One bit of the two that four even labels have.
    assert (found.figures[0].value, found.threshold) == (pytest.approx(0.5), 0.9)
    assert found.figures[0].interval.high < 0.9
    assert (found.figures[1].value, found.figures[2].value) == (pytest.approx(1.0), pytest.approx(2.0))
    assert found.says == (
        "the predicted labels have 1.00 bits of entropy, the data's 2.00 (0.500 of it); the most predicted, card, is "
        "50.0% of the answers and 25.0% of the rows"
    )


def test_errors_that_are_spread_over_the_labels_are_clear(observed):
    looked = REPETITION.look(observed(n_wrong=200))
    assert isinstance(looked, Clear)
    assert looked.figures[0].value == pytest.approx(1.0)
    # The share of the most predicted label has an exact interval: 100 of 400.
    assert looked.figures[3].interval.low < 0.25 < looked.figures[3].interval.high


def test_a_ratio_that_the_rows_leave_open_is_clear(observed):
    # Of 20 rows: a ratio below 0.9 whose interval reaches above it.
    y_true = np.arange(20) % 4
    y_pred = np.where(np.arange(20) < 10, 0, y_true)
    looked = REPETITION.look(observed(y_true=y_true, y_pred=y_pred))
    assert isinstance(looked, Clear)
    assert looked.figures[0].value < 0.9 < looked.figures[0].interval.high


def test_answers_that_are_no_label_count_as_one_thing_that_is_said(observed):
    looked = REPETITION.look(observed(y_pred=np.full(400, INVENTED), closed=False))
    assert isinstance(looked, Found)
    assert "the most predicted, no label, is 100.0% of the answers and 0.0% of the rows" in looked.says


def test_rows_of_one_label_are_not_applicable(observed):
    looked = REPETITION.look(observed(y_true=np.zeros(400, dtype=np.int64)))
    assert looked == NotApplicable(symptom="repetition", why="all rows have one label: nothing could be more varied")
