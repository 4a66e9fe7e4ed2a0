"""Rankings, and one from several."""

from __future__ import annotations

import numpy as np

from suffice.retrieval.fusion import fused, ranks_of


def test_equals_rank_in_the_order_of_the_knowledge_and_what_is_not_above_is_not_ranked():
    scores = np.array([0.5, 2.0, 0.0, 0.5], dtype=np.float32)
    assert ranks_of(scores).tolist() == [2, 1, 4, 3]
    assert ranks_of(scores, above=0.0).tolist() == [2, 1, 0, 3]


def test_reciprocal_ranks_are_added_up():
    # By hand, after Cormack et al. 2009: 1 / 61 + 1 / 63, 1 / 62 + 1 / 61, 1 / 62 alone, nothing.
    got = fused([np.array([1, 2, 0, 0]), np.array([3, 1, 2, 0])])
    np.testing.assert_allclose(got, [1 / 61 + 1 / 63, 1 / 62 + 1 / 61, 1 / 62, 0.0], rtol=1e-12)
    assert ranks_of(got, above=0.0).tolist() == [2, 1, 3, 0]
