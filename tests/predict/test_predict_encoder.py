"""Sentence embeddings and the label head over them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from suffice.errors import DataError
from suffice.predict.batching import score_all
from suffice.predict.encoder import HEAD_SCALE, SentenceEncoder
from tiny_scorers import LABELS, tiny_encoder, tiny_encoder_scorer

TEXTS = ["Why?", "My card was declined in the shop this morning.", "The refund is still pending. Please help me!", "a"]


def plain_states(encoder: SentenceEncoder, text: str) -> torch.Tensor:
    """Token states of one text, no padding and no mask; shape [T, D]."""
    ids = encoder._tokenizer(text, return_tensors="pt").input_ids
    with torch.no_grad():
        return encoder.model(input_ids=ids).last_hidden_state[0]


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_embeddings_are_pooled_states_of_unit_length_in_the_order_given(tiny_bert: Path, pooling: Any) -> None:
    encoder = tiny_encoder(tiny_bert, pooling=pooling)
    got = encoder.embed([row.ids for row in encoder.tokenise(TEXTS)])
    states = [plain_states(encoder, text) for text in TEXTS]
    pooled = torch.stack([s.mean(dim=0) if pooling == "mean" else s[0] for s in states])
    # Sentence-BERT, section 3: mean over the tokens, special ones included; then divided by its length.
    expected = pooled / pooled.norm(dim=1, keepdim=True)
    np.testing.assert_allclose(got, expected.numpy(), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(got, axis=1), 1.0, atol=1e-5)


def test_embedding_says_how_many_rows_are_done(tiny_bert: Path) -> None:
    encoder, finished = tiny_encoder(tiny_bert), []
    encoder.embed([row.ids for row in encoder.tokenise(TEXTS * 40)], done=finished.append)
    assert sum(finished) == 160
    assert len(finished) > 1


def test_tokens_are_what_the_tokenizer_makes_of_the_text(tiny_bert: Path) -> None:
    encoder = tiny_encoder(tiny_bert)
    for row, text in zip(encoder.tokenise([*TEXTS, ""]), [*TEXTS, ""], strict=True):
        assert list(row.ids) == encoder._tokenizer(text).input_ids


class EndsOnly:
    """A tokenizer in the manner of T5: nothing before a text, one token behind it."""

    pad_token_id = 0

    def __call__(self, text: str | list[str], *, add_special_tokens: bool = True, verbose: bool = True) -> Any:
        ends = [1] if add_special_tokens else []
        ids = [[ord(c) for c in t] + ends for t in ([text] if isinstance(text, str) else text)]
        return SimpleNamespace(input_ids=ids[0] if isinstance(text, str) else ids)


def test_special_tokens_stand_on_the_side_where_the_tokenizer_puts_them() -> None:
    encoder = SentenceEncoder(None, EndsOnly(), pooling="mean", context_tokens=16, too_long="head")
    short, long = encoder.tokenise(["ab", "x" * 50])
    assert short.ids == (97, 98, 1)
    assert len(long.ids) == 16
    assert long.ids[-1] == 1


@pytest.mark.parametrize("policy", ["head", "head_tail"])
def test_long_texts_are_cut_flagged_and_keep_their_ends(tiny_bert: Path, policy: Any) -> None:
    encoder = tiny_encoder(tiny_bert, context_tokens=20, too_long=policy)
    cut, short = encoder.tokenise(["card " * 100 + "refund", "card"])
    tokenizer = encoder._tokenizer
    assert (cut.truncated, short.truncated) == (True, False)
    assert len(cut.ids) == 20
    assert (cut.ids[0], cut.ids[-1]) == (tokenizer.cls_token_id, tokenizer.sep_token_id)
    assert ("refund" in tokenizer.decode(cut.ids)) == (policy == "head_tail")


def test_a_long_text_is_an_error_where_the_task_says_so(tiny_bert: Path) -> None:
    with pytest.raises(DataError, match=r"context of 18 tokens\n  got: 100 tokens: 'card card.*\n  fix: shorten"):
        tiny_encoder(tiny_bert, context_tokens=20, too_long="error").tokenise(["card " * 100])


def test_the_head_begins_at_the_cosine_with_the_labels_names(tiny_bert: Path) -> None:
    encoder, scorer = tiny_encoder(tiny_bert), tiny_encoder_scorer(tiny_bert)
    texts = encoder.embed([row.ids for row in encoder.tokenise(TEXTS)])
    names = encoder.embed([row.ids for row in encoder.tokenise([n.replace("_", " ") for n in LABELS.names])])
    got = score_all(scorer, [row.ids for row in scorer.tokenise(TEXTS)])
    np.testing.assert_allclose(got, HEAD_SCALE * texts @ names.T, atol=1e-4)


def test_every_weight_is_trained_and_resetting_brings_them_back(tiny_bert: Path) -> None:
    scorer = tiny_encoder_scorer(tiny_bert)
    rows = [row.ids for row in scorer.tokenise(TEXTS)]
    before = score_all(scorer, rows)
    body, head = scorer.trained()
    assert head.learning_rate_scale > body.learning_rate_scale
    assert set(head.tensors) == {"head.weight_KD", "head.bias_K"}
    assert len(body.tensors) == len(list(scorer._encoder.model.parameters()))
    assert all(p.requires_grad and p.dtype == torch.float32 for p in (body.tensors | head.tensors).values())
    with torch.no_grad():
        for p in (body.tensors | head.tensors).values():
            p.add_(0.01)
    assert not np.allclose(score_all(scorer, rows), before)
    scorer.reset(1)
    np.testing.assert_array_equal(score_all(scorer, rows), before)


def test_bf16_multiplies_coarsely_and_answers_in_float32(tiny_bert: Path) -> None:
    exact, coarse = tiny_encoder_scorer(tiny_bert), tiny_encoder_scorer(tiny_bert, precision="bf16")
    rows = [row.ids for row in exact.tokenise(TEXTS)]
    with torch.inference_mode():
        assert coarse.logits(rows).dtype == torch.float32
    difference = np.abs(score_all(exact, rows) - score_all(coarse, rows)).max()
    assert 0 < difference < 1.0
