"""A trained adapter in PEFT's format, so that any server that reads PEFT can load it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from suffice.base_models.four_bit import import_quietly
from suffice.predict.adapted import AdaptedDecoder
from suffice.predict.lora import LoraShape

_PEFT_PREFIX = "base_model.model.model."
"""PEFT's name of the decoder inside a wrapped causal language model."""
_ENDS = (".lora_A.weight", ".lora_B.weight")
"""PEFT's names of a layer's two matrices."""


def save_adapter(folder: Path, scorer: AdaptedDecoder, *, lora: LoraShape, base: str) -> None:
    """Writes `adapter_config.json`, `adapter_model.safetensors`, and `head.safetensors` where there is a head.

    Args:
        folder: where to.
        scorer: the trained network.
        lora: size of the adapter.
        base: what PEFT is told that the base is.
    """
    tensors = {name: (layer.lora_A, layer.lora_B) for name, layer in scorer.adapters.items()}
    save_updates(folder, tensors, lora=lora, base=base)
    head = _head_state(scorer)
    if head:
        save_file(head, folder / "head.safetensors")


def save_updates(
    folder: Path, tensors: Mapping[str, tuple[torch.Tensor, torch.Tensor]], *, lora: LoraShape, base: str
) -> None:
    """Writes `adapter_config.json` and `adapter_model.safetensors`.

    Args:
        folder: where to.
        tensors: A and B by the name of their layer inside the decoder, shapes [R, I] and [O, R].
        lora: size of the adapter.
        base: what PEFT is told that the base is.
    """
    import_quietly()  # PEFT imports bitsandbytes wherever it is installed.
    from peft import LoraConfig  # noqa: PLC0415

    config = LoraConfig(
        r=lora.rank,
        lora_alpha=int(lora.alpha) if float(lora.alpha).is_integer() else lora.alpha,
        lora_dropout=lora.dropout,
        use_rslora=lora.rank_stabilised,
        target_modules=sorted({name.rpartition(".")[2] for name in tensors}),
        bias="none",
        task_type="CAUSAL_LM",
        base_model_name_or_path=base,
        inference_mode=True,
    )
    # PEFT makes a set of the names, which a process writes in an order of its own: the file must be the same each time.
    config.target_modules = sorted(config.target_modules)
    config.save_pretrained(str(folder))
    state = {
        f"{_PEFT_PREFIX}{name}{end}": tensor.detach().cpu().contiguous()
        for k, end in enumerate(_ENDS)
        for name, tensor in ((name, pair[k]) for name, pair in tensors.items())
    }
    save_file(state, folder / "adapter_model.safetensors", metadata={"format": "pt"})


def load_adapter(folder: Path, scorer: AdaptedDecoder) -> None:
    """Reads what `save_adapter` wrote into a scorer of the same shape.

    Args:
        folder: where it lies.
        scorer: the network; changed in place.
    """
    state = load_file(folder / "adapter_model.safetensors") | load_head(folder)
    with torch.no_grad():
        for name, tensor in (_adapter_tensors(scorer) | _head_tensors(scorer)).items():
            tensor.copy_(state[name])
    scorer.train_mode(False)


def load_updates(folder: Path) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """A and B by the name of their layer inside the decoder, shapes [R, I] and [O, R].

    Args:
        folder: where `save_adapter` wrote.
    """
    state, (end_a, end_b) = load_file(folder / "adapter_model.safetensors"), _ENDS
    names = [name for name in state if name.endswith(end_a)]
    bare = [name.removeprefix(_PEFT_PREFIX).removesuffix(end_a) for name in names]
    return {
        layer: (state[name], state[name.removesuffix(end_a) + end_b]) for layer, name in zip(bare, names, strict=True)
    }


def load_head(folder: Path) -> dict[str, torch.Tensor]:
    """The head's parameters by the name under which a scorer trains them; none where there is no head.

    Args:
        folder: where `save_adapter` wrote.
    """
    path = folder / "head.safetensors"
    return load_file(path) if path.exists() else {}


def _adapter_tensors(scorer: AdaptedDecoder) -> dict[str, torch.nn.Parameter]:
    end_a, end_b = _ENDS
    a = {f"{_PEFT_PREFIX}{name}{end_a}": layer.lora_A for name, layer in scorer.adapters.items()}
    b = {f"{_PEFT_PREFIX}{name}{end_b}": layer.lora_B for name, layer in scorer.adapters.items()}
    return a | b


def _head_tensors(scorer: AdaptedDecoder) -> dict[str, torch.nn.Parameter]:
    return {name: p for group in scorer.trained() for name, p in group.tensors.items() if name.startswith("head.")}


def _head_state(scorer: AdaptedDecoder) -> dict[str, torch.Tensor]:
    return {name: p.detach().cpu().contiguous() for name, p in _head_tensors(scorer).items()}
