"""GGUF files to folders: weights, ties, tokens, and what stays behind after a failure."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from gguf import GGMLQuantizationType
from safetensors import SafetensorError
from safetensors.torch import load_file
from tiny_gguf import write_gguf

from suffice.base_models.convert import architectures, check_architecture, convert, stored_dtype
from suffice.base_models.folder import described
from suffice.base_models.gguf_file import read_head
from suffice.base_models.load import load_causal
from suffice.errors import ModelError
from suffice.records.progress import SILENT, Silent

TEXTS = ["My card was declined.", "Ünïcödé, 日本語, 😀", "two  spaces  12 34\n", ""]


def converted(source: Path, tmp_path: Path, **how: object) -> Path:
    head = read_head(write_gguf(source, tmp_path / "model.gguf", **how))
    folder = tmp_path / "converted"
    folder.mkdir()
    convert(head, folder, where="tiny", progress=SILENT)
    return folder


def logits(folder: Path, ids: list[int]) -> torch.Tensor:
    loaded = load_causal(described(folder, name="tiny", source="path", origin="tiny"), precision="fp32")
    return loaded.model(torch.tensor([ids])).logits


@pytest.mark.parametrize("fixture", ["tiny_llama", "tiny_qwen2"])
def test_a_float32_file_computes_what_its_source_computes(
    fixture: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    source = request.getfixturevalue(fixture)
    folder = converted(source, tmp_path)
    torch.testing.assert_close(logits(folder, [5, 30, 200, 7]), logits(source, [5, 30, 200, 7]), rtol=0, atol=0)


def test_norms_of_gemma_lose_the_one_that_llama_cpp_adds(tiny_gemma3: Path, tmp_path: Path) -> None:
    folder = converted(tiny_gemma3, tmp_path)
    got, want = load_file(folder / "model.safetensors"), load_file(tiny_gemma3 / "model.safetensors")
    assert got.keys() == want.keys()
    for name in want:
        # 1 + w rounds w to steps of 1.2e-7, the spacing of float32 above one.
        torch.testing.assert_close(got[name], want[name], rtol=0, atol=2e-7)


@pytest.mark.parametrize("fixture", ["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def test_tokens_are_those_of_the_source(fixture: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    source = request.getfixturevalue(fixture)
    ours = load_causal(
        described(converted(source, tmp_path), name="tiny", source="path", origin="tiny"), precision="fp32"
    )
    theirs = load_causal(described(source, name="tiny", source="path", origin="tiny"), precision="fp32")
    for text in TEXTS:
        assert ours.tokenizer(text).input_ids == theirs.tokenizer(text).input_ids
    assert ours.tokenizer.pad_token == theirs.tokenizer.pad_token
    assert ours.context == theirs.context == 256


def test_embeddings_stay_tied(tiny_llama: Path, tmp_path: Path) -> None:
    folder = converted(tiny_llama, tmp_path, weights=GGMLQuantizationType.Q8_0)
    assert "lm_head.weight" not in load_file(folder / "model.safetensors")
    model = load_causal(described(folder, name="tiny", source="path", origin="tiny"), precision="fp32").model
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


def test_packed_weights_are_rounded_once_to_bfloat16(tiny_qwen2: Path, tmp_path: Path) -> None:
    folder = converted(tiny_qwen2, tmp_path, weights=GGMLQuantizationType.Q8_0)
    got = load_file(folder / "model.safetensors")["model.layers.0.mlp.up_proj.weight"]
    source = load_file(tiny_qwen2 / "model.safetensors")["model.layers.0.mlp.up_proj.weight"].numpy()
    # Q8_0 by hand: blocks of 32 numbers, one float16 scale of the largest over 127, eight bits each.
    blocks = source.reshape(-1, 32).astype(np.float32)
    scale = np.abs(blocks).max(axis=1, keepdims=True) / np.float32(127)
    eights = np.round(blocks / scale)
    exact = torch.from_numpy((eights * scale.astype(np.float16).astype(np.float32)).reshape(source.shape))
    assert got.dtype == torch.bfloat16
    torch.testing.assert_close(got, exact.to(torch.bfloat16), rtol=0, atol=0)


@pytest.mark.parametrize(
    ("weights", "dtype"),
    [
        (GGMLQuantizationType.F32, torch.float32),
        (GGMLQuantizationType.F16, torch.float16),
        (GGMLQuantizationType.BF16, torch.bfloat16),
        (GGMLQuantizationType.Q8_0, torch.bfloat16),
    ],
)
def test_plain_numbers_keep_their_type(
    weights: GGMLQuantizationType, dtype: torch.dtype, tiny_llama: Path, tmp_path: Path
) -> None:
    head = read_head(write_gguf(tiny_llama, tmp_path / "model.gguf", weights=weights))
    assert stored_dtype(head) == dtype


def test_what_lies_beside_the_file_does_not_reach_the_conversion(tiny_llama: Path, tmp_path: Path) -> None:
    (tmp_path / "generation_config.json").write_text('{"max_length": 3}')
    (tmp_path / "tokenizer_config.json").write_text('{"add_bos_token": true, "bos_token": "<alien>"}')
    folder = converted(tiny_llama, tmp_path)
    assert "alien" not in (folder / "tokenizer_config.json").read_text()
    assert "max_length" not in json.loads((folder / "generation_config.json").read_text())


def test_the_same_file_converts_to_the_same_bytes(tiny_llama: Path, tmp_path: Path) -> None:
    prints = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        folder = converted(tiny_llama, tmp_path / name)
        prints.append(described(folder, name="tiny", source="path", origin="tiny").fingerprint)
    assert prints[0] == prints[1]


def test_an_architecture_that_cannot_be_converted_is_named_with_those_that_can(
    tiny_llama: Path, tmp_path: Path
) -> None:
    head = read_head(write_gguf(tiny_llama, tmp_path / "model.gguf", architecture="zebra"))
    with pytest.raises(ModelError, match=r"(?s)got: 'zebra'.*fix: .*safetensors.*gemma3.*llama.*qwen2"):
        check_architecture(head, where="tiny")


def test_the_three_families_that_are_promised_can_be_converted() -> None:
    assert {"llama", "qwen2", "gemma3"} <= set(architectures())
    assert not {"general", "tokenizer", "t5"} & set(architectures())


def test_a_file_that_lacks_tensors_is_refused(tiny_llama: Path, tmp_path: Path) -> None:
    head = read_head(write_gguf(tiny_llama, tmp_path / "model.gguf", architecture="qwen2"))
    (tmp_path / "converted").mkdir()
    # Qwen2 has biases that Llama lacks; drawn by chance they would pass unseen.
    with pytest.raises(ModelError, match=r"(?s)got: .*lacks .*bias.*fix: give the model as a folder"):
        convert(head, tmp_path / "converted", where="tiny", progress=SILENT)


def test_a_disk_that_fills_up_is_told_as_such(
    tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        # What safetensors raises on a full disk.
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(transformers.PreTrainedModel, "save_pretrained", full)
    with pytest.raises(OSError, match="No space left on device") as caught:
        converted(tiny_llama, tmp_path)
    assert caught.value.errno == errno.ENOSPC


def test_the_tensors_are_counted_as_they_are_unpacked(tiny_llama: Path, tmp_path: Path) -> None:
    counted: list[int] = []

    class Counting(Silent):
        @contextmanager
        def step(self, what: str, *, total: int) -> Iterator[Callable[[int], None]]:
            counted.append(-total)
            yield counted.append

    head = read_head(write_gguf(tiny_llama, tmp_path / "model.gguf"))
    (tmp_path / "converted").mkdir()
    convert(head, tmp_path / "converted", where="tiny", progress=Counting())
    assert counted == [-head.n_tensors, *[1] * head.n_tensors]
