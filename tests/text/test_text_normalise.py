import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from suffice.text.normalise import canonical, is_empty, on_one_line

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Where is my card?", "where is my card"),
        ("  two\n\twords ", "two words"),
        ("two - _ words", "two words"),
        ("snake_case", "snake case"),
        ("ﬁne", "fine"),
        ("cafe\u0301", "CAFÉ"),
        ("STRASSE", "straße"),
        ("cus\u00adtomer", "customer"),
        ("pass\u200bword", "password"),
        ("fine \u2764\ufe0f", "fine \u2764"),
    ],
)
def test_the_same_message_written_in_two_ways_is_one(one: str, other: str):
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("?", "!"), ("card lost", "lost card"), ("not now", "notnow"), ("दिन", "दीन"), ("ที่", "ทู่"), ("10", "1 0")],
)
def test_different_messages_stay_apart(one: str, other: str):
    assert canonical(one) != canonical(other)


@given(TEXTS)
@example("a_!_b")
@example("\u0345")
@example("\u1e9e\u0301_")
def test_canonical_of_canonical_is_canonical(text: str):
    once = canonical(text)
    assert canonical(once) == once
    assert "  " not in once
    assert once == once.strip()


@given(TEXTS)
def test_the_unicode_form_of_a_message_makes_no_difference(text: str):
    assert canonical(unicodedata.normalize("NFD", text)) == canonical(unicodedata.normalize("NFC", text))


@given(TEXTS)
def test_a_message_that_shows_something_has_a_canonical_form(text: str):
    assert is_empty(text) or canonical(text) != ""


@pytest.mark.parametrize(
    "text",
    ["", " ", "\t\r\n", "\u00a0\u3000", "\u200b\u200d\ufeff", "\x00\x07", "\u3164", "\u2800", "\ufe0f", "\u034f"],
)
def test_a_text_that_shows_nothing_is_empty(text: str):
    assert is_empty(text)


@pytest.mark.parametrize("text", [".", "?", "0", "\u200ba", "\u2764\ufe0f", "ا", "\u0301"])
def test_a_text_that_shows_anything_is_not_empty(text: str):
    assert not is_empty(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\r\t", r"two\nlines\r\t"),
        ("\x1b[2J\x9b31m", r"\x1b[2J\x9b31m"),
        ("evil\u202etxt.exe\u2028", r"evil\u202etxt.exe\u2028"),
        ("half \ud800", r"half \ud800"),
        # Persian joins letters with U+200C, emoji are joined with U+200D: both are as they were.
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("\U0001f469\u200d\U0001f4bb na\u00efve\u00a0\u4e2d", "\U0001f469\u200d\U0001f4bb na\u00efve\u00a0\u4e2d"),
    ],
)
def test_what_commands_a_terminal_is_written_out(text: str, shown: str):
    assert on_one_line(text) == shown
