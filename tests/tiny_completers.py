"""Completers over the tiny models, and transformers' own generation beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import peft
import torch

from suffice.base_models.folder import described
from suffice.base_models.load import Causal, load_causal
from suffice.predict.completer import Asked, Completer
from suffice.predict.lora import Adapter, LoraShape
from suffice.records.completion import Completion, Decoding

SHAPE = LoraShape(rank=4, alpha=8.0, dropout=0.0)
PROMPTS = (
    "My card was declined in the shop this morning. Please help me.",
    "The transfer",
    "My refund has not arrived after three days. What can I do? My account shows the wrong exchange rate.",
    "Why?",
    "The payment charged me a fee twice. I want my money back!",
    "Your app does not accept my new address.",
    "label category message answer",
)
INSTRUCTION = "Answer the question of a customer. Be brief.\n\n"


def loaded(folder: Path) -> Causal:
    return load_causal(described(folder, name="tiny", source="path", origin="tiny"), precision="fp32")


def prompts_of(tokenizer: Any, texts: Sequence[str] = PROMPTS, *, instruction: str = INSTRUCTION) -> list[Asked]:
    encoded = [tuple(tokenizer(instruction + text).input_ids) for text in texts]
    return [Asked(id=f"row-{number}", tokens=tokens) for number, tokens in enumerate(encoded)]


def adapter_of(folder: Path, *, seed: int = 1) -> Adapter:
    """An update that matters, on every linear layer of the decoder."""
    layers = [
        (name, layer)
        for name, layer in loaded(folder).model.get_decoder().named_modules()
        if isinstance(layer, torch.nn.Linear)
    ]
    drawn = torch.Generator().manual_seed(seed)
    tensors = {
        name: (
            0.2 * torch.randn(SHAPE.rank, layer.in_features, generator=drawn),
            0.2 * torch.randn(layer.out_features, SHAPE.rank, generator=drawn),
        )
        for name, layer in layers
    }
    return Adapter(shape=SHAPE, tensors=tensors)


def with_peft(folder: Path, adapter: Adapter) -> Any:
    """The model of transformers with PEFT's own layers, which hold the adapter."""
    names = sorted({name.rpartition(".")[2] for name in adapter.tensors})
    config = peft.LoraConfig(
        r=SHAPE.rank, lora_alpha=SHAPE.alpha, lora_dropout=0.0, target_modules=names, task_type="CAUSAL_LM"
    )
    model = peft.get_peft_model(loaded(folder).model, config).eval()
    with torch.no_grad():
        for parameter, value in zip(peft_parameters(model, adapter), flat(adapter), strict=True):
            parameter.copy_(value)
    return model


def peft_parameters(model: Any, adapter: Adapter) -> list[torch.nn.Parameter]:
    """PEFT's A and B of each layer, in the adapter's order."""
    own = dict(model.named_parameters())
    return [own[f"base_model.model.model.{name}.lora_{m}.default.weight"] for name in adapter.tensors for m in "AB"]


def flat(adapter: Adapter) -> list[torch.Tensor]:
    """A and B of each layer."""
    return [tensor for pair in adapter.tensors.values() for tensor in pair]


def generated(
    folder: Path, asked: Sequence[Asked], *, n_new: int, adapter: Adapter | None = None, ends: Sequence[int]
) -> dict[str, list[int]]:
    """What transformers' `generate` writes, row by row, greedily; with PEFT's own layers where there is an adapter."""
    model: Any = loaded(folder).model if adapter is None else with_peft(folder, adapter)
    written = {}
    for one in asked:
        ids = torch.tensor([one.tokens])
        with torch.no_grad():
            out = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=n_new,
                do_sample=False,
                eos_token_id=list(ends),
                pad_token_id=0,
            )
        written[one.id] = out[0, len(one.tokens) :].tolist()
    return written


def completed(
    completer: Completer, asked: Sequence[Asked], *, before: tuple[int, ...], **decoding: Any
) -> dict[str, Completion]:
    """Completions by the id of their row; the order in which they end is the engine's."""
    found = list(completer.complete(asked, before=before, decoding=Decoding(**decoding)))
    assert len(found) == len(asked), "every prompt has one completion"
    return {one.id: one for one in found}
