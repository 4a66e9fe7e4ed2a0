"""A mark that gives the label away: a ticket prefix, a signature. A model learns the mark instead of the message.

What tells a mark from an honest keyword is that it looks made or stands apart: a tag in brackets, a code of capitals
and digits, a line or a sentence that is the same in many messages. "Apple Pay" in the middle of a question is none.

A plain word is one where nearly every message of a label begins or ends with it, and hardly another message.

What it does not see: a plain word on some of a label's messages ("urgent my card is gone"), or in their middle; and
what of a label is told by the rest of the message as well: a mark is found whether or not a model needs it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from suffice.audit.check import OUTSIDE, Audited, Check, Found
from suffice.errors import quoted
from suffice.text.counted import counted
from suffice.text.personal import mask_personal

MIN_PURITY = 0.95
"""Share of a label's rows in all rows with the mark."""
MIN_ROWS, MIN_COVERAGE = 5, 0.1
"""Rows of a label that have the mark, and their share of the label's rows. Below a tenth of a label, people write the
same sentence by themselves ("My card is about to expire." is 6% of its label in a set of bank customers' questions),
and figures are flattered by less."""
MIN_ROWS_PLAIN, MIN_COVERAGE_PLAIN = 10, 0.8
"""The same of a plain word. Of the 227 labels of Banking77 and CLINC150, the one with the commonest last word has it on
62% of its messages ("reset to factory settings"), and the one with the commonest first word on 34%."""
MIN_FIXED = 0.9
"""A code without brackets is a mark where it stands first or last nearly always, in any case: "ATM" stands anywhere,
and "atm" beside it."""
MAX_CHANCE = 0.01
"""Chance that any of the marks were as pure if labels were drawn at random (Bonferroni)."""
_ENDS = (("at the beginning of", 0), ("at the end of", -1))
_MAX_WORDS = 12
"""Of a line or sentence that stands apart; longer ones are messages."""
_TAG = re.compile(r"[\[<{(#][^\s]*[\w][^\s]*[\]>})]|#\w[\w-]*|\S*\w[#@|\\]\S*|\S*://\S*")
_CODE = re.compile(r"(?=.*[A-Z])[A-Z\d][A-Z\d_/:#-]+|[A-Za-z]+[-_/:#]+\d\S*|[A-Za-z]+\d{3}\S*")
_APART = re.compile(r"\s*\n\s*|\s+(?:-{1,3}|[|•–—~_]+)\s*|(?<=[.!?:;\])>}])\s+|\s+(?=[\[(<{])")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Mark:
    where: str
    """`in`, `at the beginning of`, `at the end of`."""
    what: str
    """As it is written, digits as 0; a plain word in small letters."""
    plain: bool = False
    """Whether it is a word like any other."""


def _needs(audited: Audited) -> str | None:
    n_labels = (audited.label_counts("train") > 0).sum()
    return None if n_labels > 1 else "train has fewer than two labels"


def _left_out(audited: Audited) -> str | None:
    groups = audited.group_counts("train")
    n_small = int(((groups > 0) & (groups < MIN_ROWS)).sum())
    few = f"fewer than {MIN_ROWS} training rows that are no copies, too few to tell a mark by"
    return f"{counted(n_small, 'label')} on {few}" if n_small else None


def _look(audited: Audited) -> Iterator[Found]:
    """Rows of one group, copies or one customer's, count once."""
    rows = audited.splits.rows("train")
    rows = rows[audited.y[rows] != OUTSIDE]
    firsts = rows[np.unique(audited.splits.groups[rows], return_index=True)[1]]
    codes = _fixed_codes([audited.texts[row] for row in firsts])
    counts: dict[_Mark, Counter[int]] = defaultdict(Counter)
    for row in firsts:
        for mark in _marks(audited.texts[row], codes):
            counts[mark][int(audited.y[row])] += 1
    n_of_label = np.bincount(audited.y[firsts], minlength=len(audited.labels))
    best: dict[int, tuple[float, _Mark]] = {}
    for mark, of_mark in counts.items():
        [(label, n)] = of_mark.most_common(1)
        score = _score(mark, n, of_mark.total(), int(n_of_label[label]), n_all=len(firsts), n_marks=len(counts))
        best[label] = max(best.get(label, (0.0, mark)), (score, mark), key=_telling)
    for label, (score, mark) in sorted(best.items()):
        if score:
            yield _found(audited, label, mark, rows=rows, codes=codes, score=score)


