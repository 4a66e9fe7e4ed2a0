"""What stands around every message, as token ids: messages as a language model reads them, within its context."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from suffice.kinds.classify import Prompt, render
from suffice.predict.reading import bos, room
from suffice.predict.scorer import Tokens
from suffice.predict.token_ids import token_ids
from suffice.records.task import TooLong
from suffice.text.token_budget import Budgeted, within_budget


class Frame:
    """One instruction, and how messages stand behind it."""

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
        self.before = (*bos(tokenizer), *token_ids(tokenizer, [prompt.before])[0])
        self._after = token_ids(tokenizer, [prompt.after])[0]
        self._limit = room(model_context, len(self.before), context_tokens)

    def tokenise(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message with what follows it; long messages are shortened, what follows never."""
        encoded = token_ids(self._tokenizer, [render(text) + self._after_text for text in texts])
        return [self._budgeted(ids, text) for ids, text in zip(encoded, texts, strict=True)]

    def _budgeted(self, ids: Tokens, text: str) -> Budgeted:
        if len(ids) <= self._limit:
            return Budgeted(ids=ids, truncated=False)
        left = self._limit - len(self._after)
        rendered = token_ids(self._tokenizer, [render(text)])[0]
        kept = within_budget(rendered, limit=left, policy=self._too_long, text=text)
        return Budgeted(ids=(*kept.ids, *self._after), truncated=kept.truncated)
