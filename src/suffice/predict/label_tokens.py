"""One existing, ordinary vocabulary token for each label, so that one token is the whole answer.

The tokens are words that begin with a blank, none the beginning of another, and each is what the tokenizer makes of
its word behind the prompt: a server that can only restrict the answer to a list of strings can then serve the adapter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from suffice.errors import ModelError, Problem
from suffice.records.labels import LabelSet

_WORD = re.compile(r"[A-Za-z]{2,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelTokens:
    """The answer token of each label."""

    ids: tuple[int, ...]
    """Token ids in the order of the label set, length K."""
    strings: tuple[str, ...]
    """What each token says, its leading blank included."""


def choose_label_tokens(tokenizer: Any, labels: LabelSet, *, after: str) -> LabelTokens:
    """Finds a token for each label: a word of its own name where one is free, otherwise another common word.

    Args:
        tokenizer: a Hugging Face tokenizer.
        labels: the task's labels.
        after: the text that stands before the answer; the token must survive being encoded behind it.

    Raises:
        ModelError: the vocabulary has too few such words.
    """
    chosen: dict[str, str] = {}
    candidates = {name: _words(name) for name in labels.names}
    rarity = Counter(word for words in candidates.values() for word in set(words))
    for name in sorted(labels.names, key=lambda name: min((rarity[w] for w in candidates[name]), default=99)):
        for word in sorted(candidates[name], key=lambda word: rarity[word]):
            if _free(word, chosen.values()) and _token(tokenizer, word, after) is not None:
                chosen[name] = word
                break
    spare = _spare_words(tokenizer)
    for name in labels.names:
        if name not in chosen:
            chosen[name] = _next_spare(tokenizer, spare, chosen, after=after, n_labels=len(labels))
    ids = [_token(tokenizer, chosen[name], after) for name in labels.names]
    return LabelTokens(
        ids=tuple(i for i in ids if i is not None), strings=tuple(f" {chosen[name]}" for name in labels.names)
    )


def _words(name: str) -> list[str]:
    """Words of a label's name in the forms that a vocabulary is likely to hold."""
    words = _WORD.findall(name)
    return [form for word in words for form in dict.fromkeys((word.lower(), word.capitalize(), word))]


def _free(word: str, taken: Sequence[str] | Any) -> bool:
    return not any(word.startswith(other) or other.startswith(word) for other in taken)


def _token(tokenizer: Any, word: str, after: str) -> int | None:
    """The id of the word if it is one token behind the prompt, and reads the same when decoded."""
    before = tokenizer(after, add_special_tokens=False).input_ids
    whole = tokenizer(f"{after} {word}", add_special_tokens=False).input_ids
    if whole[:-1] != before or tokenizer.decode([*before, whole[-1]]) != tokenizer.decode(before) + f" {word}":
        return None
    return int(whole[-1])


def _spare_words(tokenizer: Any) -> Iterator[str]:
    """Ordinary words of the vocabulary in the order of their ids, which for merged vocabularies is by frequency."""
    special = set(tokenizer.all_special_ids)
    for i in range(len(tokenizer)):
        word = tokenizer.convert_ids_to_tokens(i) if i not in special else None
        if word and word[0] in "\u0120\u2581" and _WORD.fullmatch(word[1:]):
            yield word[1:]


def _next_spare(tokenizer: Any, spare: Iterator[str], chosen: dict[str, str], *, after: str, n_labels: int) -> str:
    for word in spare:
        if _free(word, chosen.values()) and _token(tokenizer, word, after) is not None:
            return word
    raise ModelError(
        Problem(
            where="train.label_output",
            rule="a label answered with a token needs a vocabulary word of its own",
            got=f"words for {len(chosen)} of {n_labels} labels",
            fix="set train.label_output=head, or use a base model with a larger vocabulary",
        )
    )
