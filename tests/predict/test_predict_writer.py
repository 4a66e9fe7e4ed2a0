"""The loss of completions and its gradient are those of transformers with PEFT, over the completion's tokens alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from suffice.predict import output_layer
from suffice.predict.completer import shared_beginning
from suffice.predict.lora import Adapter
from suffice.predict.scorer import Tokens
from suffice.predict.writer import CausalWriter
from tiny_completers import SHAPE, adapter_of, flat, loaded, peft_parameters, prompts_of, with_peft

# PEFT asks transformers under a name of old.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
ANSWERS = ("Yes.", "It was blocked, please wait three days.", "No", "B")


@pytest.fixture(params=["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def folder(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def examples(folder: Path) -> tuple[list[Tokens], list[Tokens]]:
    tokenizer = loaded(folder).tokenizer
    prompts = [one.tokens for one in prompts_of(tokenizer)][: len(ANSWERS)]
    said = [(*tokenizer(answer, add_special_tokens=False).input_ids, tokenizer.eos_token_id) for answer in ANSWERS]
    return prompts, said


def writer_of(folder: Path, adapter: Adapter, *, before: Tokens, keep_inputs_alone: bool = False) -> CausalWriter:
    writer = CausalWriter(loaded(folder).model, before=before, lora=SHAPE, keep_inputs_alone=keep_inputs_alone)
    with torch.no_grad():
        for name, (a, b) in adapter.tensors.items():
            writer.adapters[name].lora_A.copy_(a)
            writer.adapters[name].lora_B.copy_(b)
    return writer


@pytest.mark.parametrize("shared", ["all", "some", "nothing"])
def test_losses_and_gradients_are_those_of_transformers_with_peft(
    folder: Path, shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_layer, "TOKENS_AT_ONCE", 5)
    prompts, said = examples(folder)
    adapter, whole = adapter_of(folder), shared_beginning(prompts)
    before = {"all": whole, "some": whole[:4], "nothing": ()}[shared]
    peer = with_peft(folder, adapter)
    expected = []
    for prompt, completion in zip(prompts, said, strict=True):
        logits = peer(input_ids=torch.tensor([[*prompt, *completion]])).logits[0, len(prompt) - 1 : -1]
        expected.append(torch.nn.functional.cross_entropy(logits, torch.tensor(completion), reduction="none"))
    torch.cat(expected).mean().backward()
    writer = writer_of(folder, adapter, before=before)
    with torch.inference_mode():
        torch.testing.assert_close(writer.losses(prompts, said), torch.cat(expected).detach(), atol=1e-4, rtol=1e-4)
    writer.train_mode(True)
    found = writer.losses(prompts, said)
    torch.testing.assert_close(found, torch.cat(expected), atol=1e-4, rtol=1e-4)
    found.mean().backward()
    for theirs, (name, which) in zip(
        peft_parameters(peer, adapter), ((n, w) for n in adapter.tensors for w in ("lora_A", "lora_B")), strict=True
    ):
        torch.testing.assert_close(getattr(writer.adapters[name], which).grad, theirs.grad, atol=2e-5, rtol=1e-3)


def test_layers_that_are_computed_again_give_the_same_gradient(tiny_llama: Path) -> None:
    prompts, said = examples(tiny_llama)
    adapter, gradients = adapter_of(tiny_llama), []
    for keep_inputs_alone in (False, True):
        writer = writer_of(tiny_llama, adapter, before=shared_beginning(prompts), keep_inputs_alone=keep_inputs_alone)
        writer.train_mode(True)
        writer.losses(prompts, said).mean().backward()
        gradients.append([layer.lora_A.grad for layer in writer.adapters.values()])
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


def test_the_adapter_is_given_as_it_is_and_does_not_change_afterwards(tiny_llama: Path) -> None:
    adapter = adapter_of(tiny_llama)
    writer = writer_of(tiny_llama, adapter, before=())
    given = writer.adapter()
    writer.reset(3)
    assert given.shape == SHAPE
    assert all(torch.equal(a, b) for a, b in zip(flat(given), flat(adapter), strict=True))
