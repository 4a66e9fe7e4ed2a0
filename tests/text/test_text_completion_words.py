from dataclasses import replace
from typing import get_args

from suffice.records.answers import ANSWER_CLASSES
from suffice.records.clusters import FailureClusters
from suffice.records.completion_evaluation import CompletionClass, FormLoss, RowShare
from suffice.records.evaluation import Interval, NotMeasured
from suffice.records.run import Writing
from suffice.records.tool_calls import TOOL_CLASSES
from suffice.text.completion_words import (
    CLASS_WORDS,
    form_sentence,
    scattered_sentence,
    share_sentence,
    writing_sentence,
)


def test_every_class_of_both_waterfalls_has_words():
    assert set(CLASS_WORDS) == {*ANSWER_CLASSES, *TOOL_CLASSES}
    assert len(get_args(CompletionClass)) == 2


def test_what_form_costs_is_told_less_what_chance_gives():
    loss = FormLoss(
        n_not_strict=4,
        share=0.2,
        chance=0.125,
        false_credit=0.05,
        lost_to_form=0.15,
        interval=Interval(low=0.01, high=0.42, confidence=0.95),
        n_permutations=100,
        ids=("q1", "q4", "q7"),
    )
    told = form_sentence(loss, n_named=2)
    assert told == (
        "lost to form alone: 15.0% of the rows (95% interval 1.0 to 42.0%; 20.0% have the right value in the wrong "
        "form, 5.0% would by chance), such as q1, q4"
    )
    assert form_sentence(replace(loss, ids=()), n_named=2).endswith("would by chance)")
    counted = form_sentence(replace(loss, n_right=3), n_named=1)
    assert counted == (
        "right by value, and lost to the strict grader alone for their form: 15.0% of the rows (95% interval 1.0 to "
        "42.0%; 20.0% are right in another form, 5.0% would be by chance), such as q1"
    )
    unmeasured = form_sentence(NotMeasured(why="all are in form"), n_named=2)
    assert unmeasured.endswith("nothing to measure, all are in form")


def test_what_was_held_to_its_form_is_told_beside_what_was_cut_off():
    writing = Writing(n=8, prompt_tokens=40.0, tokens=12.0, n_cut_off=1)
    assert writing_sentence(writing).endswith("in the mean of 8 completions; 1 cut off at completion.max_tokens")
    assert writing_sentence(replace(writing, n_held=3)).endswith(", 3 brought to the form that is asked for")
    away = writing_sentence(replace(writing, n_turned_away=2))
    assert away.endswith(", 2 ended by the endpoint's filter, a tool call or an unknown reason")


def test_a_share_names_its_first_rows_and_a_missing_one_says_why():
    found = RowShare(
        of=8, n=2, share=0.25, interval=Interval(low=0.03, high=0.65, confidence=0.95), ids=("a", "b", "c")
    )
    said = share_sentence("a wrong step", found, n_named=2)
    assert said.startswith("a wrong step: 2 of 8 rows, 25.0% (")
    assert said.endswith("such as a, b")
    assert share_sentence("a wrong step", NotMeasured(why="no traces"), n_named=2) == (
        "a wrong step: not measured, no traces"
    )


def test_failures_beyond_the_kinds_that_are_shown_are_told_where_there_are_some():
    found = FailureClusters(
        clusters=(), n_found_on=9, n_measured_on=9, n_candidates=1, n_failed=8, n_scattered=3, vectors_of="words"
    )
    told = "the other 3 of 8 failures there are scattered, as far as can be seen"
    assert scattered_sentence(found) == told
    assert scattered_sentence(replace(found, n_scattered=0)) == "all 8 failures there are of these kinds"
