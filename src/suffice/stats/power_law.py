"""How the error falls as training rows are added: a power law with a floor, fitted in every draw at once.

error(n) = c + a (n + s)^-b, or no fall at all. With few rows of each label a curve falls slower than it will: s is how
late it sets in, and is nothing for most. With the few sizes that a fit can afford, floor and exponent stand in for each
other: several pairs of them fit as well and promise different things further out. Therefore no single curve is kept:
each draw takes one of them by chance, in proportion to how well it fits and how usual it is.

Source: Hestness et al. (2017), Deep Learning Scaling is Predictable, Empirically, arXiv:1712.00409, section 2; Viering
and Loog (2023), The Shape of Learning Curves: a Review, IEEE TPAMI 45, section 4 (floors, exponents and their spread);
the late start: Lin et al. (2024), Selecting Large Language Model to Fine-tune via Rectified Scaling Law, ICML.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit, logsumexp

EXPONENTS = np.geomspace(0.08, 3.0, 19)
"""Values of b that are tried."""
STARTS = np.array([0.0, 1.0, 3.0, 10.0])
"""Values of s that are tried, over the rows of the smallest size."""
FLOORS = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9])
"""Floors c that are tried, as shares of the lowest error seen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prior:
    """What is usual of laws before any point of a curve is seen.

    Chosen by the interval score of forecasts at two and four times the rows seen, on development curves:
    docs/VERDICT.md, Forecasts.
    """

    exponent: float = 0.5
    """Middle of b; the half of STATISTICS of the project, section 4. From 0.4 to 0.7 forecasts score alike."""
    spread: float = 0.3
    """Standard deviation of the logarithm of b."""
    decay: float = 2.0
    """The weight of the floor's share falls by this exponent from 0 to 1: the floors of curves that are still short are
    seldom in sight."""
    scarce: float = 120.0
    """Added to `decay`, over the rows of each label at the largest size: with six of each no floor is in sight, with
    a hundred one may be."""
    late: float = 0.1
    """The weight of a start falls by this exponent with each doubling of 1 + s over the smallest size."""
    level: float = 0.2
    """Chance that more rows bring nothing: a task that a rung cannot do looks like one that it has not begun to learn,
    and without this the smallest fall that a law can have is foretold for it. Chosen on planted cases of two rounds
    (docs/VERDICT.md, Planted causes); from 0.1 to 0.5 as many verdicts are right."""
    misfit: float = 0.004
    """Standard deviation with which even the right law misses the error at the largest size, a fraction."""
    drift: float = 0.5
    """How much more it misses for each halving of the rows, in parts of `misfit`: a curve follows a law for a while,
    and not from the start."""


PRIOR = Prior()


@dataclass(frozen=True, kw_only=True, slots=True)
class PowerLaws:
    """One law in each of D draws."""

    floor: NDArray[np.float64]
    """c, shape [D]."""
    scale: NDArray[np.float64]
    """a, shape [D], not negative."""
    exponent: NDArray[np.float64]
    """b, shape [D]."""
    start: NDArray[np.float64]
    """s, rows, shape [D], not negative."""

    def error(self, n: float) -> NDArray[np.float64]:
        """Error at n training rows in each draw, shape [D]."""
        return self.floor + self.scale * (n + self.start) ** -self.exponent


def fit_power_laws(
    n: NDArray[np.float64],
    error: NDArray[np.float64],
    spread: NDArray[np.float64],
    *,
    n_labels: int,
    seed: int,
    prior: Prior = PRIOR,
) -> PowerLaws:
    """Fits the law in each draw, and draws one of the fits by its weight.

    Given b, c and s the scale is a weighted least-squares estimate. The weight of three of them is the likelihood of
    the points times the prior of all.

    Args:
        n: training rows of each point, shape [S], ascending, S at least 2.
        error: errors in each draw, shape [D, S].
        spread: standard deviation of each point's own noise (subsets and seeds), shape [S].
        n_labels: K, among which the rows are.
        seed: of the choice among fits.
        prior: what is usual.

    Source: importance sampling over a grid of the nonlinear parameters, the linear one profiled out: Gelman et al.
        (2013), Bayesian Data Analysis, 3rd ed., section 3.7; the law: the module's docstring.
    """
    n_draws = len(error)
    misfit_S = prior.misfit * (1.0 + prior.drift * np.log2(n[-1] / n))
    precision_S = 1.0 / (spread**2 + misfit_S**2)
    lowest_D = error.min(axis=1)
    # Triples P of exponent, floor and start.
    every = np.stack([axis.ravel() for axis in np.meshgrid(EXPONENTS, FLOORS, STARTS, indexing="ij")])
    # What sets in late falls as usual then: with a small exponent as well, it could be level for as long as one likes.
    exponent_P, share_P, late_P = every[:, (every[2] == 0.0) | (every[0] >= prior.exponent)]
    decay = prior.decay + prior.scarce * n_labels / n[-1]
    usual_P = -0.5 * (np.log(exponent_P / prior.exponent) / prior.spread) ** 2 - decay * share_P
    usual_P -= prior.late * np.log2(1.0 + late_P)
    usual_P = np.append(usual_P, logsumexp(usual_P) + logit(prior.level))
    exponent_P, share_P, late_P = (np.append(values, 0.0) for values in (exponent_P, share_P, late_P))  # The level one.
    start_P = late_P * n[0]
    basis_PS = (n[None, :] + start_P[:, None]) ** -exponent_P[:, None]
    floor_DP = lowest_D[:, None] * share_P[None, :]
    above_DPS = error[:, None, :] - floor_DP[:, :, None]
    square_P = (precision_S * basis_PS**2).sum(axis=1)
    scale_DP = np.maximum((above_DPS * (precision_S * basis_PS)[None]).sum(axis=2) / square_P, 0.0)
    missed_DP = (precision_S * (above_DPS - scale_DP[:, :, None] * basis_PS[None]) ** 2).sum(axis=2)
    weight_DP = np.exp(usual_P - 0.5 * (missed_DP - missed_DP.min(axis=1, keepdims=True)))
    reached = np.cumsum(weight_DP, axis=1)
    threshold = np.random.default_rng(seed).random(n_draws)[:, None] * reached[:, -1:]
    chosen = (reached < threshold).sum(axis=1)
    draw = np.arange(n_draws)
    floor, scale, is_level = floor_DP[draw, chosen], scale_DP[draw, chosen], exponent_P[chosen] == 0.0
    return PowerLaws(
        floor=np.where(is_level, scale, floor),
        scale=np.where(is_level, 0.0, scale),
        exponent=exponent_P[chosen],
        start=start_P[chosen],
    )
