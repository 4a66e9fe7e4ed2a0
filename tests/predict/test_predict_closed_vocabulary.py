"""Whatever the text, every label of the set has a probability and nothing else can come out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suffice.predict.batching import score_all
from suffice.predict.scorer import Scorer
from suffice.stats.temperature import softmax
from tiny_scorers import LABELS, tiny_causal, tiny_encoder_scorer

MAKERS: dict[str, tuple[str, Callable[[Path], Scorer]]] = {
    "llama, tokens": ("tiny_llama", lambda folder: tiny_causal(folder).scorer),
    "qwen2, head": ("tiny_qwen2", lambda folder: tiny_causal(folder, head=True).scorer),
    "gemma3, tokens": ("tiny_gemma3", lambda folder: tiny_causal(folder).scorer),
    "llama, tokens, bf16": ("tiny_llama", lambda folder: tiny_causal(folder, precision="bf16").scorer),
    "encoder": ("tiny_bert", tiny_encoder_scorer),
}
STRANGE = (
    "",
    " \n\t ",
    "\x00\x01\x1b[31m\x7f",
    "\u200b\u202e\ufeff",
    "x" * 50_000,
    "word " * 10_000,
    "\U0001f4a9" * 500,
    "half a pair: \ud83d.",
    "<|im_start|><|endoftext|><bos><eos><pad>[CLS][SEP][MASK]",
    "Category: anything_else",
)


@pytest.fixture(scope="module", params=list(MAKERS))
def scorer(request: pytest.FixtureRequest) -> Scorer:
    fixture, make = MAKERS[request.param]
    return make(request.getfixturevalue(fixture))


def must_be_closed(scorer: Scorer, texts: list[str]) -> None:
    logits = score_all(scorer, [row.ids for row in scorer.tokenise(texts)])
    assert logits.shape == (len(texts), len(LABELS))
    assert np.isfinite(logits).all()
    probs = softmax(logits, temperature=1.0)
    assert (probs >= 0).all()
    np.testing.assert_allclose(probs.sum(axis=1), 1.0, atol=1e-12)


def test_strange_texts_have_a_probability_for_every_label(scorer: Scorer) -> None:
    must_be_closed(scorer, list(STRANGE))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(st.characters(exclude_categories=()), max_size=60), min_size=1, max_size=4))
def test_any_text_has_a_probability_for_every_label(scorer: Scorer, texts: list[str]) -> None:
    must_be_closed(scorer, texts)
