"""What the wrong form alone costs: right values in it, less those that chance would give."""

from __future__ import annotations

import numpy as np

from suffice.evaluate.answers.judged import JudgedAnswers
from suffice.kinds.equality import quickly_same_expression, same_value
from suffice.records.answer_evaluation import FormLoss
from suffice.records.evaluation import NotMeasured

N_PERMUTATIONS = 100
"""Shuffles of the right answers."""
ALL_IN_FORM = "every answer that was found is in the form that was asked for"
ONE_ROW = "a right answer can be held against other rows only where there are others"


def form(judged: JudgedAnswers) -> FormLoss | NotMeasured:
    """The share of right values in the wrong form, and how much of it chance gives.

    Whoever looks for an answer in free text finds some number, and some numbers are right by chance. The answers that
    were found in a wrong form are therefore held against right answers of other rows, shuffled a hundred times. A row
    that a shuffle gives its own right answer back says nothing about chance, and is left out of that shuffle.
    """
    n = len(judged.questions)
    loose = [
        (row, parsed.answer)
        for row, parsed in enumerate(judged.parsed)
        if parsed.strict is None and parsed.answer is not None
    ]
    if not loose:
        return NotMeasured(why=ALL_IN_FORM)
    if n < 2:
        return NotMeasured(why=ONE_ROW)
    share = sum(judged.verdicts[row].verified for row, _ in loose) / n
    chance = _chance(judged, loose)
    false_credit = chance * len(loose) / n
    return FormLoss(
        n_not_strict=len(loose),
        share=share,
        chance=chance,
        false_credit=false_credit,
        lost_to_form=max(0.0, share - false_credit),
        n_permutations=N_PERMUTATIONS,
    )


def _chance(judged: JudgedAnswers, loose: list[tuple[int, str]]) -> float:
    """How often an answer is the right one of another row: the mean over all shuffles of all rows."""
    rng, n, n_held, n_same = np.random.default_rng(judged.seed), len(judged.questions), 0, 0
    known: dict[tuple[str, str], bool] = {}
    for _ in range(N_PERMUTATIONS):
        other = rng.permutation(n)
        for row, answer in loose:
            if other[row] == row:
                continue
            pair = (judged.questions[other[row]].gold.answer, answer)
            if pair not in known:
                known[pair] = _same(judged, *pair)
            n_held, n_same = n_held + 1, n_same + known[pair]
    assert n_held, "with two rows or more some shuffle of a hundred moves a row"
    return n_same / n_held


def _same(judged: JudgedAnswers, gold: str, answer: str) -> bool:
    """As the verified grader, but for expressions that only symbolic mathematics tells equal: those are too many."""
    if judged.spec.type == "expression":
        return bool(quickly_same_expression(gold, answer))
    return bool(same_value(gold, answer, judged.spec))
