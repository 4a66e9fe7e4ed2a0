"""Messages that show something and say nothing: placeholders, general words, and templates with nothing filled in.

Messages that show nothing at all are for `empty_text`, which stops.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d
from scipy.stats import entropy

from suffice.audit.check import OUTSIDE, Audited, Check, Found
from suffice.text.counted import counted
from suffice.text.normalise import canonical, is_empty

PLACEHOLDERS = frozenset(
    {"n a", "na", "null", "nan", "test", "test test", "testing", "asdf", "tbd", "todo", "lorem ipsum"}
    | {"no subject", "no text", "see attached", "see attachment", "deleted", "removed", "message deleted"}
)
"""Canonical texts that stand where a message is missing."""
MAX_GENERAL = 2
"""Words of a message that may be too general."""
MIN_ROWS_OF_WORD, MIN_ENTROPY = 20, 0.9
"""A word of so many rows is general if its rows keep this part of the entropy that all labels have."""
MIN_BLOCK = 8
"""Words at the beginning or end of messages, or in shared lines, that make a template; the beginning of a question that
many ask ("what do I need to do to ...") is shorter."""
MIN_SHARING, SHARE = 20, 0.01
"""Different messages that a template stands in: so many, and this share of them."""
MAX_LEFT = 2
"""Words beside the template that say nothing."""


def _needs(audited: Audited) -> str | None:
    """Few messages can be seen to say nothing, yet a template is what many share: of few nothing is ever clear."""
    n = len(np.unique(audited.copies.exact))
    if n >= MIN_SHARING or any(True for _ in _look(audited)):
        return None
    return f"{counted(n, 'different message')}, and a template is what {MIN_SHARING} share; none says nothing by itself"


def _look(audited: Audited) -> Iterator[Found]:
    _, first, of_row = np.unique(audited.copies.exact, return_index=True, return_inverse=True)
    texts = [audited.texts[row] for row in first]
    lines = [[canonical(line).split() for line in text.splitlines() if line.strip()] for text in texts]
    words = [[word for line in of_text for word in line] for of_text in lines]
    short = {word for of_text in words if len(of_text) <= MAX_GENERAL for word in of_text}
    general = _general_words(audited, [words[k] for k in of_row], short)
    says_nothing = _says_nothing(texts, words, general)[of_row]
    if says_nothing.any():
        yield _found(
            audited,
            says_nothing,
            f"of punctuation, a placeholder, or {MAX_GENERAL} words at most that stand under all labels alike",
            "take these rows out, or give them a label of their own if such messages come",
        )
    unfilled = _is_template(lines)[of_row] & ~says_nothing
    if unfilled.any():
        yield _found(
            audited,
            unfilled,
            f"of a beginning, end or lines shared by {_n_sharing(len(texts)):,} messages or more, and at most "
            f"{MAX_LEFT} words beside them",
            "take the template out of all messages, and rows with nothing beside it out of the data",
        )


def _found(audited: Audited, which: NDArray[np.bool_], what: str, fix: str) -> Found:
    in_test = audited.in_test
    n, n_test = int(which.sum()), int((which & in_test).sum())
    return Found(
        rows=np.flatnonzero(which & ~in_test),
        got=f"{counted(n, 'message')} of {len(which):,} ({n_test:,} in test) {what}",
        fix=fix,
        score=n / len(which),
    )


def _says_nothing(texts: Sequence[str], words: Sequence[list[str]], general: set[str]) -> NDArray[np.bool_]:
    return np.array(
        [
            not is_empty(text)
            and (
                all(unicodedata.category(c)[0] in "PZC" for c in text)
                or " ".join(of_text) in PLACEHOLDERS
                or (len(of_text) <= MAX_GENERAL and general.issuperset(of_text))
            )
            for text, of_text in zip(texts, words, strict=True)
        ]
    )


def _general_words(audited: Audited, words: Sequence[list[str]], candidates: set[str]) -> set[str]:
    """Words that stand under all labels alike, counted outside test; few rows cannot show it of many labels."""
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    rows = audited.splits.rows("train", "validation", "calibration")
    rows = rows[audited.y[rows] != OUTSIDE]
    for row, label in zip(rows.tolist(), audited.y[rows].tolist(), strict=True):
        for word in candidates.intersection(words[row]):
            counts[word][label] += 1
    whole = entropy(np.bincount(audited.y[rows], minlength=1)) if len(rows) else 0.0
    return {
        word
        for word, of_word in counts.items()
        if of_word.total() >= MIN_ROWS_OF_WORD and entropy(list(of_word.values())) >= MIN_ENTROPY * whole
    }


def _is_template(lines: Sequence[list[list[str]]]) -> NDArray[np.bool_]:
    """Whether little is left of each different message without what it shares with many; shape [D]."""
    sharing = _n_sharing(len(lines))
    n_with = Counter(line for of_text in lines if len(of_text) > 1 for line in {" ".join(line) for line in of_text})
    rest = [[word for line in of_text if n_with[" ".join(line)] < sharing for word in line] for of_text in lines]
    n_rest = np.array([len(words) for words in rest])
    n_words = np.array([sum(map(len, of_text)) for of_text in lines])
    starts = _shared_start(rest, sharing=sharing)
    ends = _shared_start([words[::-1] for words in rest], sharing=sharing)
    shared = np.where(starts >= MIN_BLOCK, starts, 0) + np.where(ends >= MIN_BLOCK, ends, 0)
    left = np.maximum(n_rest - shared, 0)
    return np.asarray((left <= MAX_LEFT) & (n_words - left >= MIN_BLOCK), dtype=np.bool_)


def _shared_start(texts: Sequence[list[str]], *, sharing: int) -> NDArray[np.int64]:
    """The most words with which `sharing` texts or more begin, of each text; shape [D].

    In alphabetical order, the texts that begin alike stand together: what the first and last of a window of `sharing`
    have in common, all of it have.
    """
    order = sorted(range(len(texts)), key=texts.__getitem__)
    common = np.zeros(len(texts), dtype=np.int64)
    for k in range(len(texts) - sharing + 1):
        first, last = texts[order[k]], texts[order[k + sharing - 1]]
        pairs = zip(first, last, strict=False)
        common[k] = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(first), len(last)))
    # Each text has the best of the windows that it stands in, which begin up to `sharing` - 1 before it.
    most = maximum_filter1d(common, sharing, origin=(sharing - 1) // 2, mode="constant")
    starts = np.empty_like(common)
    starts[order] = most
    return starts


def _n_sharing(n_texts: int) -> int:
    return max(MIN_SHARING, ceil(SHARE * n_texts))


EMPTY_OR_BOILERPLATE = Check(
    code="empty_or_boilerplate",
    severity="warn",
    rule="every message should say something of its own",
    look=_look,
    needs=_needs,
)
