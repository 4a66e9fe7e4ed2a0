"""The instruction is the same for every message: its keys and values are computed once and shared by all rows.

Shape suffixes: B rows, P prefix tokens, T tokens, D hidden width.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from transformers import PreTrainedModel
from transformers.cache_utils import DynamicCache


def prefix_cache(body: PreTrainedModel, prefix: tuple[int, ...]) -> Any:
    """Keys and values of the prefix, one row; gradients flow through them unless switched off.

    Args:
        body: a decoder without its output layer.
        prefix: token ids, at least one.
    """
    cache = DynamicCache(config=body.config)
    ids_1P = torch.tensor([prefix], device=body.device)
    body(input_ids=ids_1P, past_key_values=cache, use_cache=True)
    return cache


def shared_by(cache: Any, n_rows: int) -> Any:
    """A cache for a batch that reads the prefix's keys and values without copying them.

    Args:
        cache: from `prefix_cache`; it is left as it was.
        n_rows: rows of the batch.
    """
    shared = copy.copy(cache)
    shared.layers = [copy.copy(layer) for layer in cache.layers]
    for layer in shared.layers:
        layer.keys = layer.keys.expand(n_rows, -1, -1, -1)
        layer.values = layer.values.expand(n_rows, -1, -1, -1)
    return shared


def last_hidden(body: PreTrainedModel, cache: Any, ids_BT: torch.Tensor, lengths_B: torch.Tensor) -> torch.Tensor:
    """The hidden state at the last token of each row, behind the shared prefix.

    Rows are padded on the right: under causal attention nothing before the padding sees it, so that no mask is needed.

    Args:
        body: a decoder without its output layer.
        cache: from `prefix_cache`.
        ids_BT: token ids, shape [B, T].
        lengths_B: tokens of each row, shape [B].

    Returns:
        Shape [B, D], in the body's precision.
    """
    rows = len(ids_BT)
    hidden_BTD = body(
        input_ids=ids_BT.to(body.device), past_key_values=shared_by(cache, rows), use_cache=True
    ).last_hidden_state
    last_BD: torch.Tensor = hidden_BTD[torch.arange(rows), lengths_B - 1]
    return last_BD
