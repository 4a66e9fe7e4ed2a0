"""Traffic to a bundle that does not exist: labels, confidences and times drawn by chance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from suffice.store.requests import Entry
from suffice.watch.traffic import DAY_S, Traffic

N_LABELS = 6


@pytest.fixture
def entry() -> Callable[..., Entry]:
    """Makes an entry of the ledger; what is not said is like every other one's."""

    def make(number: int, **said: object) -> Entry:
        fields = {
            "id": f"{number:032x}",
            "at": 1_000.0 * number,
            "bundle": "tfidf",
            "version": "abc",
            "label": "card",
            "probability": 0.75,
            "route": "local",
            "latency_ms": 4.0,
            "cost": 0.0,
            "text_hash": f"{number:x}",
            "text": f"message {number}",
        }
        return Entry(**fields | said)

    return make


@pytest.fixture
def traffic() -> Callable[..., Traffic]:
    """Makes requests over some days, the last of which may be strange."""

    def make(
        *, days: float, per_day: int, strange: int = 0, share: float = 0.0, shifted: int = 0, seed: int = 0
    ) -> Traffic:
        generator = np.random.default_rng(seed)
        n = int(days * per_day)
        at = np.sort(generator.uniform(0.0, days * DAY_S, n))
        confidence = generator.beta(8, 1, n)
        is_strange = (np.arange(n) >= n - strange) & (generator.random(n) < share)
        confidence[is_strange] = generator.beta(2, 3, int(is_strange.sum()))
        codes = generator.integers(0, N_LABELS, n)
        codes[n - shifted :] = generator.choice(N_LABELS, shifted, p=[0.6, 0.2, 0.05, 0.05, 0.05, 0.05])
        return Traffic(
            entries=(),
            at=at,
            confidence=confidence,
            local=np.ones(n, dtype=np.bool_),
            outside=None,
            codes=codes,
            n_labels=N_LABELS,
            scores={},
            n_copies=0,
            n_narrowed=0,
        )

    return make
