import numpy as np
import pytest

from suffice.evaluate.completions.clusters import cluster_rows


@pytest.fixture
def rows(judge):
    """Rows of right answer and completion, as rows of clusters."""

    def rows(pairs):
        judged = judge(pairs)
        return cluster_rows(judged, np.ones((len(pairs), 1), dtype=np.float32), vectors_of="nothing")

    return rows


def test_failed_is_an_answer_whose_value_is_wrong_whatever_its_form(rows):
    data = rows([("18", "#### 18"), ("18", "it is 18"), ("18", "#### 17"), ("18", "no idea")])
    assert data.failed.tolist() == [False, False, True, True]
    assert data.features["form"] == (("as asked for",), ("another",), ("as asked for",), ("another",))


@pytest.mark.parametrize(
    ("gold", "given", "says"),
    [
        ("18", "1800", "100 times the right one"),
        ("18", "1.8", "a tenth of the right one"),
        ("18", "9", "half of the right one"),
        ("18", "-18", "of the other sign"),
        ("18", "17", "off by one"),
        ("100", "95", "a near miss"),
        ("18", "50", "too large"),
        ("18", "5", "too small"),
        ("0", "7", "too large"),
    ],
)
def test_a_wrong_number_is_told_by_how_it_lies_to_the_right_one(rows, gold, given, says):
    assert rows([(gold, f"#### {given}")]).errors["answer"] == ((says,),)


def test_of_right_answers_and_of_endless_numbers_nothing_is_said_to_be_wrong(rows):
    data = rows([("18", "#### 18"), ("9" * 1_000_000, "#### 1")])
    assert data.errors["answer"] == ((), ())
    assert data.features["right answer"] == (("whole number",), ("text",))
    assert data.errors["class"] == ((), ("right form wrong value",))


def test_texts_without_end_are_read_in_time(rows):
    for sign in ("\n", " ", "$", "1+", "1=", "<<", "("):
        assert rows([("18", "1+" + sign * 50_000)]).features["written operation"][0] in {(), ("+",)}


def test_what_is_known_before_grading_is_a_feature(rows):
    data = rows([("18", "1. 9 * 2 = 18\n2. done\n#### 18"), ("0.5", r"$x$ #### \frac12", "length")])
    assert data.features["written first operation"] == (("*",), ())
    assert data.features["right answer"] == (("whole number",), ("fraction",))
    assert data.features["style"] == (("a list",), ("LaTeX", "one line"))
    assert data.features["end"] == ((), ("cut off",))


def test_lengths_are_thirds_of_the_rows_and_nothing_where_all_are_alike(rows):
    data = rows([("1", "word " * n + "#### 1") for n in (1, 2, 50, 60, 300, 400)])
    assert [of_row[0] for of_row in data.features["length of the completion"]] == [
        "short",
        "short",
        "middle",
        "middle",
        "long",
        "long",
    ]
    assert not any(data.features["length of the question"])
