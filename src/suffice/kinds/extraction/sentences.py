"""Where the first sentence of a short answer ends."""

from __future__ import annotations

import re

_STOP = re.compile(r"\.(?=[\"”'’)*_]{0,3}[ \t\u00a0]{1,9}[\"“'‘(*_]{0,3}([^\W\d_]))")
"""A point with a blank and a letter behind it."""
_WORD = re.compile(r"[^\s(\"“'‘*_]*$")
_LONGEST = 20
"""Characters before a point that are looked at: no abbreviation is longer."""
_ABBREVIATED = re.compile(
    r"(?i)mr|mrs|ms|dr|prof|st|jr|sr|rev|hon|gen|col|sgt|lt|capt|cpt|maj|gov|sen|rep|pres|mt|ft|vs|vol|fig|nos|op|ed"
    r"|inc|ltd|co|corp|bros|dept|univ|est|ave|blvd|rd|ca|cf|etc|approx"
    r"|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec"
)
"""Words that a point shortens and that a name often follows. `no` is none: it is an answer."""


def first_sentence(line: str) -> str:
    """A line up to the point that ends its first sentence, all of it where none is sure to.

    A point ends a sentence where a blank and a capital letter follow and what stands before it is no initial (`J.`,
    `U.S.`), no abbreviation (`Dr.`, `St.`) and no number of a list (`1. Paris`). That leaves a sentence too long now
    and then, after `Washington, D.C.`, and cuts no name in two.

    Args:
        line: without line breaks, however long.
    """
    for found in _STOP.finditer(line):
        if found[1].isupper() and not _goes_on(line, found.start()):
            return line[: found.start()]
    return line


def _goes_on(line: str, point: int) -> bool:
    """Whether what stands before a point makes it part of a name or of a list."""
    near = line[max(0, point - _LONGEST) : point]
    word = near[match.start() :] if (match := _WORD.search(near)) else ""
    last = word.rpartition(".")[2]
    numbered = point <= 2 and word.isdigit()
    return numbered or (len(last) == 1 and last.isalpha()) or not last or _ABBREVIATED.fullmatch(last) is not None
