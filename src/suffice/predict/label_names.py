"""Full label names as tokens, and what ends an answer: a language model answers with one of these and nothing else.

An answer ends where the model says a line break or an end-of-text token. In the prompt every answer stands at the end
of its line, and a blank line follows it, which many vocabularies write as one token: so whatever token begins with a
line break ends it, not one certain token. End-of-text tokens count as well, since without examples a model may stop
there. An end is needed because one name may begin another: `card` has said `card`, and not yet `card lost`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from suffice.errors import ModelError, Problem, quoted
from suffice.kinds.classify import render_answer
from suffice.predict.scorer import Tokens
from suffice.predict.token_ids import token_ids

END = -1
"""Stands in a path for any of the tokens that end an answer."""
_BREAK = re.compile(r"[ \t]*[\r\n]")
_BREAK_SIGNS = ("\n", "\r", "\u010a", "\u010d", "<0x0A>", "<0x0D>")
"""What vocabularies write for a line break: the sign itself, those that stand for its bytes, or the bytes spelt out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelNames:
    """How each label is said."""

    names: tuple[str, ...]
    """As `kinds.classify.spoken_names` writes them, length K."""
    paths: tuple[tuple[Tokens, ...], ...]
    """The tokens of each name and `END`, length K. A name that ends in a sign has more than one path where the
    vocabulary holds that sign and a line break as one token, such as `?` and a line break in Qwen's."""
    ends: Tokens
    """Tokens that end an answer, in order."""

    @property
    def most_read(self) -> int:
        """Tokens of the longest name that a model reads before it says the last of them, or the end."""
        return max(len(path) for paths in self.paths for path in paths) - 1


def label_names(tokenizer: Any, names: Sequence[str], *, after: str, end_of_text: Sequence[int]) -> LabelNames:
    """The tokens of each label's name behind a message.

    Args:
        tokenizer: a Hugging Face tokenizer.
        names: as `kinds.classify.spoken_names` writes them, length K.
        after: the text that stands before an answer.
        end_of_text: tokens with which the model ends a text.

    Raises:
        ModelError: a name has no tokens of its own.
    """
    before = token_ids(tokenizer, [after])[0]
    return LabelNames(
        names=tuple(names),
        paths=tuple(_paths(tokenizer, name, after=after, before=before) for name in names),
        ends=tuple(sorted({*_line_breaks(tokenizer), *end_of_text})),
    )


def _paths(tokenizer: Any, name: str, *, after: str, before: Tokens) -> tuple[Tokens, ...]:
    said = after + render_answer(name)
    bare, *broken = token_ids(tokenizer, [said, f"{said}\n", f"{said}\n\n"])
    if bare[: len(before)] != before or len(bare) == len(before):
        raise ModelError(
            Problem(
                where="labels",
                rule="the tokenizer must not merge a label's name with what stands before it",
                got=f"{quoted(name)} behind {quoted(after)}",
                fix="rename the label, or choose another base model",
            )
        )
    own = bare[len(before) :]
    paths: list[Tokens] = []
    for ids in broken:
        merged = ids[len(before) :]
        if not any(merged[: len(known)] == known for known in (own, *paths)):
            paths.append(merged)
    return ((*own, END), *paths)


def _line_breaks(tokenizer: Any) -> list[int]:
    """Tokens whose text begins with a line break, blanks before it apart."""
    pieces = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    some = [i for i, piece in enumerate(pieces) if piece and any(sign in piece for sign in _BREAK_SIGNS)]
    texts = tokenizer.batch_decode([[i] for i in some], clean_up_tokenization_spaces=False)
    return [i for i, text in zip(some, texts, strict=True) if _BREAK.match(text)]
