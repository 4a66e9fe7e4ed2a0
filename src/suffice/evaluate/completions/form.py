"""What the wrong form alone costs: right values in it, less those that chance would give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from suffice.evaluate.completions.judged import Judged
from suffice.records.completion_evaluation import FormLoss
from suffice.records.evaluation import NotMeasured

N_PERMUTATIONS = 100
"""Shuffles of the right answers."""
ALL_IN_FORM = "every answer that was found is in the form that was asked for"
ONE_ROW = "a right answer can be held against other rows only where there are others"


def form(judged: Judged) -> FormLoss | NotMeasured:
    """The share of right values in the wrong form, and how much of it chance gives.

    Whoever looks for an answer in free text finds some number, and some numbers are right by chance; whoever takes
    words for "no call" is right wherever none is. The answers that were found in a wrong form are therefore held
    against right answers of other rows, shuffled a hundred times. A row that a shuffle gives its own right answer back
    says nothing about chance, and is left out of that shuffle.
    """
    n = len(judged.rows)
    loose = [at for at, row in enumerate(judged.rows) if row.answer is not None and not row.in_form]
    if not loose:
        return NotMeasured(why=ALL_IN_FORM)
    if n < 2:
        return NotMeasured(why=ONE_ROW)
    right = judged.share(judged.where(lambda row: row.verified and row.answer is not None and not row.in_form))
    around = right.interval
    chance = _chance(judged, loose)
    false_credit = chance * len(loose) / n
    return FormLoss(
        n_not_strict=len(loose),
        share=right.share,
        chance=chance,
        false_credit=false_credit,
        lost_to_form=max(0.0, right.share - false_credit),
        interval=replace(around, low=max(0.0, around.low - false_credit), high=max(0.0, around.high - false_credit)),
        n_permutations=N_PERMUTATIONS,
        ids=right.ids,
        n_right=sum(judged.rows[at].class_ == "right" for at in loose),
    )


def _chance(judged: Judged, loose: Sequence[int]) -> float:
    """How often an answer is the right one of another row: the mean over all shuffles of all rows."""
    rng, n, n_held, n_same = np.random.default_rng(judged.seed), len(judged.rows), 0, 0
    known: dict[tuple[str, str], bool] = {}
    for _ in range(N_PERMUTATIONS):
        other = rng.permutation(n).tolist()
        for row in loose:
            if other[row] == row:
                continue
            pair = (judged.rows[other[row]].gold, judged.rows[row].answer or "")
            if pair not in known:
                known[pair] = judged.fits(row, other[row])
            n_held, n_same = n_held + 1, n_same + known[pair]
    assert n_held, "with two rows or more some shuffle of a hundred moves a row"
    return n_same / n_held
