"""The tokenizer that a GGUF file describes, brought in line with the one that the model was trained with.

transformers rebuilds most of it; what it leaves out is put back here, so that a text has the same tokens whether the
model came as GGUF or from the hub.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import transformers
from tokenizers import normalizers, pre_tokenizers
from transformers.integrations.gguf.gguf_tokenizer_mapping import GGUF_PRE_TOKENIZER_SPLITS

from suffice.base_models.gguf_file import GgufFile
from suffice.records.progress import Progress

DIGIT_BY_DIGIT = {"smollm", "starcoder", "refact", "codeshell"}
"""Splits in which every digit stands alone before GPT-2's rule applies. Source: llama.cpp, src/llama-vocab.cpp,
LLAMA_VOCAB_PRE_TYPE_SMOLLM and those beside it; transformers applies GPT-2's rule alone."""
NFC = {"qwen2"}
"""Splits whose tokenizers normalise to NFC first. Source: transformers, Qwen2Tokenizer; not applied to GGUF files."""
UNDERSTOOD = {*DIGIT_BY_DIGIT, "default", "gpt-2", "gpt2"}
"""Splits that need no entry in transformers' own table."""


def gguf_tokenizer(alone: Path, *, head: GgufFile, context: int, progress: Progress) -> Any:
    """The tokenizer of the file `model.gguf` in a folder.

    Args:
        alone: folder with nothing but the file.
        head: what the file says of itself.
        context: positions of the model.
        progress: told when the split is one that nobody here knows.
    """
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(
        alone, gguf_file="model.gguf", local_files_only=True
    )
    tokenizer.model_max_length = context
    tokenizer.padding_side = "right"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if head.pre_tokenizer in DIGIT_BY_DIGIT:
        digits = pre_tokenizers.Digits(individual_digits=True)
        rest = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, rest])
    if head.pre_tokenizer in NFC:
        tokenizer.backend_tokenizer.normalizer = normalizers.NFC()
    if not _understood(head.pre_tokenizer):
        progress.say(
            f"{head.path.name} splits texts by {head.pre_tokenizer!r}, which is not known here: GPT-2's rule is used, "
            "and some texts may get other tokens than upstream"
        )
    return tokenizer


def _understood(name: str | None) -> bool:
    return name is None or name in UNDERSTOOD or name in GGUF_PRE_TOKENIZER_SPLITS
