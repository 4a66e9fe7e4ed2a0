"""A base model's files to the model itself, frozen and in eval mode, with its tokenizer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from suffice.base_models.catalogue import Kind
from suffice.base_models.folder import BaseModelFiles
from suffice.base_models.memory import give_back_freed_memory
from suffice.base_models.precision import Device, Format, usable_cores
from suffice.base_models.quiet import quiet
from suffice.errors import ModelError, Problem, quoted
from suffice.records.task import BaseWeights

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

DEFAULT_CONTEXT = 2_048
"""Positions of a model whose configuration names none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Causal:
    """A causal language model."""

    files: BaseModelFiles
    """What it was loaded from."""
    model: PreTrainedModel
    """In eval mode, no parameter requires a gradient, eager attention on a processor."""
    tokenizer: PreTrainedTokenizerBase
    """Pads on the right; has a pad token; neither shortens nor pads unless asked to."""
    context: int
    """Positions: the most tokens that one sequence may have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoder:
    """A model that gives one vector per token."""

    files: BaseModelFiles
    """What it was loaded from."""
    model: PreTrainedModel
    """In eval mode, no parameter requires a gradient."""
    tokenizer: PreTrainedTokenizerBase
    """Neither shortens nor pads unless asked to."""
    context: int
    """The most tokens that one text may have, special ones included: what its folder says, else its positions."""
    pooling: Literal["mean", "cls"]
    """How token vectors become one vector of a text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """A model's tokenizer without its weights."""

    tokenizer: PreTrainedTokenizerBase
    """As the model's own record has it."""
    context: int
    """As the model's own record has it."""


def load_tokenizer(files: BaseModelFiles) -> Reader:
    """Loads what turns texts into tokens, and how many of them the model takes.

    Args:
        files: what `locate` found.

    Raises:
        ModelError: files that transformers cannot read.
    """
    from transformers import AutoConfig  # noqa: PLC0415

    tokenizer = _tokenizer(files)
    try:
        with quiet():
            config = AutoConfig.from_pretrained(files.folder, local_files_only=True, trust_remote_code=False)
    except (KeyError, OSError, ValueError) as error:
        raise ModelError(_unloadable(files, got=f"config.json: {str(error).partition(chr(10))[0]}")) from error
    return Reader(tokenizer=tokenizer, context=_context(files, config, tokenizer))


def load_causal(
    files: BaseModelFiles, *, precision: Format, device: Device = "cpu", weights: BaseWeights = "full"
) -> Causal:
    """Loads a causal language model.

    Args:
        files: what `locate` found.
        precision: number format of the weights in memory, and of what is multiplied.
        device: where the model computes.
        weights: `4bit` packs the linear layers of the decoder while they are read.

    Raises:
        ModelError: an encoder, files that transformers cannot load whole, or bitsandbytes is needed and missing.
    """
    _require(files, kind="causal")
    from transformers import AutoModelForCausalLM  # noqa: PLC0415 (loads torch, which takes seconds)

    load = AutoModelForCausalLM.from_pretrained
    if weights == "4bit":
        model = _loaded_packed(load, files, precision=precision, device=device)
    else:
        model = _loaded(load, files, precision=precision, device=device).to(device)
    tokenizer = _tokenizer(files)
    return Causal(files=files, model=model, tokenizer=tokenizer, context=_context(files, model.config, tokenizer))


def load_encoder(files: BaseModelFiles, *, precision: Format, device: Device = "cpu") -> Encoder:
    """Loads an encoder.

    Args:
        files: what `locate` found.
        precision: number format of the weights in memory.
        device: where the model computes.

    Raises:
        ModelError: a causal model, files that transformers cannot load whole, or a pooling that is not done here.
    """
    _require(files, kind="encoder")
    from transformers import AutoModel  # noqa: PLC0415

    model = _loaded(AutoModel.from_pretrained, files, precision=precision, device=device).to(device)
    tokenizer = _tokenizer(files)
    context = _context(files, model.config, tokenizer)
    return Encoder(files=files, model=model, tokenizer=tokenizer, context=context, pooling=_pooling(files))


def _require(files: BaseModelFiles, *, kind: Kind) -> None:
    if files.kind == kind:
        return
    named = {"causal": "a causal language model", "encoder": "an encoder"}
    raise ModelError(
        Problem(
            where=files.origin,
            rule=f"the base model must be {named[kind]} here",
            got=named[files.kind],
            fix=f"choose a base model of kind {kind}; `suffice models list` shows the kinds",
        )
    )


