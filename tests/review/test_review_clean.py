from __future__ import annotations

import pytest
from review_rows import copies_of, data_of, lines, splits_of

from suffice.review.clean import clean_rows
from suffice.review.settle import Places, settle

LONG = "where is the parcel that I ordered two weeks ago from your shop"


@pytest.fixture
def cleaned(decided):
    """Rows cleaned by decisions, each a tuple of row, action and label."""

    def made(rows, *said, also_test=False, blind=True):
        data = data_of(rows)
        decisions = [decided(data, *one, blind=blind) for one in said]
        settled = settle(lines(*decisions), Places(data))
        return clean_rows(data, splits_of(rows), copies_of(data), settled, also_test=also_test)

    return made


def told(found):
    return [(change.row, change.what, change.why) for change in found.changes]


def test_decisions_are_applied(cleaned):
    rows = [("one", "a"), ("two", "b"), ("three", "c"), ("four", "a")]
    found = cleaned(rows, (0, "relabel", "b"), (1, "ambiguous"), (2, "drop"), (3, "keep"))
    assert (found.rows.tolist(), found.labels) == ([0, 3], ("b", "a"))
    assert told(found) == [
        (0, "relabelled", "decided: another label"),
        (1, "dropped", "decided: ambiguous"),
        (2, "dropped", "decided: drop"),
    ]
    assert (found.changes[0].was, found.changes[0].became) == ("a", "b")
    assert found.emptied == ("c",)


def test_clean_rows_stay_as_they_are(cleaned):
    found = cleaned([("one", "a"), ("two", "b")])
    assert (found.rows.tolist(), found.labels, found.changes, found.emptied) == ([0, 1], ("a", "b"), (), ())


def test_of_copies_the_first_stays_and_how_alike_they_were_is_told(cleaned):
    found = cleaned([(LONG, "a"), (LONG, "a"), (f"{LONG.upper()}?", "a"), (f"{LONG}s", "a"), ("other", "a")])
    assert found.rows.tolist() == [0, 4]
    assert [why for _, _, why in told(found)] == [
        "copy: the same message",
        "copy: the same but for case and punctuation",
        "copy: nearly the same",
    ]
    assert {change.stays for change in found.changes} == {"id0"}


def test_of_copies_the_one_that_a_person_decided_about_stays(cleaned):
    assert cleaned([("one", "a"), ("one", "a"), ("one", "a")], (1, "keep")).rows.tolist() == [1]


def test_no_rule_takes_a_row_that_people_disagree_about(decided):
    rows = [("one", "a"), ("one", "b"), ("one", "c"), (LONG, "a"), (LONG, "a"), (LONG, "a"), ("two", "a"), ("two", "a")]
    data = data_of(rows)
    disagreed = [(0, "keep"), (0, "drop"), (4, "drop"), (4, "keep"), (5, "keep"), (5, "relabel", "b")]
    people = [decided(data, *one, who=who) for one, who in zip(disagreed, ("ann", "bob") * 3, strict=True)]
    settled = settle(
        lines(*people, decided(data, 6, "ambiguous"), decided(data, 7, who="ann"), decided(data, 7, "drop", who="bob")),
        Places(data),
    )
    found = clean_rows(data, splits_of(rows), copies_of(data), settled, also_test=False)
    assert (found.rows.tolist(), found.labels) == ([0, 4, 5, 7], ("a",) * 4)
    assert len(settled.problems) == 4
    assert found.contradicting == ()


def test_a_message_that_people_kept_under_two_labels_is_counted(cleaned):
    rows = [("one", "a"), ("one", "b"), ("two", "a"), ("two", "b")]
    found = cleaned(rows, (0, "keep"), (1, "keep"), (2, "keep"))
    assert (found.rows.tolist(), found.contradicting) == ([0, 1, 2], (("id0", "id1"),))


def chain(n):
    """Messages of which each has one word in twenty other than the one before, and none of the words of the first."""
    words = [f"word{number:02}" for number in range(20 + n)]
    return [(" ".join(words[start : start + 20]), "a") for start in range(n)]


def alike(one, other):
    """Jaccard similarity of the character 5-grams, by its definition."""
    one, other = ({text[i : i + 5] for i in range(len(text) - 4)} for text in (one, other))
    return len(one & other) / len(one | other)


