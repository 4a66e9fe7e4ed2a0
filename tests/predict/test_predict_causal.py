"""One pass behind a shared instruction gives what the whole prompt gives, row by row, without a cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import tiny_models
from suffice.errors import DataError, ModelError, TaskError
from suffice.kinds.classify import default_instruction
from suffice.predict import prepare
from suffice.predict.batching import score_all
from suffice.predict.causal import HEAD_LEARNING_RATE_SCALE
from suffice.predict.layer import Layer, Norm
from suffice.predict.linears import Linears
from suffice.predict.lora import LoraShape
from tiny_scorers import INSTRUCTION, LABELS, TinyCausal, disturb, tiny_causal

CAUSAL = ["tiny_llama", "tiny_qwen2", "tiny_gemma3"]
TEXTS = (
    "Why?",
    "My card was declined in the shop this morning. Please help me.",
    "The transfer has not arrived after three days, and I wrote to you twice. How long does it take? What can I do?",
    "refund",
)


@pytest.fixture(params=CAUSAL)
def folder(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def scored(tiny: TinyCausal, texts: tuple[str, ...] = TEXTS) -> torch.Tensor:
    return torch.from_numpy(score_all(tiny.scorer, [row.ids for row in tiny.scorer.tokenise(texts)])).float()


@pytest.mark.parametrize("head", [False, True])
def test_logits_behind_the_shared_prefix_are_those_of_the_whole_prompt(folder: Path, head: bool) -> None:
    tiny = tiny_causal(folder, head=head)
    disturb(tiny.scorer)
    with torch.no_grad():
        plain = torch.stack([tiny.plain_logits(text) for text in TEXTS])
    torch.testing.assert_close(scored(tiny), plain, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("instruction", ["A", INSTRUCTION, default_instruction(LABELS) * 2])
def test_a_prefix_on_either_side_of_the_sliding_window_changes_nothing(tiny_gemma3: Path, instruction: str) -> None:
    tiny = tiny_causal(tiny_gemma3, instruction=instruction)
    disturb(tiny.scorer)
    assert (tiny.scorer.n_prefix_tokens > tiny_models.GEMMA_WINDOW) == (instruction != "A")
    with torch.no_grad():
        plain = torch.stack([tiny.plain_logits(text) for text in TEXTS])
    torch.testing.assert_close(scored(tiny), plain, atol=1e-4, rtol=1e-4)


def gradients(tiny: TinyCausal, logits: torch.Tensor) -> dict[str, torch.Tensor]:
    tensors = {name: p for group in tiny.scorer.trained() for name, p in group.tensors.items()}
    loss = torch.nn.functional.cross_entropy(logits, torch.arange(len(logits)) % len(LABELS))
    return dict(zip(tensors, torch.autograd.grad(loss, list(tensors.values())), strict=True))


def trained_logits(tiny: TinyCausal) -> torch.Tensor:
    tiny.scorer.train_mode(True)
    return tiny.scorer.logits([row.ids for row in tiny.scorer.tokenise(TEXTS)])


@pytest.mark.parametrize("head", [False, True])
def test_gradients_through_the_shared_prefix_are_those_of_the_whole_prompt(folder: Path, head: bool) -> None:
    tiny = tiny_causal(folder, head=head)
    disturb(tiny.scorer)
    plain = gradients(tiny, torch.stack([tiny.plain_logits(text) for text in TEXTS]))
    shared = gradients(tiny, trained_logits(tiny))
    assert shared.keys() == plain.keys()
    for name, expected in plain.items():
        assert torch.linalg.norm(shared[name] - expected) <= 1e-4 * torch.linalg.norm(expected), name
        assert torch.linalg.norm(expected) > 0, name


def test_operations_are_counted_at_the_tokens_that_a_layer_is_computed_at(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny, counted, forward = tiny_causal(folder), [], Linears.forward

    def counting(self: Linears, x_NI: torch.Tensor, **given: Any) -> Any:
        counted.append(4 * len(x_NI) * self.n_inputs * sum(self.sizes))
        return forward(self, x_NI, **given)

    monkeypatch.setattr(Linears, "forward", counting)
    rows = [row.ids for row in tiny.scorer.tokenise(TEXTS)]
    tiny.scorer.train_mode(True)
    tiny.scorer.logits(rows)
    n_tokens = tiny.scorer.n_prefix_tokens + sum(map(len, rows))
    assert n_tokens * tiny.scorer.flops_per_token + len(rows) * tiny.scorer.flops_per_row == sum(counted)
    assert tiny.scorer.flops_per_row > 0


def test_messages_of_other_lengths_beside_it_change_no_message(folder: Path) -> None:
    tiny = tiny_causal(folder)
    disturb(tiny.scorer)
    rows = [row.ids for row in tiny.scorer.tokenise(TEXTS)]
    assert len({len(row) for row in rows}) == len(rows)
    with torch.inference_mode():
        together, alone = tiny.scorer.logits(rows), torch.cat([tiny.scorer.logits([row]) for row in rows])
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("head", [False, True])
def test_an_adapter_made_part_of_the_base_answers_the_same(folder: Path, head: bool) -> None:
    tiny = tiny_causal(folder, head=head)
    disturb(tiny.scorer)
    before = scored(tiny)
    tiny.scorer.freeze()
    torch.testing.assert_close(scored(tiny), before, atol=1e-4, rtol=1e-4)


def test_a_frozen_adapter_cannot_be_trained(tiny_llama: Path) -> None:
    tiny = tiny_causal(tiny_llama)
    tiny.scorer.freeze()
    tiny.scorer.train_mode(True)
    loss = tiny.scorer.logits([row.ids for row in tiny.scorer.tokenise(TEXTS)]).sum()
    with pytest.raises(AssertionError, match="merged layers are not trained"):
        loss.backward()


def test_every_layer_of_the_three_architectures_is_ours(folder: Path) -> None:
    layers = tiny_causal(folder).model.get_decoder().layers
    assert all(isinstance(layer, Layer) for layer in layers)


def test_layers_of_another_family_are_left_as_they_are_and_score_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = tiny_causal(folder)
    disturb(ours.scorer)
    monkeypatch.setattr(prepare, "_lean", lambda layer, *_, **__: layer)
    theirs = tiny_causal(folder)
    disturb(theirs.scorer)
    assert not any(isinstance(layer, Layer) for layer in theirs.model.get_decoder().layers)
    torch.testing.assert_close(scored(theirs), scored(ours), atol=1e-4, rtol=1e-4)
    expected = gradients(ours, trained_logits(ours))
    for name, got in gradients(theirs, trained_logits(theirs)).items():
        assert torch.linalg.norm(got - expected[name]) <= 1e-4 * torch.linalg.norm(expected[name]), name


def test_a_layer_that_computes_something_else_is_not_taken_for_ours(
    tiny_llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    norm = Norm.forward
    monkeypatch.setattr(Norm, "forward", lambda self, x: (norm(self, x)[0] * 1.01, norm(self, x)[1]))
    layers = tiny_causal(tiny_llama).model.get_decoder().layers
    assert not any(isinstance(layer, Layer) for layer in layers)


def test_an_architecture_in_which_messages_would_see_one_another_is_refused(tmp_path: Path) -> None:
    # Every other layer of LFM2 is a convolution over neighbouring tokens.
    folder = tiny_models.write_tiny_llama(tmp_path / "lfm2")
    config = transformers.Lfm2Config(
        vocab_size=700,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        layer_types=["conv", "full_attention"],
    )
    for stale in folder.glob("*.safetensors"):
        stale.unlink()
    transformers.Lfm2ForCausalLM(config).save_pretrained(folder)
    with pytest.raises(ModelError, match=r"in one sequence.*\n  got: 1 attention layers of 2 layers\n  fix: choose"):
        tiny_causal(folder)


def test_capped_scores_are_an_error(tiny_llama: Path) -> None:
    with pytest.raises(ModelError, match=r"scaled inner product\n  got: capped scores\n  fix: choose a base model"):
        prepare._attention(None, *[torch.zeros(1)] * 3, None, scaling=1.0, packed=None, softcap=50.0)


def test_a_new_adapter_changes_nothing(folder: Path) -> None:
    tiny = tiny_causal(folder)
    before = scored(tiny)
    for layer in tiny.scorer.adapters.values():
        layer.scale = 1_000.0
    tiny.scorer.train_mode(False)
    assert torch.equal(scored(tiny), before)
    disturb(tiny.scorer)
    assert not torch.allclose(scored(tiny), before, atol=0.1)


def test_the_seed_draws_the_adapter_and_resetting_brings_back_the_head(tiny_llama: Path) -> None:
    tiny = tiny_causal(tiny_llama, head=True)

    def state() -> dict[str, torch.Tensor]:
        return {name: p.detach().clone() for group in tiny.scorer.trained() for name, p in group.tensors.items()}

    fresh = state()
    disturb(tiny.scorer)
    tiny.scorer.reset(0)
    again = state()
    assert all(torch.equal(fresh[name], again[name]) for name in fresh)
    tiny.scorer.reset(1)
    other = state()
    assert {name for name in fresh if not torch.equal(fresh[name], other[name])} == {
        name for name in fresh if name.endswith("lora_A")
    }


def test_only_adapter_and_head_are_trained_and_the_head_faster(tiny_llama: Path) -> None:
    tokens, head = tiny_causal(tiny_llama), tiny_causal(tiny_llama, head=True)
    assert [group.learning_rate_scale for group in tokens.scorer.trained()] == [1.0]
    assert [group.learning_rate_scale for group in head.scorer.trained()] == [1.0, HEAD_LEARNING_RATE_SCALE]
    assert set(head.scorer.trained()[1].tensors) == {"head.weight_KD", "head.bias_K"}
    trained = {id(p) for group in head.scorer.trained() for p in group.tensors.values()}
    everything = [p for module in (head.model, *head.layers) for p in module.parameters()]
    wants = {id(p) for p in everything if p.requires_grad}
    assert wants == {id(p) for p in head.scorer.trained()[0].tensors.values()}
    assert wants < trained


def test_training_again_forgets_the_instruction_of_the_older_adapter(tiny_llama: Path) -> None:
    tiny = tiny_causal(tiny_llama)
    before = scored(tiny)
    tiny.scorer.train_mode(True)
    with torch.no_grad():
        for name, p in tiny.scorer.trained()[0].tensors.items():
            if name.endswith("lora_B"):
                p.fill_(0.05)
    tiny.scorer.train_mode(False)
    with torch.no_grad():
        plain = torch.stack([tiny.plain_logits(text) for text in TEXTS])
    torch.testing.assert_close(scored(tiny), plain, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(scored(tiny), before, atol=1e-3)


def test_dropout_is_of_training_alone(tiny_llama: Path) -> None:
    tiny = tiny_causal(tiny_llama, lora=LoraShape(rank=4, alpha=8.0, dropout=0.5))
    disturb(tiny.scorer)
    assert torch.equal(scored(tiny), scored(tiny))
    tiny.scorer.train_mode(True)
    rows = [row.ids for row in tiny.scorer.tokenise(TEXTS)]
    assert not torch.equal(tiny.scorer.logits(rows), tiny.scorer.logits(rows))


def test_a_beginning_of_text_token_stands_only_where_the_tokenizer_puts_one(folder: Path) -> None:
    tiny = tiny_causal(folder)
    plain = tiny.tokenizer(tiny.before, add_special_tokens=False).input_ids
    begins = "gemma" in folder.name
    assert tiny.scorer.n_prefix_tokens == len(plain) + begins
    assert (tiny.tokenizer("a").input_ids[0] == tiny.tokenizer.bos_token_id) is begins


@pytest.mark.parametrize(
    "text", [*TEXTS, "I paid 12.50 for it!", "wrong???", "  blanks around  ", "café, déjà vu", "a\nb"]
)
def test_prompt_segments_apart_are_the_whole_prompt_at_once(folder: Path, text: str) -> None:
    tiny = tiny_causal(folder)
    whole = tiny.tokenizer(f"{tiny.before} {text.strip()}{tiny.after}").input_ids
    (row,) = tiny.scorer.tokenise([text])
    assert list(row.ids) == whole[tiny.scorer.n_prefix_tokens :]
    assert not row.truncated


@pytest.mark.parametrize("policy", ["head", "head_tail"])
def test_long_messages_are_cut_flagged_and_keep_what_follows(folder: Path, policy: str) -> None:
    tiny = tiny_causal(folder, context_tokens=40, too_long=policy)
    text = " ".join(f"word{i}" for i in range(200)) + " the very end"
    cut, short = tiny.scorer.tokenise([text, "short"])
    after = tiny.tokenizer(tiny.after, add_special_tokens=False).input_ids
    assert (cut.truncated, short.truncated) == (True, False)
    assert len(cut.ids) == 40
    assert list(cut.ids[-len(after) :]) == after
    said = tiny.tokenizer.decode(cut.ids)
    assert said.startswith(" word0 word1")
    assert ("end" in said) == (policy == "head_tail")


def test_a_long_message_is_an_error_where_the_task_says_so(folder: Path) -> None:
    tiny = tiny_causal(folder, context_tokens=40, too_long="error")
    fits = "My card was declined."
    assert not tiny.scorer.tokenise([fits])[0].truncated
    with pytest.raises(DataError, match=r"tokens: 'word word.*\n  fix: shorten the text, or set too_long=head_tail"):
        tiny.scorer.tokenise([fits, "word " * 100])


def test_an_instruction_that_leaves_no_room_is_an_error(tiny_llama: Path) -> None:
    with pytest.raises(TaskError, match=r"context of 256 tokens\n  got: an instruction of .* tokens\n  fix: shorten"):
        tiny_causal(tiny_llama, instruction="word " * 200)


def test_the_context_of_the_model_bounds_the_message(tiny_llama: Path) -> None:
    tiny = tiny_causal(tiny_llama, context_tokens=10_000)
    (row,) = tiny.scorer.tokenise(["word " * 1_000])
    assert len(row.ids) == tiny_models.CONTEXT - tiny.scorer.n_prefix_tokens
    assert np.isfinite(score_all(tiny.scorer, [row.ids])).all()


def test_no_message_is_no_row(tiny_llama: Path) -> None:
    assert tiny_causal(tiny_llama).scorer.tokenise([]) == []
