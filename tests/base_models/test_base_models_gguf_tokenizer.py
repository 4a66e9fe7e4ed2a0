"""Tokens of a GGUF model are those of the model it was made from."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from tiny_gguf import write_gguf

from suffice.base_models.gguf_file import read_head
from suffice.base_models.gguf_tokenizer import gguf_tokenizer
from suffice.records.progress import Silent


class Listening(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def tokenizer(source: Path, tmp_path: Path, *, pre_tokenizer: str) -> tuple[Any, list[str]]:
    head = read_head(write_gguf(source, tmp_path / "model.gguf", pre_tokenizer=pre_tokenizer))
    progress = Listening()
    return gguf_tokenizer(tmp_path, head=head, context=256, progress=progress), progress.said


def pieces(tokenizer: Any, text: str) -> list[str]:
    return [piece for piece, _ in tokenizer.backend_tokenizer.pre_tokenizer.pre_tokenize_str(text)]


def test_smollm_splits_off_every_digit_before_anything_else(tiny_llama: Path, tmp_path: Path) -> None:
    ours, said = tokenizer(tiny_llama, tmp_path, pre_tokenizer="smollm")
    # By hand: \p{N} alone first, then GPT-2's rule on what is left, where both spaces end the piece before "1".
    assert pieces(ours, "a  12 b") == ["a", "ĠĠ", "1", "2", "Ġb"]
    assert said == []


def test_gpt2_keeps_digits_and_the_space_before_them_together(tiny_llama: Path, tmp_path: Path) -> None:
    ours, said = tokenizer(tiny_llama, tmp_path, pre_tokenizer="gpt-2")
    assert pieces(ours, "a  12 b") == ["a", "Ġ", "Ġ12", "Ġb"]
    assert said == []


def test_qwen2_normalises_before_it_splits(tiny_qwen2: Path, tmp_path: Path) -> None:
    ours, said = tokenizer(tiny_qwen2, tmp_path, pre_tokenizer="qwen2")
    decomposed = unicodedata.normalize("NFD", "café")
    assert ours(decomposed).input_ids == ours("café").input_ids
    assert said == []


def test_a_split_that_nobody_here_knows_is_told(tiny_llama: Path, tmp_path: Path) -> None:
    _, said = tokenizer(tiny_llama, tmp_path, pre_tokenizer="zebra")
    assert said == [
        "model.gguf splits texts by 'zebra', which is not known here: GPT-2's rule is used, "
        "and some texts may get other tokens than upstream"
    ]


@pytest.mark.parametrize("fixture", ["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def test_a_text_comes_back_whole_and_nothing_is_shortened_or_padded(
    fixture: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    ours, _ = tokenizer(request.getfixturevalue(fixture), tmp_path, pre_tokenizer="gpt-2")
    for text in ("ordinary", "Ünïcödé 日本語 😀\n\ttab", "long " * 1_000):
        assert ours.decode(ours(text).input_ids, skip_special_tokens=True) == text
    assert ours.pad_token is not None
    assert (ours.padding_side, ours.model_max_length) == ("right", 256)


def test_only_gemma_begins_with_a_token_of_its_own(tiny_llama: Path, tiny_gemma3: Path, tmp_path: Path) -> None:
    (tmp_path / "llama").mkdir()
    (tmp_path / "gemma").mkdir()
    llama, _ = tokenizer(tiny_llama, tmp_path / "llama", pre_tokenizer="smollm")
    gemma, _ = tokenizer(tiny_gemma3, tmp_path / "gemma", pre_tokenizer="default")
    assert llama("").input_ids == []
    assert gemma("").input_ids == [gemma.bos_token_id]
