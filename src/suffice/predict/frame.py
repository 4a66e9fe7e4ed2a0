"""What stands around every message, as token ids: messages as a language model reads them, within its context."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suffice.errors import Problem, TaskError
from suffice.kinds.classify import Prompt, render
from suffice.predict.scorer import Tokens
from suffice.predict.token_ids import n_tokens, token_ids
from suffice.records.task import TooLong
from suffice.text.token_budget import Budgeted, within_budget


class Frame:
    """One instruction, and how messages stand behind it.

    `limit` is the most tokens that are read of a message with what follows it, `most` the same for the largest
    `context_tokens`.
    """

    def __init__(
        self, tokenizer: Any, prompt: Prompt, *, model_context: int, context_tokens: int, too_long: TooLong
    ) -> None:
        """
        Args:
            tokenizer: the model's own.
            prompt: what stands around every message.
            model_context: the model's own limit, instruction included.
            context_tokens: the most tokens of a message that are read, within the model's own limit.
            too_long: what becomes of longer messages.

        Raises:
            TaskError: the instruction leaves no room for a message.
        """
        self._tokenizer, self._too_long, self._after_text = tokenizer, too_long, prompt.after
        self.before = (*_bos(tokenizer), *token_ids(tokenizer, [prompt.before])[0])
        self._after = token_ids(tokenizer, [prompt.after])[0]
        self.most = model_context - len(self.before)
        self.limit = _room(model_context, len(self.before), context_tokens)

    def n_tokens(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Tokens of each message with what follows it, as `limit` counts them, shape [N]: more where it is shortened.

        Args:
            texts: messages, length N.
        """
        counts = n_tokens(self._tokenizer, [render(text) + self._after_text for text in texts])
        long = np.flatnonzero(counts > self.limit)
        # What is shortened is cut before what follows is put to it, which is then not merged with it.
        counts[long] = n_tokens(self._tokenizer, [render(texts[row]) for row in long.tolist()]) + len(self._after)
        return counts

    def tokenise(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message with what follows it; long messages are shortened, what follows never."""
        encoded = token_ids(self._tokenizer, [render(text) + self._after_text for text in texts])
        return [self._budgeted(ids, text) for ids, text in zip(encoded, texts, strict=True)]

    def _budgeted(self, ids: Tokens, text: str) -> Budgeted:
        if len(ids) <= self.limit:
            return Budgeted(ids=ids, truncated=False)
        left = self.limit - len(self._after)
        rendered = token_ids(self._tokenizer, [render(text)])[0]
        kept = within_budget(rendered, limit=left, policy=self._too_long, text=text)
        return Budgeted(ids=(*kept.ids, *self._after), truncated=kept.truncated)


def _bos(tokenizer: Any) -> Tokens:
    """The beginning-of-text token, where a language model was trained to see one.

    Args:
        tokenizer: the model's own.
    """
    first = tokenizer("a").input_ids[:1]
    return tuple(first) if first == [tokenizer.bos_token_id] else ()


def _room(context: int, n_before: int, context_tokens: int) -> int:
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
