from __future__ import annotations

import pytest
from review_rows import data_of, lines

from suffice.review.settle import Outcome, Places, settle

ROWS = [("one", "a"), ("two", "b"), ("two", "a"), ("four", "b")]
DATA = data_of(ROWS)


def settled(*decisions, data=DATA):
    return settle(lines(*decisions), Places(data))


@pytest.mark.parametrize(
    ("action", "became", "outcome"),
    [
        ("keep", None, Outcome("keep", "a")),
        ("relabel", "b", Outcome("keep", "b")),
        ("ambiguous", None, Outcome("ambiguous", None)),
        ("drop", None, Outcome("drop", None)),
    ],
)
def test_a_decision_comes_to_a_label_or_to_none(decided, action, became, outcome):
    assert settled(decided(DATA, 0, action, became)).outcomes == {0: outcome}


def test_the_later_decision_of_one_person_wins(decided):
    assert settled(decided(DATA, 0, "drop"), decided(DATA, 0, "keep")).outcomes == {0: Outcome("keep", "a")}


def test_undo_takes_back_what_that_person_said_of_the_row_and_nothing_else(decided):
    said = [decided(DATA, 0, "drop"), decided(DATA, 1), decided(DATA, 0, who="bob")]
    found = settled(*said, decided(DATA, 0, "undo"))
    assert found.outcomes == {0: Outcome("keep", "a"), 1: Outcome("keep", "b")}
    assert list(found.by[0]) == ["bob"]
    assert settled(decided(DATA, 0, "undo")).by == {}


def test_people_who_say_the_same_in_other_words_agree(decided):
    found = settled(decided(DATA, 0, "relabel", "b"), decided(DATA, 0, "keep", who="bob", was="b"))
    assert (found.outcomes, found.problems) == ({0: Outcome("keep", "b")}, ())


def test_people_who_disagree_are_both_shown_and_neither_applies(decided):
    found = settled(decided(DATA, 0, "relabel", "b"), decided(DATA, 0, who="bob"), decided(DATA, 1))
    assert found.outcomes == {1: Outcome("keep", "b")}
    (problem,) = found.problems
    assert problem.where == "decisions.jsonl:1 and decisions.jsonl:2"
    assert problem.got == "row 0 of m.csv: ann makes it 'b'; bob keeps 'a'"
    assert "take out the line that does not hold; the row stays as it is" in problem.fix


def test_a_row_that_has_moved_is_found_by_its_message(decided):
    moved = data_of([("new", "a"), *ROWS])
    assert settled(decided(DATA, 0, "drop"), data=moved).outcomes == {1: Outcome("drop", None)}


# Row 1 says "two", and so does row 2: at the old place stands something else, and either might be meant.
def test_a_row_that_has_moved_and_is_there_twice_is_known_by_its_label(decided):
    text, label = ROWS[1]
    moved = data_of([(text, f"not {label}"), ("new", "a"), *ROWS[:1], (text, label)])
    assert list(settled(decided(DATA, 1, "drop"), data=moved).outcomes) == [3]


def test_a_row_that_has_moved_and_is_there_twice_with_its_label_is_gone(decided):
    moved = data_of([ROWS[1], ("new", "a"), *ROWS[:1], ROWS[1]])
    assert settled(decided(DATA, 1, "drop"), data=moved).outcomes == {}


def test_rows_that_are_gone_are_told_and_the_others_settled(decided):
    found = settled(decided(DATA, 0, "drop"), decided(DATA, 3, "drop"), data=data_of([("one!", "a"), *ROWS[1:]]))
    assert found.outcomes == {3: Outcome("drop", None)}
    (problem,) = found.problems
    assert (problem.where, "applies to a row that is there" in problem.rule) == ("decisions.jsonl:1", True)
    assert problem.got == "row 0 of m.csv (id id0) is gone, has other words now, or is there several times elsewhere"
    assert "otherwise the line does no harm" in problem.fix


def test_a_decision_that_was_taken_back_is_not_missed(decided):
    assert settled(decided(DATA, 0), decided(DATA, 0, "undo"), data=data_of(ROWS[1:])).problems == ()


def test_a_label_that_was_changed_in_the_source_since_is_told(decided):
    found = settled(decided(DATA, 0, "drop"), data=data_of([("one", "c"), *ROWS[1:]]))
    assert found.outcomes == {}
    assert found.problems[0].got == "row 0 of m.csv was 'a' then, and is 'c' now"
    assert "review the row again" in found.problems[0].fix


def test_a_label_that_the_source_was_given_by_the_decision_itself_is_as_decided(decided):
    found = settled(decided(DATA, 0, "relabel", "b"), data=data_of([("one", "b"), *ROWS[1:]]))
    assert (found.outcomes, found.problems) == ({0: Outcome("keep", "b")}, ())


def test_a_row_is_blind_only_if_nobody_saw_what_models_say(decided):
    seen, unseen = decided(DATA, 0), decided(DATA, 0, blind=True, who="bob")
    assert settled(unseen, decided(DATA, 1)).blind == {0}
    assert settled(seen, unseen).blind == frozenset()
