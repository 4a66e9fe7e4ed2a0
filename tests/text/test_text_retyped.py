"""Texts as another hand might have typed them: what a change must do, and what it must leave alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.text.retyped import GREETINGS, WORDS_PER_SLIP, greeted, lowered, mistyped, words_of

QUESTION = "Natalia sold clips to 48 of her friends in April. How many clips did she sell altogether by 3.30 pm?"
WORDS = st.sampled_from(
    [
        "Natalia",
        "sells",
        "bought",
        "48",
        "3.5kg",
        "$1,200",
        "MB",
        "I",
        "McKay",
        "well-known",
        "it's",
        "foo_bar",
        "(apples)",
    ]
)
TEXTS = st.lists(WORDS, max_size=40).map(" ".join)


def free(_word: str) -> bool:
    return False


def slips_apart(one: str, other: str) -> bool:
    """Whether a word becomes another by one letter swapped with the next, left out, doubled or put in its place."""
    if len(one) == len(other):
        at = [k for k in range(len(one)) if one[k] != other[k]]
        swapped = len(at) == 2 and at[1] == at[0] + 1 and one[at[0]] + one[at[1]] == other[at[1]] + other[at[0]]
        return len(at) == 1 or swapped
    short, long = sorted((one, other), key=len)
    return any(short == long[:k] + long[k + 1 :] for k in range(len(long)))


def test_capitals_go_where_a_word_goes_on_in_small_letters() -> None:
    assert lowered("Does NASA pay Ms Lee in US dollars (McKay asks), Or in kW? I am X.", keeps=free) == (
        "does NASA pay ms lee in US dollars (McKay asks), or in kW? I am X."
    )


@pytest.mark.parametrize(
    "kept",
    [
        '"Red House"',
        "“Red House”",
        "'Red House'",
        "`Red House`",
        "```\nRed House\n```",
        "$Red House$",
        "<Red>",
        "{House}",
    ],
)
def test_what_is_quoted_and_what_is_code_is_left_alone(kept: str) -> None:
    text = f"Who wrote {kept}, pray"
    assert lowered(text, keeps=free) == f"who wrote {kept}, pray"
    assert all(kept in mistyped(f"{text} {' '.join(['indeed'] * 60)}", keeps=free, seed=seed) for seed in range(20))


def test_words_that_are_named_are_kept_in_any_case() -> None:
    keep = words_of(["New York"])
    assert keep == {"new", "york"}
    assert lowered("Fly to New York or Berlin", keeps=lambda word: word.casefold() in keep) == (
        "fly to New York or berlin"
    )


@given(text=TEXTS, seed=st.integers(0, 99))
def test_a_slip_changes_one_letter_or_two_of_so_many_words_and_nothing_else(text: str, seed: int) -> None:
    before, after = text.split(" "), mistyped(text, keeps=free, seed=seed).split(" ")
    changed = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    may_slip = [one for one in before if one in {"sells", "bought", "(apples)"}]
    wanted = min(len(may_slip), max(1, round(len(text.split()) / WORDS_PER_SLIP)))
    assert len(changed) == wanted
    assert all(one in may_slip and slips_apart(one, other) for one, other in changed)
    assert all(one.strip("()")[0] == other.strip("()")[0] for one, other in changed)


@given(text=TEXTS, seed=st.integers(0, 99))
def test_numbers_stay_under_every_change(text: str, seed: int) -> None:
    digits = re.findall(r"\S*\d\S*", text)
    for changed in (lowered(text, keeps=free), mistyped(text, keeps=free, seed=seed), greeted(text, seed=seed)):
        assert re.findall(r"\S*\d\S*", changed) == digits


@given(text=st.text(max_size=80), seed=st.integers(0, 9))
def test_any_text_is_changed_the_same_way_every_time(text: str, seed: int) -> None:
    assert mistyped(text, keeps=free, seed=seed) == mistyped(text, keeps=free, seed=seed)
    assert lowered(text, keeps=free).casefold() == text.casefold()
    assert greeted(text, seed=seed) in {f"{line}\n{text}" for line in GREETINGS}


def test_seeds_and_texts_slip_in_different_places() -> None:
    assert len({mistyped(QUESTION, keeps=free, seed=seed) for seed in range(20)}) > 10
    assert {greeted(f"{QUESTION} {k}", seed=0).partition("\n")[0] for k in range(40)} == set(GREETINGS)


def test_every_text_with_a_word_that_may_slip_is_changed() -> None:
    assert all(mistyped("please", keeps=free, seed=seed) != "please" for seed in range(50))


def test_long_texts_without_an_end_to_their_quotes_take_no_time() -> None:
    # A pattern that looks for the other end from every sign would take hours.
    for sign in ('"', "“", "$", "\\(", "```", "{", "'a "):
        mistyped(sign * 30_000, keeps=free, seed=0)
    assert mistyped("a" * 100_000 + "1", keeps=free, seed=0).endswith("1")
