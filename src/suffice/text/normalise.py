"""The canonical form under which two messages count as copies."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[^\w]+|_+")


def canonical(text: str) -> str:
    """Reduces a message to what makes it itself: case, white space, Unicode form and punctuation removed.

    A message of nothing but punctuation or symbols keeps them, so that "?" and "!" stay apart.

    Args:
        text: any text.

    Returns:
        Words separated by single blanks; empty only for a text that shows nothing.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = _NOT_WORD.sub(" ", folded).strip()
    return words or " ".join(folded.split())


def is_empty(text: str) -> bool:
    """Whether a message has nothing to classify: white space and characters that show nothing.

    Args:
        text: any text.
    """
    return not any(_shows(character) for character in text)


def _shows(character: str) -> bool:
    return not character.isspace() and unicodedata.category(character) not in {"Cc", "Cf"}
