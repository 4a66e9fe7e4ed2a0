import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.kinds.classify import (
    chat,
    default_instruction,
    label_said,
    prompt,
    render,
    render_answer,
    spoken_names,
    wordings,
)
from suffice.kinds.prompts import Example
from suffice.records.labels import INVENTED, LabelSet


def label_set(n: int) -> LabelSet:
    return LabelSet.of(f"card_{k:02d}" for k in range(n))


def test_a_prompt_reads_as_a_person_would_write_it():
    frame = prompt("Sort the message. ")
    assert frame.before + render("where is it?") + frame.after == (
        "Sort the message.\n\nMessage: where is it?\nCategory:"
    )


def test_examples_stand_before_the_message_in_its_own_shape():
    shown = (Example(text=" my card? ", answer="card lost"), Example(text="money", answer="refund"))
    frame = prompt("Sort the message.", examples=shown)
    assert frame.before + render("where is it?") + frame.after + render_answer("card lost") == (
        "Sort the message.\n\n"
        "Message: my card?\nCategory: card lost\n\n"
        "Message: money\nCategory: refund\n\n"
        "Message: where is it?\nCategory: card lost"
    )


def test_no_instruction_leaves_no_empty_line():
    assert prompt(" ").before == "Message:"


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


def test_names_are_said_with_blanks_unless_two_would_be_the_same():
    assert spoken_names(LabelSet(names=("card_lost", "top  up\n", "Refund_not_showing_up"))) == (
        "card lost",
        "top up",
        "Refund not showing up",
    )
    alike = LabelSet(names=("card_lost", "card lost", "refund_late"))
    assert spoken_names(alike) == alike.names
    assert "card_lost, card lost, refund_late" in default_instruction(alike)


@pytest.mark.parametrize("n", [2, 21])
def test_there_are_six_wordings_of_one_meaning_and_one_that_says_nothing(n: int):
    said = {wording.name: wording.instruction for wording in wordings(label_set(n))}
    assert list(said) == ["default", "question", "role", "short", "polite", "labels_first", "none"]
    assert said["default"] == default_instruction(label_set(n))
    assert said.pop("none") == ""
    assert len(set(said.values())) == 6
    what = f"{n} categories" if n > 20 else "card 00, card 01"
    # Each names the same labels, or their number, and asks for the label alone.
    assert all(
        what in instruction and " only" in instruction.replace("nothing but", "only") for instruction in said.values()
    )
    assert wordings(label_set(n)) == wordings(label_set(n))


def test_all_labels_are_listed_where_that_is_asked():
    labels = label_set(30)
    assert all("card 29" in one.instruction for one in wordings(labels, most_listed=30) if one.name != "none")
    assert "card 29" in default_instruction(labels, most_listed=30)


NAMED = LabelSet(names=("card_lost", "card lost?", "Refund", "ref und"))


def test_a_chat_says_instruction_and_labels_once_and_then_the_message_alone():
    labels = LabelSet(names=("card_lost", "refund"))
    system, user = chat("  where is it?\n", instruction=" Sort these. ", labels=labels)
    assert (system.role, user.role) == ("system", "user")
    assert system.content == (
        "Sort these.\n\nCategories:\ncard_lost\nrefund\n\n"
        "Answer with one of these categories, exactly as it is written here, and with nothing else."
    )
    assert user.content == "where is it?"


def test_a_chat_without_an_instruction_has_that_of_many_labels_since_they_are_listed_anyway():
    (system, _) = chat("hello", instruction="", labels=LabelSet(names=("a", "b")))
    assert system.content.startswith("Sort the message into one of 2 categories. Answer with the category only.\n\n")


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("card_lost", 0),
        ("Card Lost", 0),
        (" CARD_LOST\n", 0),
        ("cardlost", 0),
        ("card lost?", 1),
        ("Refund", 2),
        ("ref und", 3),
        # Two labels are spelled so but for case and blanks: neither is meant more than the other.
        ("refund", INVENTED),
        ("card_lost.", INVENTED),
        ("The category is card_lost", INVENTED),
        ("card-lost", INVENTED),
        ("card", INVENTED),
        ("", INVENTED),
        (" _ ", INVENTED),
    ],
)
def test_an_answer_is_a_label_if_it_is_spelled_like_one_alone(said, label):
    assert label_said(said, NAMED) == label


def test_every_label_is_said_by_its_own_name():
    assert [label_said(name, NAMED) for name in NAMED.names] == [0, 1, 2, 3]
