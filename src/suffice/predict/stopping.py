"""What ends a completion: tokens with which a model says that it is done, and strings that must not be passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from suffice.errors import ModelError, Problem
from suffice.predict.chat import rendered
from suffice.predict.scorer import Tokens
from suffice.predict.token_ids import token_ids

MARGIN = 8
"""Tokens that are read before a stop string: a tokenizer may write the first of some tokens in another way."""
_SAID = "suffice"
"""What is put into the mouth of a model, to see what its chat template puts behind it."""


def end_tokens(model: Any, tokenizer: Any) -> tuple[int, ...]:
    """The tokens with which a model ends what it says, in order of their numbers.

    Args:
        model: a causal language model.
        tokenizer: its own.
    """
    turn = turn_end(tokenizer)
    return tuple(sorted({*end_of_text(model, tokenizer), *(() if turn is None else (turn,))}))


def end_of_text(model: Any, tokenizer: Any) -> tuple[int, ...]:
    """The tokens that the model's own record names as ends of a text, in order of their numbers.

    Args:
        model: a causal language model.
        tokenizer: its own.
    """
    named = tokenizer.eos_token_id, getattr(model.generation_config, "eos_token_id", None)
    ends = {one for end in named for one in (end if isinstance(end, list) else [end]) if one is not None}
    return tuple(sorted(ends))


def turn_end(tokenizer: Any) -> int | None:
    """The token that a chat template puts behind what the model says; None without a template, or without such a token.

    Args:
        tokenizer: a Hugging Face tokenizer.

    Raises:
        ModelError: the template cannot be filled in.
    """
    if not tokenizer.chat_template:
        return None
    said = [{"role": "user", "content": _SAID}, {"role": "assistant", "content": _SAID}]
    behind = rendered(tokenizer, said, to_be_answered=False).rpartition(_SAID)[2]
    first = token_ids(tokenizer, [behind.lstrip()])[0][:1]
    return first[0] if first and first[0] in _special(tokenizer) else None


def completion_ids(model: Any, tokenizer: Any, texts: Sequence[str]) -> list[Tokens]:
    """Token ids of what a model is to write, each with the token that ends it as the last.

    It ends as its chat template has it end, where there is one, and otherwise as its texts end: with the first of these
    that the model can say at all. Tokens that were never trained may have an output of nought, and no adapter on the
    decoder gives them a logit.

    Args:
        model: a causal language model.
        tokenizer: its own.
        texts: what is to be written behind prompts of `prompt_ids`.

    Raises:
        ModelError: nothing is known with which this model could end a text.
    """
    weight_VD = model.get_output_embeddings().weight
    candidates: tuple[int | None, ...] = (turn_end(tokenizer), tokenizer.eos_token_id, *end_of_text(model, tokenizer))
    known = list(dict.fromkeys(end for end in candidates if end is not None))
    said = [end for end in known if bool(weight_VD[end].any())]
    if not said:
        problem = Problem(
            where=type(tokenizer).__name__,
            rule="a model that is to learn when to stop needs a token that ends a text",
            got=f"tokens that it never learned to say: {known}" if known else "none in its template or its record",
            fix="choose another base model, or name one as `eos_token` in its tokenizer_config.json",
        )
        raise ModelError(problem)
    return [(*ids, said[0]) for ids in token_ids(tokenizer, texts)]


def _special(tokenizer: Any) -> set[int]:
    return {number for number, token in tokenizer.added_tokens_decoder.items() if token.special}


def text_of(tokenizer: Any, tokens: Sequence[int]) -> str:
    """What tokens say, special ones included; half of a character reads as U+FFFD.

    Args:
        tokenizer: a Hugging Face tokenizer.
        tokens: their numbers.
    """
    text: str = tokenizer.decode(list(tokens), skip_special_tokens=False, clean_up_tokenization_spaces=False)
    return text


class StopStrings:
    """Strings that end a completion wherever they begin and end within its tokens."""

    def __init__(self, tokenizer: Any, strings: Sequence[str]) -> None:
        """
        Args:
            tokenizer: a Hugging Face tokenizer.
            strings: none of them empty.
        """
        self._tokenizer, self._strings = tokenizer, tuple(strings)
        # A token is a byte at the least.
        self._n_read = max((len(string.encode()) for string in strings), default=0) + MARGIN

    def before(self, tokens: Sequence[int]) -> str | None:
        """The text before the first stop string, if the last token completed one.

        Args:
            tokens: all that were written.
        """
        if not self._strings or self._first(text_of(self._tokenizer, tokens[-self._n_read :])) is None:
            return None
        return self._first(text_of(self._tokenizer, tokens))

    def _first(self, text: str) -> str | None:
        places = [at for string in self._strings if (at := text.find(string)) >= 0]
        return text[: min(places)] if places else None
