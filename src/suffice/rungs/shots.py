"""Which training rows a prompted language model is shown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.rungs.interface import TrainingData
from suffice.text.normalise import is_empty


def shown_rows(data: TrainingData, *, n_shots: int, seed: int) -> NDArray[np.int64]:
    """Positions of the examples in the order in which they are shown, at most `n_shots`.

    Every label comes once before one comes twice, labels and rows by chance, so that no label is favoured by how often
    it is shown, and fewer shots are the first of more. Tune rows are not shown, since a wording may be chosen on them;
    neither are empty messages, nor a message that is shown already.

    Args:
        data: rows that may be seen.
        n_shots: the most rows, at least 0.
        seed: of what is left to chance.
    """
    rng = np.random.default_rng(seed)
    turn: dict[int, int] = {}
    order: list[tuple[int, int, int]] = []
    seen: set[str] = set()
    rank = dict(zip(range(len(data.labels)), rng.permutation(len(data.labels)).tolist(), strict=True))
    for row in rng.permutation(data.fit_rows).tolist():
        text, label = data.texts[row].strip(), int(data.y[row])
        if is_empty(text) or text in seen:
            continue
        seen.add(text)
        turn[label] = turn.get(label, -1) + 1
        order.append((turn[label], rank[label], row))
    return np.array([row for _, _, row in sorted(order)[:n_shots]], dtype=np.int64)
