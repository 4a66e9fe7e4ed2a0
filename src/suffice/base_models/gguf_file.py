"""The head of a GGUF file: what model it holds, in which types, and whether all of it is there.

The reader of the gguf package takes two to nine seconds for a vocabulary; this walk over the same bytes takes some
hundredths of one, so that a damaged or foreign file is refused at once, without torch.
Source: the GGUF specification, https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, GGUFValueType

from suffice.errors import ModelError, Problem

VERSIONS = (2, 3)
"""Versions of the format; the first counted in 32 bits and is no longer met."""
MAX_DIMENSIONS = 4
"""Of one tensor. Source: GGML_MAX_DIMS in ggml's ggml.h."""
FLOATS = (GGMLQuantizationType.F32, GGMLQuantizationType.F16, GGMLQuantizationType.BF16)
"""Types that hold plain numbers, one by one; all others hold blocks of packed ones."""
_NUMBERS = {
    GGUFValueType.UINT8: "<B",
    GGUFValueType.INT8: "<b",
    GGUFValueType.UINT16: "<H",
    GGUFValueType.INT16: "<h",
    GGUFValueType.UINT32: "<I",
    GGUFValueType.INT32: "<i",
    GGUFValueType.FLOAT32: "<f",
    GGUFValueType.BOOL: "<?",
    GGUFValueType.UINT64: "<Q",
    GGUFValueType.INT64: "<q",
    GGUFValueType.FLOAT64: "<d",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class GgufFile:
    """What the head of a GGUF file says."""

    path: Path
    """The file."""
    architecture: str
    """`general.architecture`: `llama`, `qwen2`, `gemma3`."""
    pre_tokenizer: str | None
    """`tokenizer.ggml.pre`: how texts are split before merging; None where the file does not say."""
    types: frozenset[GGMLQuantizationType]
    """Types of the tensors."""
    n_tensors: int
    """Number of tensors."""
    n_parameters: int
    """Numbers in all tensors."""


def read_head(path: Path) -> GgufFile:
    """Reads the head of a GGUF file and checks that the tensors that it lists are in the file.

    Raises:
        ModelError: not a GGUF file, cut off, damaged, one part of several, or of a kind that cannot be read.
    """
    with path.open("rb") as stream:
        start = stream.read(24)
    if len(start) < 24 or start[:4] != b"GGUF":
        got = f"{path.stat().st_size:,} bytes that begin with {start[:4]!r}"
        raise _refused(path, rule="a .gguf file must begin with the letters GGUF", got=got)
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            return _head(path, _Walk(data))
        except (struct.error, ValueError, TypeError, ArithmeticError, RecursionError) as error:
            got = f"{path.stat().st_size:,} bytes whose head does not read to its end ({error})"
            raise _refused(path, rule="a GGUF file must be whole", got=got) from error


class _Walk:
    """A position in the file's bytes that moves on with every value read."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.at = 0

    def number(self, form: str) -> Any:
        (value,) = struct.unpack_from(form, self.data, self.at)
        self.at += struct.calcsize(form)
        return value

    def text(self) -> str:
        length = self.number("<Q")
        self.at += length
        return self.data[self.at - length : self.at].decode()

    def value(self, kind: GGUFValueType) -> Any:
        """A number or a text; an array is passed over and gives its length."""
        if kind in _NUMBERS:
            return self.number(_NUMBERS[kind])
        if kind == GGUFValueType.STRING:
            return self.text()
        of, length = GGUFValueType(self.number("<I")), self.number("<Q")
        if of in _NUMBERS:
            self.at += length * struct.calcsize(_NUMBERS[of])
        else:
            for _ in range(length):
                self.value(of)
        return length


def _head(path: Path, walk: _Walk) -> GgufFile:
    walk.at = 4
    version = walk.number("<I")
    if version not in VERSIONS:
        got = f"version {version}"
        raise _refused(path, rule=f"a GGUF file must be of version {' or '.join(map(str, VERSIONS))}", got=got)
    n_tensors, n_facts = walk.number("<Q"), walk.number("<Q")
    facts = {walk.text(): walk.value(GGUFValueType(walk.number("<I"))) for _ in range(n_facts)}
    if facts.get("split.count", 1) > 1:
        got = f"one of {facts['split.count']} parts"
        fix = "join the parts with llama.cpp's `llama-gguf-split --merge`, and give the file that results"
        raise _refused(path, rule="a GGUF file must hold the whole model", got=got, fix=fix)
    tensors = [_tensor(walk) for _ in range(n_tensors)]
    alignment = facts.get("general.alignment", 32)
    _check_size(path, data_starts=-(-walk.at // alignment) * alignment, tensors=tensors)
    return GgufFile(
        path=path,
        architecture=str(facts["general.architecture"]) if "general.architecture" in facts else "",
        pre_tokenizer=facts.get("tokenizer.ggml.pre"),
        types=frozenset(kind for kind, _, _ in tensors),
        n_tensors=n_tensors,
        n_parameters=sum(count for _, count, _ in tensors),
    )


def _tensor(walk: _Walk) -> tuple[GGMLQuantizationType, int, int]:
    """Type, count of numbers, and offset in the data."""
    walk.text()
    n_dimensions = walk.number("<I")
    if n_dimensions > MAX_DIMENSIONS:
        raise ValueError(f"a tensor of {n_dimensions} dimensions")
    count = prod(walk.number("<Q") for _ in range(n_dimensions))
    return GGMLQuantizationType(walk.number("<I")), count, walk.number("<Q")


def _check_size(path: Path, *, data_starts: int, tensors: list[tuple[GGMLQuantizationType, int, int]]) -> None:
    ends = [data_starts]
    for kind, count, offset in tensors:
        per_block, block_bytes = GGML_QUANT_SIZES[kind]
        ends.append(data_starts + offset + count // per_block * block_bytes)
    if path.stat().st_size < max(ends):
        got = f"{path.stat().st_size:,} bytes of {max(ends):,}"
        raise _refused(path, rule="a GGUF file must be whole", got=got)


def _refused(path: Path, *, rule: str, got: str, fix: str = "fetch the file again") -> ModelError:
    return ModelError(Problem(where=str(path), rule=rule, got=got, fix=fix))
