"""One ordinary token for each label."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from suffice.errors import ModelError
from suffice.kinds.classify import default_instruction, prompt
from suffice.predict.label_tokens import LabelTokens, choose_label_tokens
from suffice.records.labels import LabelSet

FRAME = prompt("Sort the message into one category.")
NAMED = LabelSet.of(["card_declined", "card_stolen", "refund", "exchange_rate"])
STRANGE = LabelSet.of(["1", "2", "-", "Überweisung", "カード", "the", "THE", "a b c", "no", "note"])


@pytest.fixture(params=["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def tokenizer(request: pytest.FixtureRequest) -> Any:
    return PreTrainedTokenizerFast.from_pretrained(request.getfixturevalue(request.param))


def chosen(tokenizer: Any, labels: LabelSet) -> LabelTokens:
    return choose_label_tokens(tokenizer, labels, after=FRAME.after)


@pytest.mark.parametrize("labels", [NAMED, STRANGE], ids=["named", "strange"])
def test_tokens_are_one_each_distinct_and_none_begins_another(tokenizer: Any, labels: LabelSet) -> None:
    tokens = chosen(tokenizer, labels)
    assert len(tokens.ids) == len(set(tokens.ids)) == len(tokens.strings) == len(labels)
    assert not set(tokens.ids) & set(tokenizer.all_special_ids)
    for token, said in zip(tokens.ids, tokens.strings, strict=True):
        assert tokenizer(said, add_special_tokens=False).input_ids == [token]
        assert [other for other in tokens.strings if other.startswith(said)] == [said]
        assert said.startswith(" ")
        assert said[1:].isalpha()


@pytest.mark.parametrize("labels", [NAMED, STRANGE], ids=["named", "strange"])
def test_tokens_survive_being_encoded_behind_a_whole_prompt(tokenizer: Any, labels: LabelSet) -> None:
    tokens = chosen(tokenizer, labels)
    before = f"{prompt(default_instruction(labels)).before} My card was declined.{FRAME.after}"
    ids = tokenizer(before).input_ids
    for token, said in zip(tokens.ids, tokens.strings, strict=True):
        assert tokenizer(before + said).input_ids == [*ids, token]


def test_a_label_is_answered_with_a_word_of_its_own_name(tokenizer: Any) -> None:
    said = dict(zip(NAMED.names, chosen(tokenizer, NAMED).strings, strict=True))
    # `card` is in two names, so the rarer word of each is taken.
    assert said == {
        "card_declined": " declined",
        "card_stolen": " stolen",
        "refund": " refund",
        "exchange_rate": " exchange",
    }


def test_the_same_labels_have_the_same_tokens(tokenizer: Any) -> None:
    assert chosen(tokenizer, STRANGE) == chosen(tokenizer, STRANGE)


def test_forty_labels_without_words_take_spare_ones(tokenizer: Any) -> None:
    labels = LabelSet.of([f"{i:02}" for i in range(40)])
    assert len(set(chosen(tokenizer, labels).ids)) == 40


def test_a_vocabulary_with_too_few_words_is_an_error(tiny_llama: Path) -> None:
    tokenizer = PreTrainedTokenizerFast.from_pretrained(tiny_llama)
    labels = LabelSet.of([f"{i:03}" for i in range(400)])
    with pytest.raises(ModelError, match=r"got: words for \d+ of 400 labels\n  fix: set train.label_output=head"):
        chosen(tokenizer, labels)
