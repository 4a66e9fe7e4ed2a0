"""A GGUF file to a model folder: weights unpacked to safetensors once, the tokenizer as upstream has it."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gguf
import torch
import transformers
from gguf import GGMLQuantizationType
from transformers import modeling_gguf_pytorch_utils as unpacking
from transformers.integrations.gguf import GGUF_ARCHS

from suffice.base_models.gguf_file import FLOATS, GgufFile
from suffice.base_models.gguf_tokenizer import gguf_tokenizer
from suffice.base_models.quiet import quiet, swapped
from suffice.errors import ModelError, Problem, quoted
from suffice.records.progress import Progress

NOT_CAUSAL = {"general", "tokenizer", "t5", "umt5"}
"""Names that transformers lists beside the architectures of causal language models."""


def architectures() -> tuple[str, ...]:
    """Architectures of GGUF files that transformers converts to a causal language model."""
    return tuple(sorted({*unpacking.GGUF_SUPPORTED_ARCHITECTURES, *GGUF_ARCHS} - NOT_CAUSAL))


def stored_dtype(head: GgufFile) -> torch.dtype:
    """The number format that a file's weights are written in.

    Plain numbers keep their type. Packed ones become bfloat16, the type that these models are published in: for
    SmolLM2-135M as Q4_1 that rounding moves the next-token distribution by 4.5e-5 nats, a twentieth of what computing
    in bfloat16 does (8.4e-4), and float32 would double the size of everything that ships. A run in bfloat16 is the same
    either way: the numbers are rounded once.
    """
    if not head.types <= set(FLOATS):
        return torch.bfloat16
    halves = {GGMLQuantizationType.F16: torch.float16, GGMLQuantizationType.BF16: torch.bfloat16}
    # Norms stand as float32 beside half-precision weights, so one half type is the model's; two fit only in float32.
    found = [halves[kind] for kind in head.types if kind in halves]
    return found[0] if len(found) == 1 else torch.float32


def check_architecture(head: GgufFile, *, where: str) -> None:
    """Refuses a file that transformers cannot convert.

    Raises:
        ModelError: names the architecture and those that work.
    """
    plain = {name.replace("_", "").replace("-", "") for name in architectures()}
    if head.architecture.replace("_", "").replace("-", "") in plain:
        return
    raise ModelError(
        Problem(
            where=where,
            rule=f"transformers {transformers.__version__} must know the architecture of a GGUF file",
            got=quoted(head.architecture),
            fix=f"give the model as a folder with safetensors, or one of: {', '.join(architectures())}",
        )
    )


def convert(head: GgufFile, folder: Path, *, where: str, progress: Progress) -> None:
    """Writes config, weights and tokenizer of a GGUF file into a folder.

    Args:
        head: what the file says of itself; its architecture has been checked.
        folder: where to write; exists.
        where: the base model, for errors.
        progress: told of the tensors unpacked.

    Raises:
        ModelError: transformers cannot make a model of it.
        OSError: the disk is full.
    """
    with ExitStack() as stack:
        # Alone in a folder of its own: transformers mixes in what other configuration lies beside the file.
        alone = Path(stack.enter_context(TemporaryDirectory(prefix=".source-", dir=folder)))
        (alone / "model.gguf").symlink_to(head.path.resolve())
        done = stack.enter_context(progress.step(f"unpacking {where}", total=head.n_tensors))
        stack.enter_context(_counted(done))
        try:
            model = _model(alone, dtype=stored_dtype(head))
            tokenizer = gguf_tokenizer(
                alone, head=head, context=model.config.max_position_embeddings, progress=progress
            )
        except (AttributeError, IndexError, KeyError, OSError, RuntimeError, TypeError, ValueError) as error:
            raise ModelError(_not_converted(error, where=where)) from error
        _save(model, tokenizer, folder)


def _model(alone: Path, *, dtype: torch.dtype) -> Any:
    """The model with its weights unpacked and its embeddings tied where the file ties them."""
    config = transformers.AutoConfig.from_pretrained(alone, gguf_file="model.gguf", local_files_only=True)
    model, loading = transformers.AutoModelForCausalLM.from_pretrained(
        alone,
        gguf_file="model.gguf",
        config=config,  # Given, so that the file's head is read once less.
        dtype=dtype,
        quantization_config=transformers.GgufConfig(dequantize=True),
        local_files_only=True,
        output_loading_info=True,
    )
    if loading["missing_keys"]:
        raise ValueError(f"the file lacks {', '.join(sorted(loading['missing_keys'])[:3])}")
    return model


def _save(model: Any, tokenizer: Any, folder: Path) -> None:
    try:
        model.save_pretrained(folder, max_shard_size="1TB")
        tokenizer.save_pretrained(folder)
    except Exception as error:  # safetensors and tokenizers, written in Rust, hide a full disk in errors of their own.
        if f"os error {errno.ENOSPC}" in str(error):
            raise OSError(errno.ENOSPC, "No space left on device", str(folder)) from error
        raise


@contextmanager
def _counted(done: Callable[[int], None]) -> Iterator[None]:
    """Silences transformers, counts its loop over tensors, and has it make its name table once.

    It builds the table of tensor names anew for every module of the model, which is half of the time.
    """

    def tensors(items: Iterable[Any], **_: Any) -> Iterator[Any]:
        for item in items:
            yield item
            done(1)

    names_once = lru_cache(gguf.get_tensor_name_map)
    with quiet(), swapped(unpacking, "tqdm", tensors), swapped(gguf, "get_tensor_name_map", names_once):
        yield


def _not_converted(error: Exception, *, where: str) -> Problem:
    return Problem(
        where=where,
        rule=f"transformers {transformers.__version__} must be able to convert the GGUF file",
        got=f"{type(error).__name__}: {str(error).partition(chr(10))[0]}",
        fix="give the model as a folder with safetensors, or another conversion of it",
    )
