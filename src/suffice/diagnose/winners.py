"""How likely each code is the right one: in how many draws the cheapest plan that does begins with it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose.plans import Considered, cheapness
from suffice.records.causes import VerdictCode
from suffice.records.diagnosis import CODE_OF_STEP

TEMPERATURE, LAPSE = 1.0, 0.1
"""Of the shares of draws, and the chance of something that neither a draw nor the test rows know of: `temperature` and
`calibration` of what `benchmarks/verdict_planted.py` prints. Temperatures of 0.63 and 1.3 were found on two rounds of
planted cases, so that shares are left as they are (docs/VERDICT.md, Planted causes)."""
PROVEN: VerdictCode = "suffices"
UNKNOWN: VerdictCode = "undecided"
"""What a draw says in which no plan does."""


def winners(
    considered: Sequence[Considered], weights: NDArray[np.float64], *, provable: float | None
) -> dict[VerdictCode, float]:
    """Share of the draws in which each code is the right one, the likeliest first; the shares sum to 1.

    A rung that does as it is suffices where the test rows would show it four times in five, whatever they happened to
    show; otherwise they cannot tell.

    Args:
        considered: plans, and the draws in which they do.
        weights: of the draws, shape [D], summing to 1.
        provable: the least score that the test rows would prove so often; None where they can prove nothing.

    Source: STATISTICS of the project, section 6: the winner of a draw is the cheapest action that reaches the target.
    """
    left = np.ones(len(weights), dtype=bool)
    shares: dict[VerdictCode, float] = {}
    for one in sorted(considered, key=lambda one: cheapness(one.plan)):
        wins, step = left & one.reached, one.plan.first
        if step is None or step.code == "more_test_rows":
            shown = wins & (one.score >= provable) if provable is not None else np.zeros_like(wins)
            shares[PROVEN] = shares.get(PROVEN, 0.0) + float(weights @ shown)
            code, wins = UNKNOWN, wins & ~shown
        else:
            code = CODE_OF_STEP[step.code]
        shares[code] = shares.get(code, 0.0) + float(weights @ wins)
        left &= ~one.reached
    shares[UNKNOWN] = shares.get(UNKNOWN, 0.0) + float(weights @ left)
    return dict(sorted(((code, share) for code, share in shares.items() if share > 0.0), key=lambda item: -item[1]))


def called_for(shares: dict[VerdictCode, float]) -> VerdictCode:
    """The code that most draws call for; what would do as it is, and the test cannot show, is `undecided`.

    Args:
        shares: of draws, or chances; by code.

    Source: `docs/decisions/0023-what-most-draws-call-for.md`: where every mistake counts the same, the mode of the
        draws is the choice that is wrong least often (Berger 1985, Statistical Decision Theory, section 2.4).
    """
    left = {code: share for code, share in shares.items() if code not in {PROVEN, UNKNOWN}}
    open_ = shares.get(PROVEN, 0.0) + shares.get(UNKNOWN, 0.0)
    code = max(left, key=lambda code: left[code], default=UNKNOWN)
    return code if left.get(code, 0.0) > open_ else UNKNOWN


def sharpened(
    shares: dict[VerdictCode, float], *, temperature: float = TEMPERATURE, lapse: float = LAPSE
) -> dict[VerdictCode, float]:
    """Shares of draws as chances: each to the power of 1 / temperature, together one less the lapse.

    Args:
        shares: by code, summing to 1.
        temperature: above 1 they come nearer to each other.
        lapse: what is in the way is none of what was drawn.

    Source: STATISTICS of the project, section 6, which asks for one temperature: Guo et al. (2017), On Calibration of
        Modern Neural Networks, ICML, with shares of draws for the softmax; the lapse: Wichmann and Hill (2001), The
        psychometric function I, Perception and Psychophysics 63.
    """
    powers = {code: share ** (1.0 / temperature) for code, share in shares.items()}
    total = sum(powers.values())
    return {code: (1.0 - lapse) * power / total for code, power in powers.items()}
