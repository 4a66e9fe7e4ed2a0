"""Names scored in one pass are what a plain loop over labels finds that runs the whole text for each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from scipy.special import logsumexp

import tiny_models
from suffice.base_models.folder import described
from suffice.base_models.load import load_causal
from suffice.errors import ModelError
from suffice.kinds.classify import prompt
from suffice.kinds.prompts import Example
from suffice.predict import prepare
from suffice.predict.frame import Frame
from suffice.predict.label_names import END, LabelNames, label_names
from suffice.predict.layer import Layer
from suffice.predict.prompted import NameScorer

NAMES = ("card", "card lost", "card lost abroad", "refund", "refund pending", "why?")
TEXTS = (
    "Why?",
    "My card was declined in the shop this morning. Please help me.",
    "The transfer has not arrived after three days, and I wrote to you twice. How long does it take? What can I do?",
    "",
)
EXAMPLES = (Example(text="Where is it?", answer="refund pending"), Example(text="Stolen!", answer="card lost"))


@dataclass
class Tiny:
    """A scorer, and an untouched model of the same weights."""

    scorer: NameScorer
    names: LabelNames
    frame: Frame
    plain: Any

    def rows(self) -> list[tuple[int, ...]]:
        return [row.ids for row in self.frame.tokenise(TEXTS)]


def tiny(folder: Path, *, names: LabelNames | None = None, precision: Any = "fp32") -> Tiny:
    loaded = load_causal(described(folder, name="tiny", source="path", origin="tiny"), precision=precision)
    told = prompt("Sort the message into one category.", examples=EXAMPLES)
    frame = Frame(loaded.tokenizer, told, model_context=loaded.context, context_tokens=128, too_long="head_tail")
    eos = [loaded.tokenizer.eos_token_id]
    said = names or label_names(loaded.tokenizer, NAMES, after=told.after, end_of_text=eos)
    plain = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    return Tiny(NameScorer(loaded.model, frame=frame, names=said), said, frame, plain)


@pytest.fixture(params=["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def folder(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def log_probs(one: Tiny, row: tuple[int, ...], said: tuple[int, ...]) -> np.ndarray:
    """Of every token of the vocabulary behind a text, all of it run at once."""
    with torch.no_grad():
        logits = one.plain(input_ids=torch.tensor([[*one.frame.before, *row, *said]]), use_cache=False).logits[0, -1]
    return logits.double().log_softmax(-1).numpy()


def step(one: Tiny, behind: np.ndarray, token: int) -> float:
    return float(logsumexp(behind[list(one.names.ends)]) if token == END else behind[token])


def plain_scores(one: Tiny, *, restricted: bool) -> np.ndarray:
    """Label by label, path by path, token by token; what else might be said is found among all paths."""
    every = [path for paths in one.names.paths for path in paths]
    scores = np.empty((len(TEXTS), len(one.names.paths)))
    for n, row in enumerate(one.rows()):
        for k, paths in enumerate(one.names.paths):
            found = []
            for path in paths:
                total = 0.0
                for at, token in enumerate(path):
                    behind = log_probs(one, row, path[:at])
                    ways = {other[at] for other in every if other[:at] == path[:at]}
                    total += step(one, behind, token)
                    total -= logsumexp([step(one, behind, way) for way in ways]) if restricted else 0.0
                found.append(total)
            scores[n, k] = logsumexp(found)
    return scores


def test_probabilities_of_whole_names_are_those_of_a_plain_loop(folder: Path) -> None:
    one = tiny(folder)
    np.testing.assert_allclose(one.scorer.joint(one.rows()), plain_scores(one, restricted=False), atol=1e-4, rtol=1e-4)


def test_choices_among_names_are_those_of_a_plain_loop_and_sum_to_one(folder: Path) -> None:
    one = tiny(folder)
    got = one.scorer.chosen(one.rows())
    np.testing.assert_allclose(got, plain_scores(one, restricted=True), atol=1e-4, rtol=1e-4)
    np.testing.assert_allclose(np.exp(got).sum(axis=1), 1.0, atol=1e-9)
    # What is shared out is more for every label than what it had: nothing is lost to other answers.
    assert (got > one.scorer.joint(one.rows())).all()
    assert (np.exp(one.scorer.joint(one.rows())).sum(axis=1) < 1.0).all()


def test_a_name_with_two_ways_of_ending_has_the_probability_of_both(tiny_llama: Path) -> None:
    names = LabelNames(
        names=("a", "a?", "b"), paths=(((70, END),), ((70, 71, END), (70, 72)), ((73, 74, END),)), ends=(10, 11)
    )
    one = tiny(tiny_llama, names=names)
    np.testing.assert_allclose(one.scorer.joint(one.rows()), plain_scores(one, restricted=False), atol=1e-4)
    np.testing.assert_allclose(one.scorer.chosen(one.rows()), plain_scores(one, restricted=True), atol=1e-4)


def test_one_label_alone_is_certain(tiny_llama: Path) -> None:
    one = tiny(tiny_llama, names=LabelNames(names=("a",), paths=(((70, 71, END),),), ends=(10,)))
    assert one.scorer.chosen(one.rows()).tolist() == [[0.0]] * len(TEXTS)
    np.testing.assert_allclose(one.scorer.joint(one.rows()), plain_scores(one, restricted=False), atol=1e-4)


def test_messages_beside_it_change_no_message(folder: Path) -> None:
    one = tiny(folder)
    alone = np.concatenate([one.scorer.chosen([row]) for row in one.rows()])
    np.testing.assert_allclose(one.scorer.chosen(one.rows()), alone, atol=1e-4)


def test_layers_of_another_family_score_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = tiny(folder)
    monkeypatch.setattr(prepare, "_lean", lambda layer, *_, **__: layer)
    theirs = tiny(folder)
    assert not any(isinstance(layer, Layer) for layer in theirs.scorer._body.layers)
    np.testing.assert_allclose(theirs.scorer.joint(theirs.rows()), ours.scorer.joint(ours.rows()), atol=1e-4)


def test_the_vocabulary_in_parts_is_the_whole_vocabulary(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = tiny(tiny_llama)
    whole = one.scorer.joint(one.rows())
    monkeypatch.setattr("suffice.predict.prompted.VOCABULARY_STEP", 100)
    np.testing.assert_allclose(one.scorer.joint(one.rows()), whole, atol=1e-5)


def test_in_bfloat16_it_is_the_same_up_to_rounding(folder: Path) -> None:
    exact, coarse = tiny(folder), tiny(folder, precision="bf16")
    assert (exact.scorer.precision, coarse.scorer.precision) == ("fp32", "bf16")
    difference = np.abs(exact.scorer.chosen(exact.rows()) - coarse.scorer.chosen(coarse.rows()))
    assert 0 < difference.mean() < 0.3


def test_another_instruction_shares_the_model_and_leaves_the_first_as_it_was(tiny_llama: Path) -> None:
    one = tiny(tiny_llama)
    before = one.scorer.chosen(one.rows())
    frame = one.frame.around(prompt("Say what it is about."))
    other = one.scorer.behind(frame)
    assert other._body is one.scorer._body
    got = other.chosen([row.ids for row in other.tokenise(TEXTS)])
    assert not np.allclose(got, before, atol=1e-2)
    again = Tiny(other, one.names, frame, one.plain)
    np.testing.assert_allclose(got, plain_scores(again, restricted=True), atol=1e-4)
    np.testing.assert_array_equal(one.scorer.chosen(one.rows()), before)


def test_an_output_layer_with_a_bias_is_read_with_it(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bias = torch.nn.Parameter(torch.linspace(-2.0, 2.0, 640), requires_grad=False)
    load = load_causal

    def biased(*given: Any, **more: Any) -> Any:
        loaded = load(*given, **more)
        loaded.model.get_output_embeddings().bias = bias
        return loaded

    monkeypatch.setitem(globals(), "load_causal", biased)
    one = tiny(tiny_llama)
    one.plain.get_output_embeddings().bias = bias
    np.testing.assert_allclose(one.scorer.joint(one.rows()), plain_scores(one, restricted=False), atol=1e-4)


def test_logits_that_are_scaled_behind_the_output_layer_are_an_error(tmp_path: Path) -> None:
    folder = tiny_models.write_tiny_llama(tmp_path / "granite")
    (folder / "model.safetensors").unlink()
    config = transformers.GraniteConfig(
        vocab_size=640,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=256,
        logits_scaling=4.0,
    )
    transformers.GraniteForCausalLM(config).save_pretrained(folder)
    with pytest.raises(ModelError, match=r"for them to be read here\n  got: logits that are scaled.*\n  fix: choose"):
        tiny(folder)
