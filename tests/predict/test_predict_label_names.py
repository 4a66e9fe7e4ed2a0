"""Names as tokens, and what ends an answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from suffice.errors import ModelError
from suffice.kinds.classify import prompt
from suffice.predict.label_names import END, label_names

AFTER = prompt("Sort.").after


def merging(*merges: tuple[str, str]) -> PreTrainedTokenizerFast:
    """Bytes and some merges, across any border, as the vocabularies of real models have them."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: i for i, piece in enumerate([*alphabet, *(a + b for a, b in merges)])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=list(merges)))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


@pytest.mark.parametrize("base", ["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def test_a_name_is_what_the_tokenizer_makes_of_it_behind_the_prompt(base: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(base)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    found = label_names(tokenizer, ("card", "card lost"), after=AFTER, end_of_text=[tokenizer.eos_token_id])
    for name, (path, *more) in zip(found.names, found.paths, strict=True):
        assert not more
        assert path[-1] == END
        whole = tokenizer(f"{AFTER} {name}", add_special_tokens=False).input_ids
        assert tuple(whole[-len(path[:-1]) :]) == path[:-1]
        assert tokenizer.decode(path[:-1]) == f" {name}"
    assert found.most_read == max(len(path) - 1 for (path,) in found.paths)
    assert tokenizer.eos_token_id in found.ends
    breaks = {tokenizer.decode([i]) for i in found.ends if i != tokenizer.eos_token_id}
    assert "\n" in breaks
    assert all(text.lstrip(" \t")[0] in "\r\n" for text in breaks)


def test_every_token_that_begins_with_a_line_break_ends_an_answer_and_no_other() -> None:
    tokenizer = merging(("Ċ", "Ċ"), ("Ġ", "Ċ"), ("a", "Ċ"), ("Ċ", "a"))
    found = label_names(tokenizer, ("b",), after=AFTER, end_of_text=[])
    # Of the bytes the line feed and the carriage return; of the merges all but the one that begins with a letter.
    assert {tokenizer.decode([i]) for i in found.ends} == {"\n", "\r", "\n\n", " \n", "\na"}


def test_a_name_whose_last_sign_is_merged_with_the_line_break_may_end_either_way() -> None:
    tokenizer = merging(("?", "Ċ"), ("Ċ", "Ċ"), ("?", "ĊĊ"))
    plain, asked = label_names(tokenizer, ("a", "a?"), after=AFTER, end_of_text=[]).paths

    def said(*pieces: str) -> tuple[int, ...]:
        return tuple(tokenizer.convert_tokens_to_ids(list(pieces)))

    assert plain == ((*said("Ġ", "a"), END),)
    # By the merges in their order: `?` takes the first line break before two of them could meet.
    assert asked == ((*said("Ġ", "a", "?"), END), said("Ġ", "a", "?Ċ"))


def test_a_name_that_would_be_merged_with_the_prompt_is_an_error() -> None:
    tokenizer = merging((":", "Ġ"))
    with pytest.raises(ModelError, match=r"not merge a label's name.*\n  got: 'card' behind .*\n  fix: rename the lab"):
        label_names(tokenizer, ("card",), after=AFTER, end_of_text=[])
