import numpy as np

from suffice.audit.ambiguous import AMBIGUOUS

ROWS = [(f"text {k}", "abc"[k % 3], "test" if k > 29 else "train") for k in range(33)]
A, B, C = ([k for k in range(30) if k % 3 == label] for label in range(3))
TORN = np.tile([0.05, 0.05, 0.9], (30, 1))
TORN[A + B] = [0.5, 0.4, 0.1]
"""Rows of a and b are taken for a; those of c are known."""
KNOWN = np.eye(3)[np.arange(30) % 3] * 0.8 + 0.05
PEOPLE = [(*row, None, ["a", "b"] if k in {4, 31} else []) for k, row in enumerate(ROWS)]


def test_the_region_between_two_labels_that_cannot_be_told_apart_is_found_without_annotators(asked):
    seen = asked(ROWS, np.log(TORN))
    assert AMBIGUOUS.needs(seen) is None
    [found] = AMBIGUOUS.look(seen)
    # By hand: 0.9 of every row of a and b lies between the two.
    assert (AMBIGUOUS.severity, found.rows.tolist(), found.score) == ("warn", sorted(A + B), 20 / 30)
    assert found.got.startswith("about 20 rows between 'a' and 'b', which the data cannot tell apart")
    assert "of a single row this is only a lead" in found.got
    assert "redefine or merge 'a' and 'b'" in found.fix


def test_rows_that_surely_are_of_a_third_label_are_no_part_of_it(asked):
    probs = TORN.copy()
    probs[A[0]] = [0.2, 0.1, 0.7]
    [found] = AMBIGUOUS.look(asked(ROWS, np.log(probs)))
    assert found.rows.tolist() == sorted(A[1:] + B)


def test_people_who_differ_are_measured_though_no_model_was_asked(audited):
    seen = audited(PEOPLE)
    assert AMBIGUOUS.needs(seen) is None
    [found] = AMBIGUOUS.look(seen)
    assert found.rows.tolist() == [4]
    assert found.got.startswith("people differ on 1 of 1 row that two or more of them labelled")


def test_both_are_told_where_both_are_there(asked):
    measured, region = AMBIGUOUS.look(asked(PEOPLE, np.log(TORN)))
    assert (measured.rows.tolist(), region.rows.tolist()) == ([4], sorted(A + B))


def test_labels_that_are_told_apart_are_clear(asked):
    assert list(AMBIGUOUS.look(asked(ROWS, np.log(KNOWN)))) == []


def test_labels_that_are_taken_for_each_other_though_in_the_right_order_are_clear(asked):
    probs = TORN.copy()
    probs[B] = [0.48, 0.42, 0.1]
    seen = asked(ROWS, np.log(probs))
    assert [pair.inseparable for pair in seen.models.pairs] == [False]
    assert list(AMBIGUOUS.look(seen)) == []


def test_not_applicable_without_two_people_and_without_models_which_says_both(why_not):
    assert why_not("ambiguous", ROWS) == (
        "no row outside test has labels of two people (data.annotators), and no model was asked about the rows"
    )
