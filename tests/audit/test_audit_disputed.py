import numpy as np
import pytest

from suffice.audit.disputed import against_majority, measured_ambiguity, why_not_measured


def row(text, label, given, *, split="train"):
    return (text, label, split, None, list(given))


AGREED = [row(f"text {k}", label, (label, label)) for k, label in enumerate("abab")]
DISPUTED = [*AGREED, row("p", "a", "aab"), row("q", "b", "ba"), row("r", "c", "cc"), row("s", "c", "cb")]


def test_disputed_rows_are_found_with_what_they_allow(audited):
    whole, *_ = measured_ambiguity(audited(DISPUTED))
    # By hand: rows p, q and s differ with chances 2/3, 1 and 1 of 8 rows; p's left-out label is foreseen with 1/3.
    assert (whole.rows.tolist(), whole.score) == ([4, 5, 7], pytest.approx((2 / 3 + 2) / 8))
    assert whole.got.startswith("people differ on 3 of 8 rows that two or more of them labelled (2 without a commonest")
    assert "(2 without a commonest label, so that theirs was drawn among those chosen most" in whole.got
    assert "two people differ with chance 0.333 (" in whole.got
    assert "the label of one more person in 0.667 to 0.816 of cases (" in whole.got
    assert "settle the disputed rows together" in whole.fix


def test_where_each_row_has_a_commonest_label_nothing_is_said_to_be_drawn(audited):
    whole, *_ = measured_ambiguity(audited([*AGREED, row("p", "a", "aab")]))
    assert "(0 without a commonest label)" in whole.got


def test_pairs_of_labels_that_divide_people_are_found_unless_it_is_one_row(audited):
    _, pair = measured_ambiguity(audited(DISPUTED))
    assert pair.rows.tolist() == [4, 5]
    # By hand, coincidences: p 1 divided and 1 alike, q 1 divided, the four agreed rows 2 each: 4 / (4 + 1 + 8).
    assert pair.score == pytest.approx(4 / 13)
    assert pair.got == (
        "'a' and 'b', both given to 2 rows; of two people who choose one of them for the same row, 0.31 choose "
        "differently"
    )
    assert pair.fix == "write down where 'a' ends and 'b' begins, or merge them"


def test_test_rows_are_counted_and_part_of_no_figure(audited):
    rows = [*DISPUTED, row("t", "a", "ab", split="test"), row("u", "a", "aa", split="test")]
    sealed, open_alone = measured_ambiguity(audited(rows)), measured_ambiguity(audited(DISPUTED))
    assert sealed[0].got == open_alone[0].got.replace("a column)", "a column), and on 1 of 2 in test")
    assert [(one.rows.tolist(), one.score) for one in sealed] == [(one.rows.tolist(), one.score) for one in open_alone]


def test_a_label_outside_the_set_divides_people_too(audited):
    rows = [*AGREED, row("p", "a", ["a", "x"]), row("q", "a", ["a", "x"])]
    whole, pair = measured_ambiguity(audited(rows, declared=["a", "b"]))
    assert (whole.rows.tolist(), pair.rows.tolist()) == ([4, 5], [4, 5])
    assert pair.got.startswith("'a' and 'x', both given to 2 rows")


def test_people_who_agree_are_clear(audited):
    assert measured_ambiguity(audited(AGREED)) == []


def test_copies_of_a_row_say_no_more_than_one(audited):
    labelled = [(f"text {k}", "ab"[k % 2], ("aa", "ab", "bb")[k % 3]) for k in range(12)]
    once = measured_ambiguity(audited([row(*one) for one in labelled]))
    thrice = measured_ambiguity(audited([row(*one) for one in labelled * 3]))
    rates = [found[0].got.partition("chance")[2].partition(",")[0] for found in (once, thrice)]
    assert rates[0] == rates[1]


def test_not_measured_without_two_people_outside_test(audited):
    why = "no row outside test has labels of two people (data.annotators)"
    rows = [("a", "x", "train"), row("b", "x", "x"), row("c", "x", "xy", split="test")]
    assert why_not_measured(audited(rows)) == why
    assert why_not_measured(audited(AGREED)) is None


def test_rows_against_the_majority_of_their_annotators_are_named(audited):
    rows = [
        row("p", "a", "bba"),
        row("q", "a", "ab"),
        row("r", "a", "bbcc"),
        row("s", "a", "aab"),
        row("t", "a", "b"),
        ("u", "a", "train"),
        row("v", "a", "bb", split="test"),
    ]
    assert against_majority(audited(rows)).tolist() == [0, 4]
    assert against_majority(audited(rows)).dtype == np.int64