def _telling(one: tuple[float, _Mark]) -> tuple[float, bool, str, str]:
    score, mark = one
    return score, not mark.plain, mark.where, mark.what


def _score(mark: _Mark, n: int, n_with: int, n_of_label: int, *, n_all: int, n_marks: int) -> float:
    """Purity times coverage; 0.0 for what is no shortcut."""
    purity, coverage = n / n_with, n / n_of_label
    least, share = (MIN_ROWS_PLAIN, MIN_COVERAGE_PLAIN) if mark.plain else (MIN_ROWS, MIN_COVERAGE)
    if n < least or coverage < share or purity < MIN_PURITY:
        return 0.0
    return purity * coverage if n_marks * binom.sf(n - 1, n_with, n_of_label / n_all) < MAX_CHANCE else 0.0


def _marks(text: str, codes: frozenset[_Mark]) -> set[_Mark]:
    """Everything in a message that looks like a mark."""
    tokens = text.split()
    tags = {_Mark(where="in", what=_DIGITS.sub("0", t)) for t in map(_bare, tokens) if _TAG.fullmatch(t)}
    ends = {_Mark(where=where, what=_DIGITS.sub("0", _bare(tokens[k]))) for where, k in _ENDS if tokens} & codes
    parts = [part for part in _APART.split(text.strip()) if part]
    apart = {
        _Mark(where=where, what=_DIGITS.sub("0", parts[k].strip()))
        for where, k in _ENDS
        if len(parts) > 1 and len(parts[k].split()) <= _MAX_WORDS
    }
    bare = {where: _DIGITS.sub("0", _bare(tokens[k])).lower() for where, k in _ENDS if tokens}
    plain = {_Mark(where=where, what=word, plain=True) for where, word in bare.items() if any(map(str.isalpha, word))}
    return tags | ends | apart | plain


def _bare(token: str) -> str:
    return token.rstrip(".,;:!?\"'").lstrip("\"'")


def _fixed_codes(texts: list[str]) -> frozenset[_Mark]:
    """Codes that stand first, or last, nearly always, among all places where they stand in any case."""
    anywhere, at_end = Counter[str](), Counter[_Mark]()
    for text in texts:
        tokens = [_DIGITS.sub("0", _bare(token)) for token in text.split()]
        anywhere.update({token.lower() for token in tokens})
        if not text.isupper():
            at_end.update(
                {_Mark(where=where, what=tokens[k]) for where, k in _ENDS if tokens and _CODE.fullmatch(tokens[k])}
            )
    return frozenset(mark for mark, n in at_end.items() if n >= MIN_FIXED * anywhere[mark.what.lower()])


def _found(
    audited: Audited, label: int, mark: _Mark, *, rows: NDArray[np.int64], codes: frozenset[_Mark], score: float
) -> Found:
    """The mark is shown, since training rows have it; personal data in it is masked."""
    of_label = rows[audited.y[rows] == label]
    with_mark = np.array([mark in _marks(audited.texts[row], codes) for row in of_label])
    name, digits = quoted(audited.labels.names[label]), ", digits written as 0," if "0" in mark.what else ""
    return Found(
        rows=of_label[with_mark],
        got=f"{quoted(mask_personal(mark.what))}{digits} stands {mark.where} {with_mark.sum():,} of "
        f"{counted(len(of_label), 'training row')} of {name} and hardly {mark.where} others",
        fix="take it out of all messages, unless every message to come has it before anyone has sorted it",
        score=score,
    )


SHORTCUT = Check(
    code="shortcut",
    severity="warn",
    rule="the message, not a mark on it, should tell the label",
    look=_look,
    needs=_needs,
    left_out=_left_out,
)
