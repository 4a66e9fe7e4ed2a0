"""Many tests at once: p-values to q-values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def benjamini_hochberg(p_values: Sequence[float]) -> NDArray[np.float64]:
    """The q-value of each test: the least rate of false discoveries at which it is called one.

    In order of p the i-th of m is p m / i, and none is above those of larger p. Where every test with a q of at most
    0.05 is called a discovery, one in twenty of what is called so is false on average. That holds for independent tests
    and for ones that depend on one another positively, as slices that share rows do.

    Args:
        p_values: of M tests, each 0 to 1.

    Returns:
        In the order given, shape [M].

    Source:
        Benjamini and Hochberg (1995), Controlling the False Discovery Rate, Journal of the Royal Statistical Society B
        57, 289-300; as adjusted p-values: Yekutieli and Benjamini (1999), Journal of Statistical Planning and Inference
        82; under positive dependence: Benjamini and Yekutieli (2001), The Annals of Statistics 29, theorem 1.2.
    """
    p = np.asarray(p_values, dtype=np.float64)
    assert ((p >= 0.0) & (p <= 1.0)).all(), "p-values are fractions"
    order = np.argsort(-p, kind="stable")
    m = len(p)
    q = np.empty(m)
    q[order] = np.minimum.accumulate(p[order] * m / np.arange(m, 0, -1))
    return q