def _loaded_packed(load: Callable[..., Any], files: BaseModelFiles, *, precision: Format, device: Device) -> Any:
    from suffice.base_models import four_bit  # noqa: PLC0415

    four_bit.require_installed()
    four_bit.import_quietly()
    how = {"quantization_config": four_bit.packing(_dtype(precision)), "device_map": {"": device}}
    model = _loaded(partial(load, **how), files, precision=precision, device=device)
    four_bit.put_ours(model)
    give_back_freed_memory()
    return model


def _keep_to_quota() -> None:
    """No more threads than cores may be used: PyTorch counts those of the machine, whatever the container grants."""
    import torch  # noqa: PLC0415

    torch.set_num_threads(min(torch.get_num_threads(), usable_cores()))


def _dtype(precision: Format) -> Any:
    import torch  # noqa: PLC0415

    return torch.bfloat16 if precision == "bf16" else torch.float32


def _loaded(load: Callable[..., Any], files: BaseModelFiles, *, precision: Format, device: Device) -> Any:
    """The model with every weight from the files; transformers would draw missing ones by chance."""
    _keep_to_quota()
    try:
        with quiet():
            model, loading = load(
                files.folder,
                dtype=_dtype(precision),
                attn_implementation="eager" if device == "cpu" else "sdpa",
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
    except (AttributeError, ImportError, KeyError, OSError, RuntimeError, TypeError, ValueError) as error:
        raise ModelError(
            _unloadable(files, got=f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
        ) from error
    # A pooler turns the first token into a vector of its own; mean pooling and heads of ours do not use it.
    missing = sorted(name for name in loading["missing_keys"] if "pooler" not in name)
    if missing:
        got = f"{len(missing)} weights missing, {', '.join(missing[:3])} first"
        raise ModelError(_unloadable(files, got=got))
    return model.eval().requires_grad_(False)


def _tokenizer(files: BaseModelFiles) -> Any:
    """The tokenizer as `tokenizer.json` states it; classes of single models would rebuild it by their own rules."""
    from transformers import AutoTokenizer, PreTrainedTokenizerFast  # noqa: PLC0415

    stated = (files.folder / "tokenizer.json").is_file()
    kind = PreTrainedTokenizerFast if stated else AutoTokenizer
    try:
        with quiet():
            tokenizer = kind.from_pretrained(files.folder, local_files_only=True)
    except Exception as error:  # tokenizers raises plain Exception for a file that it cannot read.
        raise ModelError(_unloadable(files, got=f"tokenizer: {str(error).partition(chr(10))[0]}")) from error
    tokenizer.padding_side = "right"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    if stated:  # Sentence encoders ship with a length of 128 written into the file, which would shorten texts unseen.
        tokenizer.backend_tokenizer.no_truncation()
        tokenizer.backend_tokenizer.no_padding()
    return tokenizer


def _context(files: BaseModelFiles, config: Any, tokenizer: Any) -> int:
    positions = getattr(config, "max_position_embeddings", None) or DEFAULT_CONTEXT
    trained_with = _sidecar(files, "sentence_bert_config.json").get("max_seq_length") or positions
    return min(int(positions), int(tokenizer.model_max_length), int(trained_with))


def _pooling(files: BaseModelFiles) -> Literal["mean", "cls"]:
    said = _sidecar(files, "1_Pooling/config.json")
    modes = [key for key, value in said.items() if key.startswith("pooling_mode") and value is True]
    if modes in ([], ["pooling_mode_mean_tokens"]):
        return "mean"
    if modes == ["pooling_mode_cls_token"]:
        return "cls"
    raise ModelError(
        Problem(
            where=files.origin,
            rule="an encoder must pool by mean or by its first token",
            got=f"{quoted(modes)} in 1_Pooling/config.json",
            fix="choose another encoder, such as minilm-l6",
        )
    )


def _sidecar(files: BaseModelFiles, name: str) -> dict[str, Any]:
    file = files.folder / name
    try:
        content = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except ValueError as error:
        raise ModelError(_unloadable(files, got=f"{name}: {error}")) from error
    return content if isinstance(content, dict) else {}


def _unloadable(files: BaseModelFiles, *, got: str) -> Problem:
    import transformers  # noqa: PLC0415

    return Problem(
        where=files.origin,
        rule=f"transformers {transformers.__version__} must be able to load the base model with every weight",
        got=got,
        fix="fetch the model again, or choose one whose architecture this version knows without code of its own",
    )
