"""Completions that repeat themselves, and completions that are alike whatever was asked."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.completions.examples import short
from suffice.evaluate.completions.judged import Judged, JudgedRow
from suffice.records.completion_evaluation import RepetitionLayer
from suffice.records.evaluation import NotMeasured
from suffice.stats.repetition import distinct_n, repeated_share
from suffice.stats.resampling import mean_interval

N_REPEATED, N_DISTINCT = 4, 2
"""Tokens of the n-grams: as in the papers that `stats.repetition` names."""
LOOP = 0.5
"""Share of its 4-grams that were there before, from which on a completion goes round in circles, unless the right one
has as many, as parallel calls have. Ours."""
MAX_TOKENS = 20_000
"""Words and signs of a completion that are looked at; who repeats does so before."""
TOO_SHORT = f"no completion has {N_REPEATED} words and signs"
_TOKEN = re.compile(r"\w+|[^\w\s]")


def repetition(judged: Judged) -> RepetitionLayer | NotMeasured:
    """Repeated 4-grams, distinct 2-grams beside those of the right completions, and answers given to everything."""
    tokens = [_tokens(row.text) for row in judged.rows]
    long_enough = np.array([len(one) >= N_REPEATED for one in tokens])
    if not long_enough.any():
        return NotMeasured(why=TOO_SHORT)
    golds = [_tokens(row.gold_text) for row in judged.rows]
    repeated, gold_repeated = (np.array([_repeated(one) for one in texts]) for texts in (tokens, golds))
    answers = Counter(row.answer for row in judged.rows if row.answer is not None)
    commonest = next(iter(answers.most_common(1)), None)
    n = len(judged.rows)
    return RepetitionLayer(
        repeated=float(repeated[long_enough].mean()),
        repeated_interval=mean_interval(repeated[long_enough], groups=judged.groups[long_enough], seed=judged.seed),
        loops=judged.share((repeated >= LOOP) & (gold_repeated < LOOP), of=long_enough),
        distinct=distinct_n(tokens, n=N_DISTINCT),
        gold_distinct=distinct_n(golds, n=N_DISTINCT) if any(len(one) >= N_DISTINCT for one in golds) else None,
        same_text=judged.share(_shared(judged, lambda row: row.text)),
        same_gold=judged.share(_shared(judged, lambda row: row.gold_text)),
        commonest=None if commonest is None else short(commonest[0]),
        commonest_share=0.0 if commonest is None else commonest[1] / n,
        commonest_gold_share=max(Counter(row.gold for row in judged.rows).values()) / n,
    )


def _repeated(tokens: Sequence[str]) -> float:
    """Share of the 4-grams that were there before; of a text that has none, nothing."""
    return repeated_share([tokens], n=N_REPEATED) if len(tokens) >= N_REPEATED else 0.0


def _tokens(text: str) -> Sequence[str]:
    return [found[0] for found, _ in zip(_TOKEN.finditer(text), range(MAX_TOKENS), strict=False)]


def _shared(judged: Judged, text_of: Callable[[JudgedRow], str]) -> NDArray[np.bool_]:
    """Whether each row's text is that of a row of another group as well, shape [N]."""
    groups: dict[str, set[int]] = defaultdict(set)
    for row, group in zip(judged.rows, judged.groups.tolist(), strict=True):
        groups[text_of(row).strip()].add(group)
    return judged.where(lambda row: len(groups[text_of(row).strip()]) > 1)
