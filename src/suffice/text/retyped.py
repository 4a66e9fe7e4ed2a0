"""A text as another hand might have typed it: without capitals, with slips of the keyboard, behind a greeting.

What a text says must stay: numbers, what is quoted, code, addresses and words that are named to be kept are left alone,
and so is a word that is more than letters with punctuation behind them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256

import numpy as np

WORDS_PER_SLIP = 10
"""One slip of the keyboard for so many words, and one at least: what fast typing leaves. Set by hand."""
SHORTEST_SLIPPED = 5
"""Letters of the shortest word in which one is made: of a shorter one a slip too often makes another word."""
GREETINGS = ("Hello,", "Hi there,", "Good morning,", "Hey,")
"""Lines that ask for nothing."""

_KEPT = re.compile(
    r"```.*?```|`[^`\n]*`"  # code
    r"|\$\$.*?\$\$|\$(?!\d)[^$\n]+\$|\\\(.{0,400}?\\\)|\\\[.{0,400}?\\\]"  # formulas; behind a price stands a figure
    r"|\"[^\"\n]*\"|“[^“”\n]*”|«[^«»\n]*»|„[^„“\n]*“|(?<!\w)'[^'\n]*'(?!\w)|(?<!\w)‘[^‘’\n]*’(?!\w)"  # quoted
    r"|<[^<>\n]*>|\{[^{}\n]*\}",  # tags and placeholders
    re.DOTALL,
)
_WORD = re.compile(r"(?<!\S)[(\[]?([^\W\d_]+)(?:['’][^\W\d_]+)?[.,;:!?)\]]*(?!\S)")
"""A word with nothing but punctuation around it: addresses, units behind a digit and names with dots are none."""
_LETTERS = re.compile(r"[^\W\d_]+")
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """All words of some texts, case folded: what `keeps` may be made of.

    Args:
        texts: any.
    """
    return frozenset(word.casefold() for one in texts for word in _LETTERS.findall(one))


def lowered(text: str, *, keeps: Callable[[str], bool]) -> str:
    """Without the capital of every word that goes on in small letters: acronyms, units and single letters keep theirs.

    Args:
        text: any.
        keeps: whether a word must stay as it is.
    """
    capitals = (one for one in _free_words(text, keeps) if one[1][0].isupper() and one[1][1:].islower())
    return _with(text, {one: one[1].lower() for one in capitals})


def mistyped(text: str, *, keeps: Callable[[str], bool], seed: int) -> str:
    """With a slip of the keyboard in one word of `WORDS_PER_SLIP`: two letters swapped, one left out, doubled, or the
    key beside it.

    Words of plain small letters alone, their first and last letter apart: these carry most of what a reader goes by. No
    slip makes a word that must stay: "there" never becomes "three" where numbers are kept.

    Args:
        text: any.
        keeps: whether a word must stay as it is.
        seed: with the text, decides which words slip and how.
    """
    slips = [one for one in _free_words(text, keeps) if re.fullmatch(f"[a-z]{{{SHORTEST_SLIPPED},}}", one[1])]
    n = min(len(slips), max(1, round(len(text.split()) / WORDS_PER_SLIP)))
    generator = _generator(text, seed)
    chosen = sorted(generator.choice(len(slips), size=n, replace=False).tolist()) if n else []
    return _with(text, {slips[k]: _slip(slips[k][1], generator, keeps=keeps) for k in chosen})


def greeted(text: str, *, seed: int) -> str:
    """Behind one of `GREETINGS`, in a line of its own.

    Args:
        text: any.
        seed: with the text, decides which.
    """
    return f"{GREETINGS[int(_generator(text, seed).integers(len(GREETINGS)))]}\n{text}"


def _free_words(text: str, keeps: Callable[[str], bool]) -> list[tuple[int, str]]:
    """Words that may change, and where they begin."""
    blanked = _KEPT.sub(lambda match: "\0" * len(match.group()), text)
    found = [(match.start(1), match.group(1)) for match in _WORD.finditer(blanked)]
    return [one for one in found if not keeps(one[1])]


def _slip(word: str, generator: np.random.Generator, *, keeps: Callable[[str], bool]) -> str:
    """One slip between the first and the last letter."""
    at = int(generator.integers(1, len(word) - 1))
    here, behind = word[:at], word[at + 1 :]
    ways = [here + behind, here + word[at] * 2 + behind, here + _beside(word[at], generator) + behind]
    if at + 2 < len(word) and word[at] != word[at + 1]:
        ways.append(here + word[at + 1] + word[at] + word[at + 2 :])
    ways = [way for way in ways if not keeps(way)] or [word]
    return ways[int(generator.integers(len(ways)))]


def _beside(letter: str, generator: np.random.Generator) -> str:
    """The key to the left or to the right of a small letter's."""
    row = next(keys for keys in _KEYS if letter in keys)
    at = row.index(letter)
    near = [row[k] for k in (at - 1, at + 1) if 0 <= k < len(row)]
    return near[int(generator.integers(len(near)))]


def _with(text: str, changed: Mapping[tuple[int, str], str]) -> str:
    """The text with other words in the place of some, the last first: those before keep their places."""
    for (at, word), now in sorted(changed.items(), reverse=True):
        text = text[:at] + now + text[at + len(word) :]
    return text


def _generator(text: str, seed: int) -> np.random.Generator:
    return np.random.default_rng(int.from_bytes(sha256(f"{seed}\n{text}".encode()).digest()[:8], "big"))
