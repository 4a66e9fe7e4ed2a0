"""Rows with a small change: what is right stays right, or moves along."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from household import requests
from suffice.kinds import answer
from suffice.kinds.small_changes import changed_row, changed_text
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold, Question
from suffice.records.sensitivity import SMALL_CHANGES
from suffice.records.tool_calls import AcceptedArgument, AcceptedCall, Message
from suffice.records.tool_spec import ToolSpec
from word_sums import questions

NUMBER = AnswerSpec()
LETTER = AnswerSpec(type="choice", form="Answer: {answer}")
CHOICE = "Which city is the capital of France?\nA) Berlin\nB) Paris\nC) Madrid"


def question(text: str, gold: str, *, trace: str | None = None) -> Question:
    right = Gold(answer=gold, trace=trace)
    return Question(id="q", source="rows.jsonl", row=0, text=text, gold=right, group=None, split=None)


@given(row=st.sampled_from(questions(60)), seed=st.integers(0, 99), change=st.sampled_from(SMALL_CHANGES))
def test_numbers_and_what_is_right_are_untouched(row: Question, seed: int, change) -> None:
    changed = changed_row(row, change, spec=NUMBER, seed=seed)
    assert re.findall(r"\d+", changed.text) == re.findall(r"\d+", row.text)
    assert replace(changed, text=row.text) == row
    assert changed == changed_row(row, change, spec=NUMBER, seed=seed)


def test_numbers_in_words_do_not_slip() -> None:
    # Every word but "altogether" is a number, or too short.
    text = "Twelve thirty fifteen dozens twice hundred altogether"
    changed = {changed_text(text, "typo", seed=seed) for seed in range(30)}
    assert all(one.startswith("Twelve thirty fifteen dozens twice hundred a") for one in changed)
    assert text not in changed


def test_the_words_of_the_right_answer_are_kept_where_the_question_has_them() -> None:
    row = question("Who was older, Gustav Mahler or Richard Strauss?", "Gustav Mahler")
    changed = changed_row(row, "case", spec=AnswerSpec(type="text"), seed=0)
    assert changed.text == "who was older, Gustav Mahler or richard strauss?"


def test_the_right_letter_moves_along_with_its_option() -> None:
    changed = changed_row(question(CHOICE, "B", trace="Paris, so B."), "options", spec=LETTER, seed=0)
    assert changed.text == "Which city is the capital of France?\nA) Madrid\nB) Berlin\nC) Paris"
    assert changed.gold == Gold(answer="C", trace=None)
    both = changed_row(question(CHOICE, "A, C"), "options", spec=LETTER, seed=0)
    assert both.gold.answer == "A, B"


def test_who_was_right_by_value_is_right_by_the_moved_letter_alone() -> None:
    changed = changed_row(question(CHOICE, "B"), "options", spec=LETTER, seed=0)
    verdicts = {
        said: answer.judge(answer.parse(f"Answer: {said}", LETTER), changed.gold.answer, LETTER) for said in "BC"
    }
    assert {said: one.verified for said, one in verdicts.items()} == {"B": False, "C": True}


def test_choices_that_are_named_by_their_words_need_no_moving() -> None:
    spec = AnswerSpec(type="choice", choices=("Berlin", "Paris", "Madrid"))
    changed = changed_row(question(CHOICE, "Paris"), "options", spec=spec, seed=0)
    assert (changed.text != CHOICE, changed.gold.answer) == (True, "Paris")


@pytest.mark.parametrize(
    ("text", "gold", "spec"), [(CHOICE, "D", LETTER), (CHOICE, "12", NUMBER), ("How?", "A", LETTER)]
)
def test_options_stay_where_the_right_answer_could_not_follow(text: str, gold: str, spec: AnswerSpec) -> None:
    row = question(text, gold)
    assert changed_row(row, "options", spec=spec, seed=0) == row


def test_options_do_not_slip_and_keep_their_capitals() -> None:
    for seed in range(20):
        assert changed_text(CHOICE, "typo", seed=seed).endswith("\nA) Berlin\nB) Paris\nC) Madrid")
    assert changed_text(CHOICE, "case", seed=0) == CHOICE.replace("Which", "which").replace("France", "france")


def test_the_last_request_changes_and_what_its_calls_need_word_for_word_does_not() -> None:
    row = requests(1)[0]
    needed = AcceptedCall(
        name="book", arguments={"city": AcceptedArgument(values=("Springfield, Ohio",), optional=False)}
    )
    turns = (
        Message(role="user", content="Book Something first"),
        Message(role="assistant", content="Where To?"),
        Message(role="user", content="Please find Springfield in Ohio tomorrow"),
    )
    example = replace(row.example, messages=turns, accepted=(needed,))
    changed = [changed_row(replace(row, example=example), "typo", spec=ToolSpec(), seed=seed) for seed in range(30)]
    assert {one.example.messages[:2] for one in changed} == {turns[:2]}
    said = [one.example.messages[2].content for one in changed]
    assert all("Springfield in Ohio" in one for one in said)
    assert turns[2].content not in said
    assert all(one.example.messages[2].content in one.text for one in changed)
    lowered = changed_row(replace(row, example=example), "case", spec=ToolSpec(), seed=0)
    assert lowered.example.messages[2].content == "please find Springfield in Ohio tomorrow"


def test_a_longer_form_of_a_needed_word_is_kept_as_well() -> None:
    keep = frozenset({"teaspoon", "of"})
    changed = {changed_text("Six teaspoons offered", "typo", keep=keep, seed=seed) for seed in range(30)}
    assert all(one.startswith("Six teaspoons o") for one in changed)
    assert "Six teaspoons offered" not in changed  # Words of two letters begin too many others.


def test_no_slip_makes_a_number_of_a_word() -> None:
    # "there" with two letters swapped would be "three".
    assert "three" not in {changed_text("there", "typo", seed=seed) for seed in range(300)}


def test_tools_are_offered_in_another_order_and_are_the_same() -> None:
    row = next(one for one in requests(20) if len(one.example.tools) > 1)
    changed = changed_row(row, "options", spec=ToolSpec(), seed=0)
    assert changed.example.tools != row.example.tools
    assert {one.name for one in changed.example.tools} == {one.name for one in row.example.tools}
    assert replace(changed, example=row.example) == row


def test_a_request_with_nobody_who_asks_stays_as_it_is() -> None:
    row = requests(1)[0]
    silent = replace(row, example=replace(row.example, messages=(Message(role="system", content="Be Kind"),)))
    assert changed_row(silent, "greeting", spec=ToolSpec(), seed=0) == silent
