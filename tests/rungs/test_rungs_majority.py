"""Label shares, whatever the message."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rung_data import LABELS, data, fit


def test_shares_are_counts_plus_one(tmp_path: Path) -> None:
    fitted = fit("majority", None, tmp_path, rows=data(texts=["a", "b", "c"], y=[0, 0, 2]))
    # Laplace: counts 2, 0, 1, 0 of four labels, one added to each, over seven.
    np.testing.assert_allclose(np.exp(fitted.scores(["x", "y"]).logits), [[3 / 7, 1 / 7, 2 / 7, 1 / 7]] * 2)
    assert fitted.size().base_bytes == 0
    assert fitted.size().adapter_bytes == 8 * len(LABELS)
    assert not fitted.scores(["x" * 100_000]).truncated.any()
