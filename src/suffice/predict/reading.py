"""How many tokens of a message a model reads, and how many a message has: tokenizers alone, no weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suffice.errors import Problem, TaskError
from suffice.kinds.classify import Prompt, render
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


def causal_reading(tokenizer: Any, prompt: Prompt, *, context: int, context_tokens: int) -> Reading:
    """What a language model reads behind its instruction, as `CausalScorer.tokenise` does.

    Args:
        tokenizer: the model's own.
        prompt: what stands around every message.
        context: the model's own limit, instruction included.
        context_tokens: the task's.

    Raises:
        TaskError: the instruction leaves no room for a message.
    """
    n_before = len(bos(tokenizer)) + len(token_ids(tokenizer, [prompt.before])[0])
    n_after = len(token_ids(tokenizer, [prompt.after])[0])
    limit = room(context, n_before, context_tokens)

    def count(texts: Sequence[str]) -> NDArray[np.int64]:
        counts = n_tokens(tokenizer, [render(text) + prompt.after for text in texts])
        long = np.flatnonzero(counts > limit)
        # What is shortened is cut before what follows is put to it, which is then not merged with it.
        counts[long] = n_tokens(tokenizer, [render(texts[row]) for row in long.tolist()]) + n_after
        return counts

    return Reading(limit=limit, most=context - n_before, n_tokens=count, n_before=n_before)


def special_tokens(tokenizer: Any) -> tuple[Tokens, Tokens]:
    """The special tokens that an encoder was trained to see before and behind a text; either may be none.

    Args:
        tokenizer: the model's own.
    """
    whole, bare = tokenizer("a").input_ids, token_ids(tokenizer, ["a"])[0]
    first = next(i for i in range(len(whole)) if tuple(whole[i : i + len(bare)]) == bare)
    return tuple(whole[:first]), tuple(whole[first + len(bare) :])


def bos(tokenizer: Any) -> Tokens:
    """The beginning-of-text token, where a language model was trained to see one.

    Args:
        tokenizer: the model's own.
    """
    first = tokenizer("a").input_ids[:1]
    return tuple(first) if first == [tokenizer.bos_token_id] else ()


def room(context: int, n_before: int, context_tokens: int) -> int:
    """The most tokens of a message behind an instruction.

    Args:
        context: the model's own limit.
        n_before: tokens of the instruction.
        context_tokens: the task's.

    Raises:
        TaskError: the instruction leaves no room for a message.
    """
    left = min(context - n_before, context_tokens)
    if left < 16:
        raise TaskError(
            Problem(
                where="instruction",
                rule=f"instruction and message must fit the model's context of {context:,} tokens",
                got=f"an instruction of {n_before:,} tokens",
                fix="shorten `instruction`, or raise `context_tokens`",
            )
        )
    return left
