"""What a rung with four labels answered, and what else was run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from suffice.records.labels import LabelSet
from suffice.records.symptoms import Observed

N = 400


@pytest.fixture
def observed() -> Callable[..., Observed]:
    """A closed rung on 400 rows, four labels in turn, with nothing else run; the first `n_wrong` answers are wrong."""

    def made(*, n_wrong: int = 0, **fields: Any) -> Observed:
        y_true = np.arange(N, dtype=np.int64) % 4
        y_pred = np.where(np.arange(N) < n_wrong, (y_true + 1) % 4, y_true)
        given = {
            "kind": "classify",
            "rung": "smollm2-135m",
            "labels": LabelSet(names=("card", "login", "parcel", "refund")),
            "y_true": y_true,
            "y_pred": y_pred,
            "groups": None,
            "closed": True,
            "prompted": None,
            "kept_from": None,
            "wordings": None,
            "untuned": None,
            "history": (),
            "seed": 0,
        }
        return Observed(**(given | fields))

    return made
