import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.kinds.classify import constraint, default_instruction, prompt, render
from suffice.records.labels import LabelSet


def label_set(n: int) -> LabelSet:
    return LabelSet.of(f"card_{k:02d}" for k in range(n))


def test_a_prompt_reads_as_a_person_would_write_it():
    frame = prompt("Sort the message. ")
    assert frame.before + render("where is it?") + frame.after == (
        "Sort the message.\n\nMessage: where is it?\nCategory:"
    )


@given(st.text(), st.text())
def test_no_blank_stands_double_where_the_parts_meet(instruction: str, text: str):
    frame, message = prompt(instruction), render(text)
    assert not frame.before[-1].isspace()
    assert message.startswith(" ")
    assert message == " " or not (message[1].isspace() or message[-1].isspace())
    assert (frame.after[0], frame.after[-1]) == ("\n", ":")


@given(st.text(), st.text())
def test_the_frame_depends_on_the_instruction_alone_and_the_message_stands_in_it_unchanged(one: str, other: str):
    assert prompt(one) == prompt(f" {one}\n")
    assert render(other).removeprefix(" ") == other.strip()


def test_up_to_twenty_labels_are_listed_as_words():
    text = default_instruction(label_set(20))
    assert "card 00, card 01" in text
    assert "card 19." in text


def test_more_labels_are_counted_and_not_listed():
    assert default_instruction(label_set(21)) == (
        "Sort the message into one of 21 categories. Answer with the category only."
    )


@pytest.mark.parametrize("n", [2, 21])
def test_every_answer_is_one_of_the_labels(n: int):
    assert constraint(label_set(n)).labels == label_set(n)
