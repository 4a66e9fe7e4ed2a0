from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.stats.shapley import apportion


def sets(names):
    return [frozenset(c) for c in chain.from_iterable(combinations(names, k) for k in range(len(names) + 1))]


def test_three_substitutes_of_ten_points_share_a_joint_gain_of_fourteen_and_a_half():
    names = ("a", "b", "c")
    # STATISTICS of the project, section 6: each alone brings 10 points, all three 14.5.
    score = {0: 0.70, 1: 0.80, 2: 0.83, 3: 0.845}
    parts = apportion({on: np.array([score[len(on)]]) for on in sets(names)}, names)
    # By hand: (0.10 + 0.03 + 0.015) / 3.
    assert [part.shapley[0] for part in parts.values()] == pytest.approx([0.145 / 3] * 3)
    assert [part.solo[0] for part in parts.values()] == pytest.approx([0.10] * 3)
    assert [part.last_in[0] for part in parts.values()] == pytest.approx([0.015] * 3)


@given(st.lists(st.floats(0.0, 1.0), min_size=16, max_size=16))
def test_shares_always_add_up_to_the_joint_gain(values):
    names = ("a", "b", "c", "d")
    scores = {on: np.array([value]) for on, value in zip(sets(names), values, strict=True)}
    parts = apportion(scores, names)
    joint = scores[frozenset(names)] - scores[frozenset()]
    assert sum(part.shapley[0] for part in parts.values()) == pytest.approx(joint[0], abs=1e-9)
