"""Any text at all to token ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from suffice.predict.scorer import Tokens


def token_ids(tokenizer: Any, texts: Sequence[str]) -> list[Tokens]:
    """Token ids of each text, length N; no special tokens are added and nothing is shortened.

    Half of a surrogate pair, which JSON can write and no tokenizer takes, reads as U+FFFD.

    Args:
        tokenizer: a Hugging Face tokenizer.
        texts: any texts.
    """
    if not texts:
        return []
    whole = [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts]
    # Not verbose: the tokenizer would warn of lengths that are cut to the budget afterwards.
    encoded = tokenizer(whole, add_special_tokens=False, verbose=False).input_ids
    return [tuple(ids) for ids in encoded]
