"""The head of a GGUF file."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import gguf
import pytest
from gguf import GGMLQuantizationType
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_gguf import write_gguf

from suffice.base_models.gguf_file import read_head
from suffice.errors import ModelError


@pytest.fixture(scope="module")
def file(tiny_llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    return write_gguf(tiny_llama, path, weights=GGMLQuantizationType.Q8_0, pre_tokenizer="smollm")


def test_the_head_says_what_gguf_s_own_reader_says(file: Path) -> None:
    head, reader = read_head(file), gguf.GGUFReader(file)
    assert head.architecture == "llama"
    assert head.pre_tokenizer == "smollm"
    assert head.n_tensors == len(reader.tensors)
    assert head.n_parameters == sum(int(tensor.n_elements) for tensor in reader.tensors)
    assert head.types == {tensor.tensor_type for tensor in reader.tensors}


def test_a_file_cut_short_anywhere_is_refused(file: Path, tmp_path: Path) -> None:
    whole = file.read_bytes()
    for length in (24, 100, 3_000, len(whole) // 2, len(whole) - 32):
        (tmp_path / "cut.gguf").write_bytes(whole[:length])
        with pytest.raises(ModelError, match=rf"(?s)cut.gguf: .*must be whole.*got: {length:,} bytes.*fix: fetch"):
            read_head(tmp_path / "cut.gguf")


@pytest.mark.parametrize("content", [b"", b"GGUF", b"PK\x03\x04" + bytes(40), b"<!DOCTYPE html><html><body></body>"])
def test_what_is_no_gguf_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "page.gguf").write_bytes(content)
    with pytest.raises(ModelError, match=r"(?s)begin with the letters GGUF.*got: \d+ bytes that begin with b'.*fix"):
        read_head(tmp_path / "page.gguf")


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "old.gguf").write_bytes(b"GGUF" + struct.pack("<IQQ", 1, 0, 0) + bytes(16))
    with pytest.raises(ModelError, match=r"(?s)must be of version 2 or 3.*got: version 1"):
        read_head(tmp_path / "old.gguf")


def test_one_part_of_several_is_refused(tiny_llama: Path, tmp_path: Path) -> None:
    file = write_gguf(tiny_llama, tmp_path / "part.gguf", n_parts=3)
    with pytest.raises(ModelError, match=r"(?s)hold the whole model.*got: one of 3 parts.*fix: .*llama-gguf-split"):
        read_head(file)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(4, 30_000), value=st.integers(0, 255))
def test_a_damaged_head_is_refused_or_read_and_never_a_crash(file: Path, tmp_path: Path, at: int, value: int) -> None:
    data = bytearray(file.read_bytes())
    data[at % len(data)] = value
    (tmp_path / "damaged.gguf").write_bytes(data)
    with contextlib.suppress(ModelError):
        assert read_head(tmp_path / "damaged.gguf").n_tensors >= 0
