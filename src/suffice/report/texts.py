"""Messages as a page may show them: cut where they are long, within a budget of bytes for all of them."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import escape

SHOWN_CHARACTERS = 220
FULL_CHARACTERS = 4_000
BEGINNING_CHARACTERS, END_CHARACTERS, LEAST_LEFT_OUT = 400, 300, 100
"""Of a completion: what is shown of it, and what is worth leaving out."""
BUDGET_BYTES = 180_000
"""Of HTML, for full texts on one page, so that the file stays one that can be mailed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExampleText:
    """What a page may show of one row; never a row of the test."""

    text: str
    """The message; a page masks the personal data in what it shows of it."""
    label: str
    """The label as the data gives it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CutText:
    """A message on the page."""

    start: str
    """What is always visible."""
    rest: str
    """What opens on demand; empty for a short message."""
    n_left_out: int
    """Characters that the page does not hold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CutMiddle:
    """What a model wrote, on the page: an answer stands at the end, so that what is left out is in the middle."""

    start: str
    """Its beginning; all of a short one."""
    end: str
    """Its end; empty for a short one."""
    n_left_out: int
    """Characters between the two."""


def cut_middle(text: str) -> CutMiddle:
    """The beginning and the end of a text.

    Args:
        text: what was written.
    """
    text = text.strip()
    n_left_out = len(text) - BEGINNING_CHARACTERS - END_CHARACTERS
    if n_left_out <= LEAST_LEFT_OUT:
        return CutMiddle(start=text, end="", n_left_out=0)
    return CutMiddle(start=text[:BEGINNING_CHARACTERS], end=text[-END_CHARACTERS:], n_left_out=n_left_out)


class TextBudget:
    """Cuts the messages of one page, and stops keeping their full length when the budget is spent."""

    def __init__(self, n_bytes: int = BUDGET_BYTES) -> None:
        """
        Args:
            n_bytes: bytes of HTML that the page may spend beyond the visible starts.
        """
        self._left = n_bytes

    def cut(self, text: str) -> CutText:
        """The part to be shown, the part to be opened, and what is left out.

        Args:
            text: the message.
        """
        text = text.strip()
        if len(text) <= SHOWN_CHARACTERS:
            return CutText(start=text, rest="", n_left_out=0)
        # A cut inside a word is avoided where a space is near; scripts without spaces are cut where they are.
        end = max(text.rfind(" ", SHOWN_CHARACTERS - 30, SHOWN_CHARACTERS), SHOWN_CHARACTERS - 30)
        rest = text[end:FULL_CHARACTERS]
        n_bytes = len(escape(rest).encode())
        if n_bytes > self._left:
            rest = ""
        self._left -= n_bytes if rest else 0
        return CutText(start=text[:end], rest=rest, n_left_out=len(text) - end - len(rest))
