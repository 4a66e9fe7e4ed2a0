"""Patterns of a schema that a stranger wrote, read by RE2: none takes it more than its states times the text.

Source: JSON Schema 2020-12, Validation, section 6.3.3: a pattern is ECMA-262's, and may fit anywhere in the text. RE2
has no look-around and no references back, which are what makes other engines run for ever.
"""

from __future__ import annotations

import re
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

MAX_CHARACTERS = 1_000
"""Of a pattern; one of an e-mail address that follows the standard to the letter has 400."""
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?P<least>\d{1,9})(?:,(?P<most>\d{0,9}))?\}|.", re.DOTALL)
_CODE = re.compile(r"\\u(?P<code>[0-9A-Fa-f]{4})|\\.", re.DOTALL)


def fits(pattern: str, text: str) -> bool:
    """Whether a pattern fits somewhere in a text; one that cannot be read fits nothing.

    Args:
        pattern: as ECMA-262 writes it.
        text: any.
    """
    try:
        found: bool = pc.match_substring_regex(pa.scalar(text), _in_re2(pattern)).as_py()
    except (pa.ArrowInvalid, UnicodeEncodeError):  # The latter of half a surrogate pair.
        return False
    return found


def why_unreadable(pattern: str) -> str | None:
    """Why a pattern cannot be held against any text; None where it can.

    Args:
        pattern: as ECMA-262 writes it.
    """
    if len(pattern) > MAX_CHARACTERS:
        return f"{len(pattern):,} characters"
    try:
        pc.match_substring_regex(pa.scalar(""), _in_re2(pattern))
    except (pa.ArrowInvalid, UnicodeEncodeError) as error:
        return str(error).removeprefix("Invalid regular expression: ")
    return None


@lru_cache(maxsize=1_000)
def n_states(pattern: str) -> int:
    """About how many states a pattern has once its counted repetitions are written out; at least 1.

    Args:
        pattern: of at most `MAX_CHARACTERS`.
    """
    groups, last = [1], 0
    for token in _TOKEN.finditer(pattern):
        if token["least"]:
            times = max(int(token["least"]), int(token["most"] or 0), 1)
            groups[-1] += last * (times - 1)
            last *= times
        elif token[0] == "(":
            groups.append(0)
        else:
            last = groups.pop() if token[0] == ")" and len(groups) > 1 else 1
            groups[-1] += last
    return sum(groups)


def _in_re2(pattern: str) -> str:
    """RE2 writes a sign by its number in braces."""
    return _CODE.sub(lambda found: rf"\x{{{found['code']}}}" if found["code"] else found[0], pattern)
