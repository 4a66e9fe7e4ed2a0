"""The canonical form under which two messages count as copies."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[\W_]+")
_JOINERS = frozenset("\u200c\u200d")
_SHOWS_NOTHING = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Fillers and blanks that Unicode counts as letters, marks or symbols.
Source: Default_Ignorable_Code_Point in DerivedCoreProperties.txt, and the Braille blank, which is sent as nothing."""


def canonical(text: str) -> str:
    """Reduces a message to what makes it itself: case, white space, Unicode form and punctuation removed.

    A message of nothing but punctuation or symbols keeps them, so that "?" and "!" stay apart. Marks on letters are
    kept: in Hindi or Thai they are the vowels. Case folding can undo the Unicode form, which is therefore taken twice.
    Source: Unicode Standard, section 3.13, definition D146 (compatibility caseless match).

    Args:
        text: any text.

    Returns:
        Words separated by single blanks; empty only for a text that shows nothing.
    """
    visible = text if text.isascii() else "".join(c for c in text if unicodedata.category(c) != "Cf")
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())
    words = _NOT_WORD.sub(_marks_or_blank, folded).split()
    return " ".join(words or folded.split())


def is_empty(text: str) -> bool:
    """Whether a message has nothing to classify: white space and characters that show nothing.

    Args:
        text: any text.
    """
    return not any(_shows(character) for character in text)


def readable(text: str) -> str:
    """The text with a question mark for each half of a surrogate pair: models read nothing but UTF-8.

    Args:
        text: any text.
    """
    return text.encode("utf-8", errors="replace").decode("utf-8")


def storable(text: str) -> str:
    """The text with each half of a surrogate pair as Python escapes it: no file in UTF-8 holds one, and a call that a
    model wrote may, since JSON has escapes for halves.

    Args:
        text: any text.
    """
    return text.encode(errors="backslashreplace").decode()


def on_one_line(text: str) -> str:
    """The text as a terminal may be given it: what would move its cursor, end a line, turn the order of letters round
    or be no character is written as Python escapes it.

    Args:
        text: any text, as somebody else wrote it.

    Source: Unicode Standard, section 4.5, general categories Cc, Cf, Cs, Zl and Zp. Marks that join letters (U+200C,
    U+200D) are of Cf and stay.
    """
    return "".join(one.encode("unicode_escape").decode() if _commands(one) else one for one in text)


def _commands(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and character not in _JOINERS


def _shows(character: str) -> bool:
    if character.isspace() or character in _SHOWS_NOTHING or _is_variation_selector(character):
        return False
    return unicodedata.category(character) not in {"Cc", "Cf"}


def _marks_or_blank(gap: re.Match[str]) -> str:
    return "".join(c if _is_mark(c) else " " for c in gap[0])


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Mc"} and not _is_variation_selector(character)


def _is_variation_selector(character: str) -> bool:
    """Choosing between an emoji and its text form, it shows nothing by itself."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
