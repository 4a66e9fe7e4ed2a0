"""Rows to batches of about equal length, so that little is padding."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from suffice.predict.scorer import Scorer, Tokens

MAX_ROWS = 64
MAX_TOKENS = 8_192
"""Bounds the memory of one batch: padded tokens over all its rows."""


def by_length(lengths: Sequence[int]) -> list[list[int]]:
    """Positions in batches, shortest rows first, each batch within `MAX_ROWS` and `MAX_TOKENS`.

    Args:
        lengths: tokens of each row.
    """
    batches: list[list[int]] = []
    for position in np.argsort(np.asarray(lengths), kind="stable").tolist():
        last = batches[-1] if batches else None
        if last and len(last) < MAX_ROWS and (len(last) + 1) * max(lengths[position], 1) <= MAX_TOKENS:
            last.append(position)
        else:
            batches.append([position])
    return batches


def score_all(
    scorer: Scorer, rows: Sequence[Tokens], *, done: Callable[[int], None] = lambda n: None
) -> NDArray[np.float64]:
    """Logits of every row in the order given.

    Args:
        scorer: the network.
        rows: token ids of each row, length N.
        done: called with the number of rows finished since the last call.

    Returns:
        Logits, shape [N, K].
    """
    return in_batches(scorer.logits, rows, n_more=0, done=done)


def in_batches(
    score: Callable[[Sequence[Tokens]], torch.Tensor],
    rows: Sequence[Tokens],
    *,
    n_more: int,
    done: Callable[[int], None] = lambda n: None,
) -> NDArray[np.float64]:
    """Scores of every row in the order given.

    Args:
        score: token ids of some rows to their scores, shape [B, K].
        rows: token ids of each row, length N, at least one.
        n_more: tokens that are computed with each row beside its own.
        done: called with the number of rows finished since the last call.

    Returns:
        Scores, shape [N, K].
    """
    batches = by_length([len(row) + n_more for row in rows])
    parts: list[NDArray[np.float64]] = []
    with torch.inference_mode():
        for batch in batches:
            parts.append(score([rows[i] for i in batch]).double().cpu().numpy())
            done(len(batch))
    order = np.concatenate([np.asarray(batch, dtype=np.int64) for batch in batches])
    scores = np.empty((len(rows), parts[0].shape[1]), dtype=np.float64)
    scores[order] = np.concatenate(parts)
    return scores


def padded(rows: Sequence[Tokens], *, pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows as one right-padded tensor.

    Args:
        rows: token ids, each at least one.
        pad: the id that fills.

    Returns:
        Token ids, shape [B, T], and the number of tokens of each row, shape [B].
    """
    lengths = torch.tensor([len(row) for row in rows])
    ids_BT = torch.full((len(rows), int(lengths.max())), pad, dtype=torch.long)
    for b, row in enumerate(rows):
        ids_BT[b, : len(row)] = torch.tensor(row, dtype=torch.long)
    return ids_BT, lengths
