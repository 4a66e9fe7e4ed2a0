"""Logits to the next token of each row; what one row gets does not depend on the others.

Shape suffixes: B rows, V vocabulary, C candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import torch

from suffice.records.completion import Decoding

N_CANDIDATES = 256
"""Likeliest tokens that `top_p` is looked for in before the whole vocabulary is sorted: sorting 49,152 numbers for
each of 64 rows takes longer than the forward pass of a small model."""


def draws_of(row_id: str, *, seed: int) -> np.random.Generator:
    """What a row's tokens are drawn with: a stream of its own, whatever else is written.

    Args:
        row_id: of the row.
        seed: of the run.
    """
    own = int.from_bytes(sha256(row_id.encode("utf-8", "surrogatepass")).digest()[:16], "big")
    return np.random.default_rng([seed, own])


def choose(logits_BV: torch.Tensor, *, decoding: Decoding, draws: Sequence[np.random.Generator]) -> list[int]:
    """The next token of each row, length B.

    Args:
        logits_BV: minus infinity where a token is not allowed; float32.
        decoding: how it is chosen.
        draws: of each row, length B; one number is taken of each where anything is drawn.
    """
    if decoding.temperature == 0.0:
        greedy: list[int] = logits_BV.argmax(dim=-1).tolist()  # The first of equal ones.
        return greedy
    probs_BV = (logits_BV / decoding.temperature).softmax(dim=-1)
    drawn_B = torch.tensor([one.random() for one in draws], dtype=torch.float64, device=probs_BV.device)
    if decoding.top_p == 1.0:
        all_of_them: list[int] = _at(probs_BV, drawn_B).tolist()
        return all_of_them
    probs_BC, ids_BC = probs_BV.topk(min(N_CANDIDATES, probs_BV.shape[1]), dim=-1)
    chosen: list[int] = ids_BC.gather(1, _at(_nucleus(probs_BC, decoding.top_p), drawn_B)[:, None])[:, 0].tolist()
    beyond = (probs_BC.sum(-1) < decoding.top_p).nonzero()[:, 0].tolist()
    for row in beyond:
        sorted_V, ids_V = probs_BV[row].sort(descending=True, stable=True)
        at = _at(_nucleus(sorted_V[None], decoding.top_p), drawn_B[row : row + 1])
        chosen[row] = int(ids_V[at[0]])
    return chosen


def _nucleus(probs_BC: torch.Tensor, top_p: float) -> torch.Tensor:
    """Sorted probabilities with nought for those behind the first that come to `top_p`."""
    return probs_BC.masked_fill(probs_BC.cumsum(-1) - probs_BC >= top_p, 0.0)


def _at(probs_BC: torch.Tensor, drawn_B: torch.Tensor) -> torch.Tensor:
    """Where each row's draw falls among its probabilities, which need not come to one; never where they are nought."""
    reached_BC = probs_BC.double().cumsum(-1)
    most_B = reached_BC[:, -1]
    wanted_B = torch.minimum(drawn_B * most_B, torch.nextafter(most_B, torch.zeros_like(most_B)))
    return torch.searchsorted(reached_BC, wanted_B[:, None], right=True)[:, 0]
