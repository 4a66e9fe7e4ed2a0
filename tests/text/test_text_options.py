"""Options that a question lists by letter, found and turned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.text.options import options_of, rotated_options

LISTED = "Which city is the capital of France?\nA) Berlin\nB) Paris\nC) Madrid"


def said(text: str) -> dict[str, str]:
    return {one.letter: text[one.start : one.end] for one in options_of(text)}


@pytest.mark.parametrize(
    "text",
    [
        LISTED,
        "Which?\n\n(A) Berlin \n(B) Paris\n\n(C) Madrid\n",
        "Which?\n A. Berlin\n B. Paris\n C. Madrid",
        "Which? A) Berlin B) Paris C) Madrid",
        "Think first.\nWhich is it: [A] Berlin [B] Paris [C] Madrid",
    ],
)
def test_options_are_found_in_lines_of_their_own_and_in_the_last_one(text: str) -> None:
    assert said(text) == {"A": "Berlin", "B": "Paris", "C": "Madrid"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "How many apples are 2 + 2?",
        "Who is taller, A. Smith or B. Jones?",
        "Only one:\nA) Berlin",
        "B) Berlin\nC) Paris",
        "A) Berlin\nC) Paris",
        "A) Berlin\nB) Paris\nAnswer with a letter.",
        "1) Berlin\n2) Paris",
    ],
)
def test_what_is_no_list_of_options_is_none(text: str) -> None:
    assert options_of(text) == ()
    assert rotated_options(text) is None


def test_every_option_stands_one_letter_further_on() -> None:
    turned = rotated_options(LISTED)
    assert said(turned.text) == {"A": "Madrid", "B": "Berlin", "C": "Paris"}
    assert dict(turned.letters) == {"A": "B", "B": "C", "C": "A"}
    assert turned.text.startswith("Which city is the capital of France?\nA) ")


@pytest.mark.parametrize(
    "last",
    ["None of the above", "All of these", "Both", "A and B", "Either of them", "What option A says"],
)
def test_an_option_that_speaks_of_others_or_of_its_place_keeps_all_where_they_are(last: str) -> None:
    assert rotated_options(f"Which?\nA) Berlin\nB) Paris\nC) {last}") is None


def test_a_question_that_names_options_by_letter_keeps_them_where_they_are() -> None:
    assert rotated_options("Why is option B wrong?\nA) Too old\nB) Too new") is None


def test_options_that_say_the_same_are_in_no_order() -> None:
    assert rotated_options("Which?\nA) Paris\nB) Paris") is None


@given(words=st.lists(st.from_regex(r"[a-z0-9]{1,8}( [a-z0-9]{1,8}){0,2}", fullmatch=True), min_size=2, max_size=10))
def test_a_rotation_keeps_what_there_is_to_choose_from_and_leads_each_letter_to_its_words(words: list[str]) -> None:
    text = "Which?\n" + "\n".join(f"{letter}) {one}" for letter, one in zip("ABCDEFGHIJ", words, strict=False))
    turned = rotated_options(text)
    if len(set(words)) == 1 or turned is None:
        assert len(set(words)) == 1 or any(one in {"both", "above", "below"} for one in " ".join(words).split())
        return
    before, after = said(text), said(turned.text)
    assert sorted(after.values()) == sorted(words)
    assert {before[letter]: after[now] for letter, now in turned.letters.items()} == {one: one for one in words}
