"""Any text at all to token ids."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast

from suffice.predict.token_ids import n_tokens, token_ids


@pytest.fixture
def tokenizer(tiny_gemma3: Path) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast.from_pretrained(tiny_gemma3)


def test_nothing_is_added_and_nothing_shortened(tokenizer: PreTrainedTokenizerFast) -> None:
    short, long = token_ids(tokenizer, ["My card", "My card" * 1_000])
    assert tokenizer.bos_token_id not in short
    assert tokenizer.decode(short) == "My card"
    assert tokenizer.decode(long) == "My card" * 1_000


def test_half_of_a_surrogate_pair_reads_as_the_replacement_character(tokenizer: PreTrainedTokenizerFast) -> None:
    half, replaced, whole = token_ids(tokenizer, ["a \ud83d b", "a \ufffd b", "\ud83d\ude00"])
    assert half == replaced
    assert tokenizer.decode(whole) == "\U0001f600"


def test_a_long_text_is_no_reason_to_warn(
    tokenizer: PreTrainedTokenizerFast, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    token_ids(tokenizer, ["word " * 1_000])
    assert capfd.readouterr().err == ""
    assert caplog.text == ""


def test_no_texts_are_no_rows(tokenizer: PreTrainedTokenizerFast) -> None:
    assert token_ids(tokenizer, []) == []


def test_tokens_are_counted_as_they_are_made(tokenizer: PreTrainedTokenizerFast) -> None:
    texts = ["My card", "", "a \ud83d b", "word " * 500]
    expected = [len(ids) for ids in token_ids(tokenizer, texts)]
    assert n_tokens(tokenizer, texts).tolist() == expected
    assert n_tokens(tokenizer, []).tolist() == []
    # A tokenizer that is written in Python has no faster way.
    assert n_tokens(partial(tokenizer), texts).tolist() == expected
