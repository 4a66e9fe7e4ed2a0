"""What a run is judged on of its own training rows."""

from __future__ import annotations

import numpy as np
import pytest

from suffice.pipeline.cells.judge import evenly


@pytest.mark.parametrize("n_rows", [1, 5, 9, 10, 11, 19, 20, 34])
def test_some_rows_reach_from_the_first_to_the_last_at_equal_distances(n_rows: int) -> None:
    rows = np.arange(100, 100 + n_rows)
    some = evenly(rows, most=10)
    assert len(some) == len(set(some.tolist())) == min(n_rows, 10)
    steps = np.diff([*some, rows[-1] + 1])
    assert some[0] == rows[0]
    assert steps.max() - steps.min() <= 1
