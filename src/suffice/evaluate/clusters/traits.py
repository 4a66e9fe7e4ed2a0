"""What may be said of a row before anybody knows whether it failed: its words, and its features."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

MAX_WORDS = 3
"""Words of a phrase at most."""
MAX_TRAITS = 20_000
"""Traits that are kept: those of the most rows."""
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|[%$€£]")
MAX_TOKENS = 1_000
"""Words of a text that are read."""
NUMBER = "#"
"""Stands for any number: rows that differ in numbers alone are of one kind."""
Many = Mapping[str, Sequence[Sequence[str]]]
"""Name of a feature to its values for each of N rows; a row may have none or several."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trait:
    """One thing that rows may have."""

    kind: Literal["words", "feature"]
    name: str
    """What is looked at; `words` for a phrase."""
    value: str
    """The phrase, or the feature's value."""

    @property
    def says(self) -> str:
        """In words: `says "twice as many"`, `first operation: /`."""
        return f'says "{self.value}"' if self.kind == "words" else f"{self.name}: {self.value}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """Which of N rows has which of T traits."""

    traits: tuple[Trait, ...]
    """Length T."""
    has: csc_array
    """Ones where a row has a trait, shape [N, T]."""

    def column(self, trait: int) -> NDArray[np.bool_]:
        """Whether each row has a trait, shape [N].

        Args:
            trait: its position.
        """
        member = np.zeros(self.has.shape[0], dtype=np.bool_)
        member[self.has.indices[self.has.indptr[trait] : self.has.indptr[trait + 1]]] = True
        return member


def traits_of(texts: Sequence[str], features: Many, *, at_least: int) -> Traits:
    """Phrases of up to three words and values of features that enough rows have, features first.

    Traits of the very same rows are one: a feature before a phrase, and of phrases the longest.

    Args:
        texts: of N rows.
        features: of the same rows.
        at_least: rows that must have a trait.
    """
    rows_of = defaultdict[Trait, list[int]](list)
    for name, values in features.items():
        assert len(values) == len(texts), "every feature has values for every row"
        for row, of_row in enumerate(values):
            for value in dict.fromkeys(of_row):
                rows_of[Trait(kind="feature", name=name, value=value)].append(row)
    for row, text in enumerate(texts):
        for phrase in phrases(text):
            rows_of[Trait(kind="words", name="words", value=phrase)].append(row)
    enough = [trait for trait, rows in rows_of.items() if at_least <= len(rows) < len(texts)]
    enough.sort(key=lambda trait: (trait.kind != "feature", -len(trait.value), trait.name, trait.value))
    unique = {tuple(rows_of[trait]): trait for trait in reversed(enough)}
    kept = sorted(unique, key=lambda rows: -len(rows))[:MAX_TRAITS]
    lengths = np.array([0, *(len(rows) for rows in kept)], dtype=np.int64).cumsum()
    indices = np.array([row for rows in kept for row in rows], dtype=np.int64)
    has = csc_array((np.ones(len(indices)), indices, lengths), shape=(len(texts), len(kept)))
    return Traits(traits=tuple(unique[rows] for rows in kept), has=has)


def phrases(text: str) -> set[str]:
    """Every run of one to three of the first thousand words of a text, in lower case, numbers as `#`.

    Args:
        text: of a row.
    """
    tokens = [NUMBER if one[0].isdigit() else one for one in _TOKEN.findall(text.casefold())[:MAX_TOKENS]]
    return {
        " ".join(tokens[start : start + n]) for n in range(1, MAX_WORDS + 1) for start in range(len(tokens) - n + 1)
    }
