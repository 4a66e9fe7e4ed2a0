"""What counts as a word: what windows and budgets are measured in, and what two texts can share."""

from __future__ import annotations

import re

from suffice.text.normalise import canonical

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Letters of languages that put no blanks between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese.
Source: Unicode Standard, Blocks.txt."""
WORD = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]{{1,40}}")
"""One such letter, or what stands between blanks; what nobody could pronounce (keys, encoded files) counts as many."""


def n_words(text: str) -> int:
    """How many words a text has.

    Args:
        text: any text.
    """
    return sum(1 for _ in WORD.finditer(text))


def terms(text: str) -> list[str]:
    """Words without case and punctuation: what BM25 compares. Common words are kept, they weigh next to nothing.

    Args:
        text: any text.
    """
    return WORD.findall(canonical(text))
