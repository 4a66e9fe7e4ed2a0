"""What is left of a label when case, white space and Unicode form no longer count."""

from __future__ import annotations

import re
import unicodedata

from suffice.text.normalise import is_empty

_NOT_WORD = re.compile(r"[\W_]+")


def bare_form(label: str) -> str:
    """Letters and digits alone: `top_up` and `top-up` have this form in common.

    Args:
        label: as the data gives it.
    """
    return _NOT_WORD.sub("", label_form(label))


def label_form(label: str) -> str:
    """The form that two spellings of one label share; punctuation stays, `top_up` and `top-up` are two labels.

    Characters that show nothing go the way of white space: with and without one, a label looks the same.

    Args:
        label: as the data gives it.

    Source: The Unicode Standard, section 3.13, compatibility caseless matching, to the second normalisation.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", label).casefold())
    return "".join(character for character in folded if not is_empty(character))
