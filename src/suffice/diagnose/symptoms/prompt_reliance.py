"""Reliance on the prompt: accuracy hangs on how the instruction is worded, or on there being one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.symptoms.symptom import ALPHA, MARGIN, Symptom, bounds, gain
from suffice.records.symptoms import Clear, Figure, Found, Looked, NotApplicable, Observed, Wordings
from suffice.stats.wordings import best_and_worst, cochran_q, spread_between, spread_of
from suffice.text.rounding import difference, points

SPREAD_THRESHOLD = MARGIN / 2.0
"""Standard deviation between wordings, a difference of fractions."""
SPREAD_FROM = (
    "this project's: a standard deviation between wordings of a point, half of the default margin of two, and best "
    "minus worst beyond what 95% of permutations of the wordings within rows reach"
)
DROP_FROM = (
    "docs/STATISTICS.md, section 1 (the default margin): found where the one-sided 95% lower bound of the drop "
    "without instruction is above two points"
)


def _look(observed: Observed) -> Looked:
    asked = observed.wordings
    if asked is None:
        why = "neither other wordings of the instruction nor none at all were run"
        return NotApplicable(symptom=PROMPT_RELIANCE.name, why=why)
    looked = [
        *([_drop(asked, asked.bare)] if asked.bare is not None else []),
        _spread(asked, seed=observed.seed),
    ]
    # What was shown comes first, and it is the threshold of that one which is told; wordings before the instruction.
    looked.sort(key=lambda one: (isinstance(one, Clear), one.threshold))
    first = looked[0]
    looked += _before_tuning(observed)
    return type(first)(
        symptom=first.symptom,
        figures=tuple(figure for one in looked for figure in one.figures),
        threshold=first.threshold,
        threshold_from=first.threshold_from,
        says="; ".join(one.says for one in looked),
    )


def _before_tuning(observed: Observed) -> list[Found | Clear]:
    """The same of the base model, to be told beside: whether the symptom is shown, the rung as it is now says."""
    asked = observed.untuned
    if asked is None:
        return []
    bare = [_drop(asked, asked.bare)] if asked.bare is not None else []
    return [
        replace(
            one,
            figures=tuple(replace(figure, what=f"before tuning: {figure.what}") for figure in one.figures),
            says=f"before tuning, {one.says}",
        )
        for one in (*bare, _spread(asked, seed=observed.seed))
    ]


def _drop(asked: Wordings, bare: NDArray[np.bool_]) -> Found | Clear:
    figure = gain("accuracy with the instruction less that without", asked.right[0], bare, asked.groups)
    low, high = bounds(figure)
    ends = f"{difference(low, bound='lower', against=MARGIN)} to {difference(high, bound='upper')}"
    return (Found if low > MARGIN else Clear)(
        symptom=PROMPT_RELIANCE.name,
        figures=(figure,),
        threshold=MARGIN,
        threshold_from=DROP_FROM,
        says=f"the instruction is worth {difference(figure.value)} ({ends})",
    )


def _spread(wordings: Wordings, *, seed: int) -> Found | Clear:
    between = spread_between(wordings.right, groups=wordings.groups)
    spread = spread_of(wordings.right, groups=wordings.groups, seed=seed)
    test = cochran_q(wordings.right)
    best, worst = best_and_worst(wordings.names, wordings.right)
    apart = "best wording less worst, all right equally often"
    if best != worst:
        apart = f"best wording ({best}) less worst ({worst})"
    figures = (
        Figure(
            what="standard deviation between wordings, noise taken out", value=between, unit="points", interval=None
        ),
        Figure(what=apart, value=spread.value, unit="points", interval=None),
        Figure(what="its 95% null value", value=spread.null_95, unit="points", interval=None),
        Figure(what="p value of Cochran's Q", value=test.p_value, unit="probability", interval=None),
    )
    shown = between > SPREAD_THRESHOLD and spread.p_value <= ALPHA
    return (Found if shown else Clear)(
        symptom=PROMPT_RELIANCE.name,
        figures=figures,
        threshold=SPREAD_THRESHOLD,
        threshold_from=SPREAD_FROM,
        says=f"{len(wordings.names)} wordings lie {points(spread.value)} apart at most, where chance alone stays "
        f"within {points(spread.null_95)} 19 times in 20; without that noise their standard deviation is "
        f"{points(between)}",
    )


PROMPT_RELIANCE = Symptom(
    name="prompt_reliance",
    definition="accuracy on the same rows depends on the wording of the instruction, or falls when it is taken away",
    unit="points",
    source="wordings: Sclar et al. (2024), Quantifying Language Models' Sensitivity to Spurious Features in Prompt "
    "Design, ICLR; Cochran (1950); docs/STATISTICS.md, section 8",
    look=_look,
)