def test_of_a_chain_of_near_copies_a_row_goes_only_where_one_near_it_stays(cleaned):
    rows = chain(20)
    texts = {f"id{n}": text for n, (text, _) in enumerate(rows)}
    assert len(set(copies_of(data_of(rows)).near.tolist())) == 1
    assert alike(rows[0][0], rows[-1][0]) < 0.2
    found = cleaned(rows)
    stay = [rows[row][0] for row in found.rows.tolist()]
    assert 1 < len(stay) < 20
    assert all(alike(texts[change.id], texts[change.stays]) >= 0.8 for change in found.changes)
    assert {change.stays for change in found.changes} <= {f"id{row}" for row in found.rows.tolist()}
    assert max(alike(one, other) for one in stay for other in stay if one != other) < 0.8
    assert cleaned([(text, "a") for text in stay]).changes == ()


def test_in_a_chain_the_row_that_a_person_kept_stays_and_takes_its_neighbours_with_it(cleaned):
    found = cleaned(chain(4), (1, "keep"))
    assert {(change.id, change.stays) for change in found.changes} >= {("id0", "id1"), ("id2", "id1")}
    assert 1 in found.rows.tolist()


def test_near_copies_under_two_labels_are_no_copies(cleaned):
    assert cleaned([(LONG, "a"), (f"{LONG}s", "b")]).changes == ()


def test_a_conflict_that_nobody_decided_goes_altogether(cleaned):
    found = cleaned([("one", "a"), ("One!", "b"), ("two", "a")])
    assert found.rows.tolist() == [2]
    assert {why for _, _, why in told(found)} == {"two labels, nobody decided"}
    assert found.emptied == ("b",)


@pytest.mark.parametrize("said", [(0, "keep"), (1, "relabel", "a")])
def test_a_conflict_that_a_person_settled_leaves_one_row_with_the_settled_label(cleaned, said):
    found = cleaned([("one", "a"), ("one", "b"), ("one", "b")], said)
    assert found.labels == ("a",)
    assert "two labels, a person settled on the other" in {why for _, _, why in told(found)}


def test_rows_that_people_settled_on_two_labels_both_stay(cleaned):
    found = cleaned([("one", "a"), ("one", "b"), ("one", "c")], (0, "keep"), (1, "keep"))
    assert found.labels == ("a", "b")


def test_an_ambiguous_message_goes_with_its_copies(cleaned):
    found = cleaned([("one", "a"), ("one", "b"), ("two", "a")], (0, "ambiguous"))
    assert found.rows.tolist() == [2]
    assert {why for _, _, why in told(found)} == {"decided: ambiguous"}


def test_what_is_dropped_settles_nothing_of_its_copies(cleaned):
    assert cleaned([("one", "a"), ("one", "b")], (0, "drop")).rows.tolist() == [1]


def test_a_row_relabelled_and_then_dropped_as_a_copy_is_told_once_with_its_own_label(cleaned):
    found = cleaned([("one", "b"), ("one", "a")], (0, "keep"), (1, "relabel", "b"))
    assert [(change.row, change.what, change.was, change.became) for change in found.changes] == [
        (1, "dropped", "a", None)
    ]


@pytest.mark.parametrize("split", ["validation", "calibration", "test"])
@pytest.mark.parametrize("also_test", [False, True])
def test_no_rule_touches_a_held_out_row(cleaned, split, also_test):
    rows = [("one", "a", split), ("one", "a", split), ("two", "a", split), ("two", "b", split), ("two", "a")]
    assert cleaned(rows, also_test=also_test).changes == ()


@pytest.mark.parametrize("split", ["validation", "calibration", "test"])
def test_decisions_about_held_out_rows_wait_and_are_applied_where_that_is_asked_for(cleaned, split):
    rows = [("one", "a", split), ("two", "a", split), ("three", "a", split), ("four", "a")]
    said = [(0, "relabel", "b"), (1, "drop"), (2, "keep")]
    assert (cleaned(rows, *said).changes, cleaned(rows, *said).waiting) == ((), 2)
    found = cleaned(rows, *said, also_test=True)
    assert (found.rows.tolist(), found.labels, found.waiting) == ([0, 2, 3], ("b", "a", "a"), 0)


def test_a_held_out_label_is_not_changed_by_who_saw_the_suggestion(cleaned):
    found = cleaned([("one", "a", "validation"), ("two", "a")], (0, "relabel", "b"), also_test=True, blind=False)
    assert (found.changes, found.seen) == ((), 1)


def test_a_message_that_is_ambiguous_in_validation_stays_in_train(cleaned):
    found = cleaned([("one", "a", "validation"), ("one", "a")], (0, "ambiguous"), also_test=True)
    assert found.rows.tolist() == [1]
