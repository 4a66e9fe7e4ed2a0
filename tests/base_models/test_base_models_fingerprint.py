"""What the base model's files hash to."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from suffice.base_models import fingerprint as room
from suffice.base_models.fingerprint import fingerprint, sha256_of


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1.
    assert sha256_of(tmp_path / "file") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_an_unchanged_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    first = sha256_of(file)
    monkeypatch.setattr(room, "hash_now", lambda _: pytest.fail("read again"))
    assert sha256_of(file) == first


@pytest.mark.parametrize("change", ["content", "time", "note"])
def test_a_changed_file_is_read_again(change: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    sha256_of(file)
    if change == "content":
        file.write_bytes(b"abcd")
    if change == "time":
        file.write_bytes(b"xyz")
        os.utime(file, ns=(1, 1))
    if change == "note":
        file.write_bytes(b"abcd")
        for note in (room.models_folder() / ".hashes").iterdir():
            note.write_text("not JSON")
    assert sha256_of(file) == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    monkeypatch.setenv("SUFFICE_HOME", str(tmp_path / "file"))
    assert sha256_of(tmp_path / "file").startswith("ba7816bf")


def test_the_fingerprint_knows_names_and_contents_but_not_folders(tmp_path: Path) -> None:
    def written(folder: str, **contents: str) -> list[Path]:
        (tmp_path / folder).mkdir()
        for name, content in contents.items():
            (tmp_path / folder / name).write_text(content)
        return [tmp_path / folder / name for name in contents]

    first = fingerprint(written("a", model="1", tokenizer="2"))
    assert fingerprint(reversed(written("b", model="1", tokenizer="2"))) == first
    assert fingerprint(written("c", model="2", tokenizer="1")) != first
    assert fingerprint(written("d", model="1")) != first
