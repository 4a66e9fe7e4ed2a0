"""Which words one body of texts uses more than another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def log_odds_z(
    inside: NDArray[np.float64], outside: NDArray[np.float64], *, prior_weight: float | None = None
) -> NDArray[np.float64]:
    """How far apart two bodies are in each word, in standard errors: above 0 where the first uses it more.

    The difference of the log-odds of a word under a Dirichlet prior that is informed by both bodies together, over its
    standard error. The prior draws rare words to no difference, so that a word that occurs once never leads.

    Args:
        inside: occurrences of each of W words in the first body, shape [W].
        outside: the same in the second.
        prior_weight: occurrences that the prior is worth, above 0; None for as many as the smaller body has.

    Returns:
        Shape [W]; 0 for words that occur in neither, and where there is one word alone.

    Source:
        Monroe, Colaresi and Quinn (2008), Fightin' Words: Lexical Feature Selection and Evaluation for Identifying the
        Content of Political Conflict, Political Analysis 16, 372-403, equations 15, 16 and 22 and section 3.5.1.
    """
    one, other = np.asarray(inside, dtype=np.float64), np.asarray(outside, dtype=np.float64)
    assert one.shape == other.shape, "both bodies are counted in the same words"
    together = one + other
    known = together > 0.0
    z = np.zeros(one.shape)
    if known.sum() < 2:
        return z
    n_one, n_other = float(one.sum()), float(other.sum())
    weight = max(1.0, min(n_one, n_other)) if prior_weight is None else prior_weight
    prior = weight * together[known] / (n_one + n_other)
    first, second = one[known] + prior, other[known] + prior
    difference = np.log(first / (n_one + weight - first)) - np.log(second / (n_other + weight - second))
    z[known] = difference / np.sqrt(1.0 / first + 1.0 / second)
    return z
