from __future__ import annotations

from suffice.records.promise import Promise
from suffice.text.promise_words import promise_sentence


def promised(**how):
    plain = {"max_error": 0.02, "confidence": 0.95, "threshold": 0.875, "n": 400, "n_answered": 300, "n_wrong": 2}
    return Promise(**{**plain, "labels": (), "tried": (), **how})


def test_a_promise_says_of_what_with_what_confidence_and_what_makes_it_void():
    said = promise_sentence(promised())
    assert "at least 0.875 sure" in said
    assert "300 of 400 calibration rows (75%), of which 2 are wrong" in said
    assert "With confidence 0.95" in said
    assert "at most 0.02 of the answers given" in said
    assert "Void once messages drift" in said


def test_without_a_promise_it_says_why_and_how_many_rows_would_do():
    said = promise_sentence(promised(threshold=None, why="too few rows", rows_needed=1_234))
    assert said.startswith("nothing is promised: too few rows; about 1,234 calibration rows would do")
    assert "a `split` column of the data" in said
    said = promise_sentence(promised(threshold=None, why="too few rows"))
    assert said.startswith("nothing is promised: too few rows; how many would do, these rows do not tell")


def test_where_every_answer_is_given_it_says_so():
    assert promise_sentence(promised(threshold=0.0)).startswith("All answers are given, however sure: 300 of 400")
