"""How many tokens of a message a model reads, and how many a message has: tokenizers alone, no weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suffice.predict.frame import Frame
from suffice.predict.scorer import Tokens
from suffice.predict.token_ids import n_tokens, token_ids


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a model reads of a message; a message with more than `limit` tokens is shortened."""

    limit: int
    """The most tokens that are read of a message, with those that are always put to it."""
    most: int
    """The same for the largest `context_tokens`: what the model itself allows."""
    n_tokens: Callable[[Sequence[str]], NDArray[np.int64]]
    """Texts to the tokens of each, counted as `limit` counts them, shape [N]."""
    n_before: int = 0
    """Tokens of the instruction before it; 0 for encoders."""


def encoder_reading(tokenizer: Any, *, context: int, context_tokens: int) -> Reading:
    """What an encoder reads.

    Args:
        tokenizer: the model's own.
        context: the model's own limit.
        context_tokens: the task's.
    """
    n_special = sum(map(len, special_tokens(tokenizer)))
    return Reading(
        limit=min(context_tokens, context), most=context, n_tokens=lambda texts: n_tokens(tokenizer, texts) + n_special
    )


def causal_reading(frame: Frame) -> Reading:
    """What a language model reads behind its instruction.

    Args:
        frame: what stands around every message.
    """
    return Reading(limit=frame.limit, most=frame.most, n_tokens=frame.n_tokens, n_before=len(frame.before))


def special_tokens(tokenizer: Any) -> tuple[Tokens, Tokens]:
    """The special tokens that an encoder was trained to see before and behind a text; either may be none.

    Args:
        tokenizer: the model's own.
    """
    whole, bare = tokenizer("a").input_ids, token_ids(tokenizer, ["a"])[0]
    first = next(i for i in range(len(whole)) if tuple(whole[i : i + len(bare)]) == bare)
    return tuple(whole[:first]), tuple(whole[first + len(bare) :])
