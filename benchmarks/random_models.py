"""Models of published shapes with random weights, and a tokenizer that is trained on the messages they are asked."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from tasks import SHORT, Banking77, Prompted
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, Qwen2Config

from suffice.base_models import BaseModelFiles, Causal, four_bit
from suffice.base_models.precision import Device
from suffice.kinds.classify import prompt
from suffice.predict.label_tokens import choose_label_tokens
from suffice.records.labels import LabelSet

QWEN = {"max_position_embeddings": 32_768, "rope_theta": 1_000_000.0, "rms_norm_eps": 1e-6}
SHAPES: dict[str, dict[str, Any]] = {
    "0.5B": QWEN
    | {"hidden_size": 896, "intermediate_size": 4_864, "num_hidden_layers": 24, "num_attention_heads": 14}
    | {"num_key_value_heads": 2, "vocab_size": 151_936, "tie_word_embeddings": True},
    "1.5B": QWEN
    | {"hidden_size": 1_536, "intermediate_size": 8_960, "num_hidden_layers": 28, "num_attention_heads": 12}
    | {"num_key_value_heads": 2, "vocab_size": 151_936, "tie_word_embeddings": True},
    "7B": QWEN
    | {"hidden_size": 3_584, "intermediate_size": 18_944, "num_hidden_layers": 28, "num_attention_heads": 28}
    | {"num_key_value_heads": 4, "vocab_size": 152_064, "tie_word_embeddings": False},
    "tiny": QWEN
    | {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    | {"num_key_value_heads": 2, "vocab_size": 8_192, "tie_word_embeddings": True},
}
"""Source: `config.json` of Qwen/Qwen2.5-0.5B-Instruct, -1.5B-Instruct and -7B-Instruct on the model hub."""
BASES = ("bf16", "4bit")
VOCABULARY = 8_192
"""Of the tokenizer, at most: Banking77's messages are then about as long as with a published one."""


@cache
def messages(data: Path | None) -> Banking77:
    """Messages and labels: Banking77's, or those that ship with the package.

    Args:
        data: folder of the data sets, or None.
    """
    if data is not None:
        return Banking77.read(data, "train")
    with (files("suffice") / "demo" / "messages.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = LabelSet.of(sorted({row["label"] for row in rows}))
    return Banking77(
        texts=[row["text"] for row in rows], y=[labels.names.index(row["label"]) for row in rows], labels=labels
    )


@cache
def _tokenizer(data: Path | None) -> PreTrainedTokenizerFast:
    """Byte-level BPE, trained on the messages and the prompt."""
    bank, frame = messages(data), prompt(SHORT)
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator([*bank.texts, *[f"{frame.before} {frame.after}"] * 10], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token="<|endoftext|>", pad_token="<|endoftext|>")


def prompted(shape: str, base: str, *, device: Device, data: Path | None, ours: bool) -> Prompted:
    """A model with random weights, drawn where it computes, with the words around every message.

    Args:
        shape: of the model, a key of `SHAPES`.
        base: what its frozen weights are kept in, one of `BASES`.
        device: where it computes.
        data: folder of the data sets; None takes the messages that ship with the package.
        ours: packed layers are ours, otherwise those of bitsandbytes.
    """
    tokenizer, frame, config = _tokenizer(data), prompt(SHORT), Qwen2Config(**SHAPES[shape])
    torch.manual_seed(0)
    with torch.device(device):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).eval().requires_grad_(False)
    if base == "4bit":
        _pack(model)
        if ours:
            four_bit.put_ours(model)
    nowhere = BaseModelFiles(
        name=shape,
        source="path",
        origin=f"random weights of shape {shape}",
        folder=Path(),
        fingerprint="",
        size_bytes=0,
        kind="causal",
    )
    loaded = Causal(files=nowhere, model=model, tokenizer=tokenizer, context=config.max_position_embeddings)
    labels = messages(data).labels
    tokens = choose_label_tokens(tokenizer, labels, after=frame.after)
    return Prompted(loaded=loaded, frame=frame, tokens=tokens, labels=labels)


def _pack(model: Any) -> None:
    """Packs the decoder's linear layers as loading from files would, without writing gigabytes first."""
    four_bit.import_quietly()
    from bitsandbytes.nn import Linear4bit, Params4bit  # noqa: PLC0415 (an extra)

    how, body = four_bit.packing(torch.bfloat16), model.get_decoder()
    same = {"compress_statistics": how.bnb_4bit_use_double_quant, "quant_type": how.bnb_4bit_quant_type}
    for name, layer in linears(body).items():
        device = layer.weight.device
        packed = Linear4bit(
            layer.in_features, layer.out_features, bias=False, compute_dtype=torch.bfloat16, device="meta", **same
        )
        packed.weight = Params4bit(layer.weight.data, requires_grad=False, **same).to(device)
        packed.bias = layer.bias
        parent, _, own = name.rpartition(".")
        setattr(body.get_submodule(parent), own, packed)
    model.is_loaded_in_4bit = True  # By this PEFT knows which of its layers to put there.


def linears(body: Any) -> dict[str, Any]:
    """Linear layers of a decoder by name, packed or not.

    Args:
        body: the decoder.
    """
    kinds = (torch.nn.Linear, four_bit.FourBitLinear)
    return {name: layer for name, layer in body.named_modules() if isinstance(layer, kinds)}
