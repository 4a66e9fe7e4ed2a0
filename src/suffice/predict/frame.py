"""What stands around every message, as token ids: messages as a language model reads them, within its context."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suffice.errors import Problem, TaskError
from suffice.kinds.classify import render
from suffice.kinds.prompts import Prompt
from suffice.predict.scorer import Tokens
from suffice.predict.token_ids import n_tokens, token_ids
from suffice.records.task import TooLong
from suffice.text.token_budget import Budgeted, within_budget

MIN_ROOM = 16
"""Tokens of a message that must fit behind what stands before it."""


class Frame:
    """One instruction, and how messages stand behind it.

    `limit` is the most tokens that are read of a message with what follows it, `most` the same for the largest
    `context_tokens`, `model_context` what the model itself takes of everything.
    """

    def __init__(
        self,
        tokenizer: Any,
        prompt: Prompt,
        *,
        model_context: int,
        context_tokens: int,
        too_long: TooLong,
        n_answer: int = 0,
    ) -> None:
        """
        Args:
            tokenizer: the model's own.
            prompt: what stands around every message.
            model_context: the model's own limit, instruction included.
            context_tokens: the most tokens of a message that are read, within the model's own limit.
            too_long: what becomes of longer messages.
            n_answer: tokens of an answer that are read as well, and must find room behind the message.

        Raises:
            TaskError: the instruction leaves no room for a message.
        """
        self._tokenizer, self._too_long, self._after_text = tokenizer, too_long, prompt.after
        self.model_context, self._context_tokens, self._n_answer = model_context, context_tokens, n_answer
        self.before = self._tokens_before(prompt)
        self._after = token_ids(tokenizer, [prompt.after])[0]
        self.most = self.room_behind(len(self.before))
        self.limit = min(self.most, context_tokens)
        if self.limit < MIN_ROOM:
            raise TaskError(_no_room(model_context, len(self.before)))

    def around(self, prompt: Prompt) -> Frame:
        """The same limits with something else around every message.

        Args:
            prompt: what stands around it.

        Raises:
            TaskError: the instruction leaves no room for a message.
        """
        return Frame(
            self._tokenizer,
            prompt,
            model_context=self.model_context,
            context_tokens=self._context_tokens,
            too_long=self._too_long,
            n_answer=self._n_answer,
        )

    def room_behind(self, n_before: int) -> int:
        """The most tokens of a message that the model could take, with what follows it.

        Args:
            n_before: tokens of what stands before it.
        """
        return self.model_context - self._n_answer - n_before

    def n_tokens_before(self, prompt: Prompt) -> int:
        """Tokens of what would stand before every message.

        Args:
            prompt: what would stand around it.
        """
        return len(self._tokens_before(prompt))

    def _tokens_before(self, prompt: Prompt) -> Tokens:
        return (*beginning_of_text(self._tokenizer), *token_ids(self._tokenizer, [prompt.before])[0])

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


def beginning_of_text(tokenizer: Any) -> Tokens:
    """The beginning-of-text token, where a language model was trained to see one.

    Args:
        tokenizer: the model's own.
    """
    first = tokenizer("a").input_ids[:1]
    return tuple(first) if first == [tokenizer.bos_token_id] else ()


def _no_room(context: int, n_before: int) -> Problem:
    """An instruction that leaves no room for a message.

    Args:
        context: the model's own limit.
        n_before: tokens of the instruction.
    """
    return Problem(
        where="instruction",
        rule=f"instruction and message must fit the model's context of {context:,} tokens",
        got=f"an instruction of {n_before:,} tokens",
        fix="shorten `instruction`, or raise `context_tokens`",
    )
