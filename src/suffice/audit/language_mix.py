"""Messages in another language or script than most: a base model may not read it, and few rows teach it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from suffice.audit.check import OF_TEXTS, OUTSIDE, Audited, Check, Found
from suffice.errors import quoted
from suffice.records.splits import SPLIT_NAMES

MIN_WORDS, MIN_LETTERS = 5, 5
"""Words of a message in Latin letters, and letters of one in other scripts, below which it is too short to tell."""
MIN_PROBABILITY = 0.9
"""Of a language. At 0.8, 6 of 30,000 English requests of five words or more are taken for another language, mostly for
Nigerian Pidgin; at 0.9 none of 26,000 is."""
MIN_ROWS, MIN_SHARE = 5, 0.005
"""Of a language that is told, among the messages long enough."""
_WORD = re.compile(r"[^\W\d_]+")


def _needs(audited: Audited) -> str | None:
    too_few = sum(_long_enough(text) for text in audited.texts) < 2 * MIN_ROWS
    return f"fewer than {2 * MIN_ROWS} texts are long enough to tell their language" if too_few else None


def _look(audited: Audited) -> Iterator[Found]:
    spoken = np.array([_language(text) for text in audited.texts])
    told = np.flatnonzero(spoken != "")
    (main, _), *others = Counter(spoken[told].tolist()).most_common() or [("", 0)]
    for name, n in others:
        if n >= max(MIN_ROWS, MIN_SHARE * len(told)):
            rows = np.flatnonzero(spoken == name)
            yield Found(
                rows=rows[~audited.in_test[rows]],
                got=f"{n:,} of {len(told):,} texts that are long enough to tell are {name}, most are {main}: "
                f"{_by_split(audited, rows)}{_by_label(audited, rows)}",
                fix="choose base models that read it and label rows of it in every split, or take it out",
                score=n / len(told),
            )


@cache
def _identifier() -> LanguageIdentifier:
    """The models of languages, which take half a second to read."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _language(text: str) -> str:
    """Language of a message in Latin letters, by its ISO 639 code, or script of another; empty where it is not sure."""
    if not _long_enough(text):
        return ""
    script = _script(text)
    if script != "LATIN":
        return f"in {script.title()} script"
    code, probability = _identifier().classify(text)
    return f"in language {code!r}" if probability >= MIN_PROBABILITY else ""


def _long_enough(text: str) -> bool:
    words = _WORD.findall(text)
    return len(words) >= MIN_WORDS or (
        not text.isascii() and _script(text) != "LATIN" and sum(map(len, words)) >= MIN_LETTERS
    )


def _script(text: str) -> str:
    """The script of most letters."""
    if text.isascii():
        return "LATIN"
    [(script, _)] = Counter(map(_script_of, filter(str.isalpha, text))).most_common(1) or [("LATIN", 0)]
    return script


@cache
def _script_of(letter: str) -> str:
    """The first word of a letter's name; the three scripts of Japanese are one, with that of Chinese."""
    name = unicodedata.name(letter, "LATIN").split()[0].partition("-")[0]
    return {"HIRAGANA": "CJK", "KATAKANA": "CJK", "FULLWIDTH": "LATIN", "HALFWIDTH": "CJK"}.get(name, name)


def _by_split(audited: Audited, rows: NDArray[np.int64]) -> str:
    counts = np.bincount(audited.splits.codes[rows], minlength=len(SPLIT_NAMES))
    return ", ".join(f"{n:,} in {name}" for n, name in zip(counts.tolist(), SPLIT_NAMES, strict=True) if n)


def _by_label(audited: Audited, rows: NDArray[np.int64]) -> str:
    """The label that half of them have, where less than a quarter of all rows have it."""
    y = audited.y[rows][audited.y[rows] != OUTSIDE]
    counts = np.bincount(y, minlength=1)
    label = int(counts.argmax())
    if 2 * counts[label] < len(rows) or 4 * len(audited.rows_of_label[label]) > len(audited.y):
        return ""
    return f"; {counts[label]:,} of them under {quoted(audited.labels.names[label])}"


LANGUAGE_MIX = Check(
    code="language_mix",
    severity="warn",
    rule="texts should be in one language, or each language be meant and have its rows",
    look=_look,
    needs=_needs,
    kinds=OF_TEXTS,
)
