"""What is left of a label when case, white space and Unicode form no longer count."""

from __future__ import annotations

import re
import unicodedata

from suffice.text.normalise import is_empty

_JOINT = re.compile(r"(?<=[^\W\d_])[-_\u2010]+(?=[^\W_])|(?<=\d)[-_\u2010]+(?=[^\W\d_])")
"""What joins two words, or a word and a number; `1-2` is another label than `12`, and `A-` than `A`."""


def joined_form(label: str) -> str:
    """The form that `top_up`, `top-up` and `Top up` share: `label_form` without hyphens and underscores between words.

    Args:
        label: as the data gives it.
    """
    return _shown(_JOINT.sub("", _folded(label)))


def label_form(label: str) -> str:
    """The form that two spellings of one label share; punctuation stays, `top_up` and `top-up` are two labels.

    Characters that show nothing go the way of white space: with and without one, a label looks the same.

    Args:
        label: as the data gives it.

    Source: The Unicode Standard, section 3.13, compatibility caseless matching, to the second normalisation.
    """
    return _shown(_folded(label))


def _folded(label: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", label).casefold())


def _shown(folded: str) -> str:
    return "".join(character for character in folded if not is_empty(character))
