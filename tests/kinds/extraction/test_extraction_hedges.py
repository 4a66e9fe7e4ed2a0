from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.kinds.extraction.hedges import bounded, meant, several_numbers, without_denials, without_lead


@pytest.mark.parametrize(
    "said",
    [
        "5 or 6",
        "5 or 6, I am not sure",
        "5 apples or 6",
        "5 (or 6)",
        "5, or maybe 6",
        "either 5 or 6 of them",
        "x = 5 or x = 6",
        "between 3 and 5",
        "between 3 and 5 hours, I think",
        "3 to 5",
        "from 3 to 5 days",
        "5, 6",
        "1, 2 or 3",
        "1,2,3",
        "10,20,30",
        "5; 6",
        "5 and 6",
        "$5 or $6",
        "2 hours or 3 hours",
        "5.1 or 5.3",
        "18 apples and 3 pears",
    ],
)
def test_different_numbers_are_several(said):
    assert several_numbers(said)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "or",
        "18",
        "1,000",
        "1,000, which is 5 more",
        "18, that is $18",
        "18 or $18.00",
        "2 hours or 120 minutes",
        "12 months or 1 year",
        "1/2 or 50%",
        "10/3 or 3.33",
        "17.5, or 18 when rounded up",
        "10/3, or about 3",
        "36 eggs or 3 boxes",
        "5 hours and 30 minutes",
        "18 apples and 3 of them are red",
        "18 apples and 3 left",
        "18 dollars and 0 cents",
        "18 or more",
        "18 or so",
        "18, not 19",
        "18 and not 19",
        "18, between 10 and 20",
        "18, 2 each",
        "5, 2 more than was expected",
        "0.33 to 2 decimals",
        "18 dollars a day for 5 days",
        "9 * 2 = 18 and 18 - 2 = 16",
        "18, since 9 * 2 = 18",
    ],
)
def test_one_number_said_again_counted_otherwise_or_explained_is_one(said):
    assert not several_numbers(said)


def test_a_line_may_have_to_be_a_list_and_nothing_else():
    assert several_numbers("5 or 6.", whole=True)
    assert not several_numbers("5 or 6, since it rains", whole=True)
    assert not several_numbers("It makes 5 or 6", whole=True)


def _is_number(said: str) -> bool:
    return said[:1].isdigit()


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("5", "5"),
        ("5, not 6", "5, not 6"),
        ("not 6 but 5", "5"),
        ("not 6, it is 5", "5"),
        ("not 6; it's 5 eggs", "5 eggs"),
        ("not 6, 7 or 8, but rather 5", "5"),
        ("definitely not 6, 5", "5"),
        ("neither 6 nor 7, but 5", "5"),
        ("not 6", None),
        ("not 6 because it is 3 too many", None),
        ("not more than 6", "not more than 6"),
    ],
)
def test_what_is_denied_is_not_meant(said, means):
    assert meant(said, begins=_is_number) == means


def test_sentences_that_deny_are_left_out_up_to_what_is_said_instead():
    assert without_denials("2 + 3 = 5. The answer is not 6. So") == "2 + 3 = 5. The  So"
    assert without_denials("the answer isn't 6, it's 5") == "the  5"
    assert without_denials("it is not 6") == "it is not 6"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("it is not 6", "it is "),
        ("it can't be $6, it is 5", "it , it is 5"),
        ("not 9 * 2 but 5", " but 5"),
        ("it cannot equal 6 or 7.", "it ."),
        ("6 do not. He has not eaten 5", "6 do not. He has not eaten 5"),
        ("not the 6th", "not the 6th"),
    ],
)
def test_numbers_right_behind_a_denial_are_left_out(text, left):
    assert without_denials(text, options=()) == left


def test_choices_right_behind_a_denial_are_left_out_but_for_one_that_is_a_denial():
    assert without_denials("Not (A), nor B", options=("A", "B")) == ""
    assert without_denials("neither A nor B fits", options=("A", "B")) == " fits"
    assert without_denials("I am not sure, not Yes", options=("yes", "not sure")) == "I am not sure, "


@pytest.mark.parametrize(
    "said",
    ["> 18", "x ≥ 18", r"x \geq 18", "at least 18 eggs", "no more than $18", "up to 18", "fewer than 18", "over 18"],
)
def test_an_open_range_is_a_bound(said):
    assert bounded(said)


@pytest.mark.parametrize("said", ["18", "18 or more", "->18", "=> 18", "<b>18</b>", "about 18", "over the 18 days", ""])
def test_arrows_tags_and_numbers_with_a_remark_are_no_bounds(said):
    assert not bounded(said)


def test_words_that_lead_to_several_numbers_are_known():
    assert [without_lead(said) for said in ("between 3 and 5", "not 6", "3 or 5")] == ["3 and 5", "6", "3 or 5"]


@given(st.text(alphabet="0159 ,.orandtbweif$%/=()not", max_size=60))
def test_nothing_breaks_the_readers(said):
    several_numbers(said)
    several_numbers(said, whole=True)
    without_denials(said)
    rest = meant(said, begins=_is_number)
    assert rest is None or said.endswith(rest)


@pytest.mark.parametrize("part", ["5 or ", "1,", "5, ", "not ", "not 6,", " ", "(", "answer ", "answer is not ", "a="])
def test_texts_made_to_be_slow_are_read_in_no_time(part):
    text = "not 6" + (part * 200_000)[:200_000]
    started = process_time()
    several_numbers(text[5:])
    meant(text, begins=_is_number)
    without_denials(text)
    without_denials(text, options=())
    bounded(text[5:])
    assert process_time() - started < 2.0
