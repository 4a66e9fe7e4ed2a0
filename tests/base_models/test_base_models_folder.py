"""Model folders: what is accepted, and what each missing or damaged part is told as."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from suffice.base_models.folder import described, problems_of
from suffice.errors import ModelError


@pytest.fixture
def folder(tiny_llama: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_llama, tmp_path / "model"))


def describe(folder: Path) -> object:
    return described(folder, name="tiny", source="path", origin="./model")


def test_a_whole_folder_is_described(tiny_llama: Path, tiny_bert: Path) -> None:
    llama = described(tiny_llama, name="tiny", source="path", origin="./model")
    assert (llama.name, llama.source, llama.origin, llama.kind) == ("tiny", "path", "./model", "causal")
    assert llama.folder == tiny_llama
    assert llama.size_bytes == (tiny_llama / "model.safetensors").stat().st_size
    assert len(llama.fingerprint) == 64
    assert described(tiny_bert, name="tiny", source="path", origin="./model").kind == "encoder"


def test_a_copy_elsewhere_has_the_same_fingerprint(tiny_llama: Path, folder: Path) -> None:
    ours = described(folder, name="a", source="path", origin="./a")
    assert ours.fingerprint == described(tiny_llama, name="b", source="hub", origin="b@1").fingerprint


def test_weights_in_several_files_are_all_counted(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    shutil.copy(folder / "model-00001-of-00002.safetensors", folder / "model-00002-of-00002.safetensors")
    names = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}))
    files = described(folder, name="tiny", source="path", origin="./model")
    assert files.size_bytes == 2 * (folder / "model-00001-of-00002.safetensors").stat().st_size
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(ModelError, match=r"(?s)must have model-00002-of-00002.*fix: fetch the folder again"):
        describe(folder)


def test_a_pickle_beside_safetensors_is_left_alone(folder: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    assert not problems_of(folder, where="./model")


def without(*names: str) -> Callable[[Path], None]:
    return lambda folder: [(folder / name).unlink() for name in names] and None


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def cut(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def config(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**content, **changes}))

    return change


def index(content: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        (folder / "model.safetensors.index.json").write_text(content)

    return change


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (without("config.json"), r"must have config.json.*got: only \['chat.*fix: give the folder that has config"),
        (without("model.safetensors"), r"must have model.safetensors.*got: only .*fix: give the folder with the w"),
        (without("tokenizer.json"), r"must have a tokenizer.*fix: add the tokenizer's files \(one of tokenizer.json"),
        (pickled, r"can run any code.*got: pytorch_model.bin.*fix: convert it where it can be trusted"),
        (cut, r"must be a whole safetensors file.*got: [\d,]+ bytes.*fix: fetch the file again"),
        (lambda folder: (folder / "config.json").write_text("{"), r"JSON object that names its model_type.*got: b'{'"),
        (config(model_type=None), r"names its model_type.*fix: fetch config.json again"),
        (config(quantization_config={"quant_method": "gptq"}), r"plain weights.*got: .*'gptq'.*fix: .*GGUF"),
        (
            config(architectures=["T5ForConditionalGeneration"]),
            r"encoder or a causal.*got: .*T5For.*fix: .*ForCausalLM",
        ),
        (config(architectures=None), r"encoder or a causal language model.*got: architectures \[\]"),
        (index("{}"), r"index.json must name the weight files.*got: none named"),
        (index('{"weight_map": {"a": "../../out.safetensors"}}'), r"must have out.safetensors.*fix: fetch the folder"),
    ],
)
def test_each_fault_is_told(spoil: Callable[[Path], None], told: str, folder: Path) -> None:
    spoil(folder)
    with pytest.raises(ModelError, match=f"(?s)./model: .*{told}"):
        describe(folder)


def test_all_faults_are_told_at_once(folder: Path) -> None:
    without("config.json", "tokenizer.json", "model.safetensors")(folder)
    with pytest.raises(ModelError) as caught:
        describe(folder)
    assert len(caught.value.problems) == 3
