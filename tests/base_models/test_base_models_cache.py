"""The cache holds whole folders or nothing."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import namedtuple
from pathlib import Path

import pytest

from suffice.base_models.cache import build, cached, models_folder, require_space
from suffice.errors import StorageError
from suffice.records.progress import SILENT, Silent


class Listening(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def fill(folder: Path) -> None:
    (folder / "file").write_text("whole")


def whole(folder: Path) -> bool:
    return (folder / "file").is_file()


def test_a_folder_that_lost_a_file_is_built_again() -> None:
    folder = build("key", fill, whole=whole, needed_bytes=1, progress=SILENT)
    (folder / "file").unlink()
    (folder / "other").write_text("left over")
    assert cached("key", whole=whole) is None
    assert build("key", fill, whole=whole, needed_bytes=1, progress=SILENT) == folder
    assert [entry.name for entry in folder.iterdir()] == ["file"]


def test_a_folder_is_built_once(tmp_path: Path) -> None:
    calls: list[Path] = []

    def counted(folder: Path) -> None:
        calls.append(folder)
        fill(folder)

    assert cached("key", whole=whole) is None
    first = build("key", counted, whole=whole, needed_bytes=1, progress=SILENT)
    assert build("key", counted, whole=whole, needed_bytes=1, progress=SILENT) == first == cached("key", whole=whole)
    assert (first / "file").read_text() == "whole"
    assert len(calls) == 1


def test_a_failed_build_leaves_nothing() -> None:
    def broken(folder: Path) -> None:
        fill(folder)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        build("key", broken, whole=whole, needed_bytes=1, progress=SILENT)
    assert cached("key", whole=whole) is None
    assert [entry.name for entry in models_folder().iterdir()] == [".key.lock"]


def test_what_a_killed_process_left_is_not_taken_for_whole_and_is_removed(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import time
        from suffice.base_models.cache import build
        from suffice.records.progress import SILENT

        def half(folder):
            (folder / "file").write_text("half")
            print("writing", flush=True)
            time.sleep(60)

        build("key", half, whole=lambda folder: True, needed_bytes=1, progress=SILENT)
        """
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        process.send_signal(signal.SIGKILL)
    assert len(list(models_folder().glob(".key.part-*"))) == 1
    assert cached("key", whole=whole) is None
    folder = build("key", fill, whole=whole, needed_bytes=1, progress=SILENT)
    assert (folder / "file").read_text() == "whole"
    assert not list(models_folder().glob(".key.part-*"))


def test_a_second_builder_waits_and_uses_what_the_first_made() -> None:
    started, listening = threading.Event(), Listening()

    def slow(folder: Path) -> None:
        started.set()
        time.sleep(0.3)
        fill(folder)

    def never(folder: Path) -> None:
        raise AssertionError("built twice")

    first = threading.Thread(
        target=build, args=("key", slow), kwargs={"whole": whole, "needed_bytes": 1, "progress": SILENT}
    )
    first.start()
    started.wait()
    folder = build("key", never, whole=whole, needed_bytes=1, progress=listening)
    first.join()
    assert (folder / "file").read_text() == "whole"
    assert listening.said == ["another process is preparing key: waiting for it"]


def test_too_little_space_is_told_before_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 9 * 10**8, 10**8))
    with pytest.raises(StorageError, match=r"(?s)must have 540 MB free.*got: 100 MB free.*fix: .*SUFFICE_HOME"):
        build("key", fill, whole=whole, needed_bytes=540_000_000, progress=SILENT)
    assert cached("key", whole=whole) is None


def test_space_is_asked_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    require_space(tmp_path / "not" / "there", needed_bytes=1)


def test_a_disk_that_fills_up_meanwhile_is_told_and_nothing_is_kept() -> None:
    def full(folder: Path) -> None:
        fill(folder)
        raise OSError(errno.ENOSPC, "No space left on device", str(folder / "file"))

    with pytest.raises(StorageError, match=r"(?s)room for the base model.*got: No space left.*fix: free some space"):
        build("key", full, whole=whole, needed_bytes=1, progress=SILENT)
    assert [entry.name for entry in models_folder().iterdir()] == [".key.lock"]


def test_a_cache_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("SUFFICE_HOME", str(tmp_path / "a-file"))
    with pytest.raises(StorageError, match=r"(?s)a-file.*must be writable.*got: Not a directory.*fix: .*SUFFICE_HOME"):
        build("key", fill, whole=whole, needed_bytes=1, progress=SILENT)


# Whoever runs the tests may be root, whom no folder is closed to: what the system says is put in its mouth.
@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOENT, errno.ENAMETOOLONG])
def test_a_cache_where_nobody_may_look_is_told(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(path: Path, *_: object, **__: object) -> bool:
        raise OSError(number, os.strerror(number), str(path))

    told = rf"(?s)models: .*must be writable\n  got: {os.strerror(number)} \(.*\n  fix: .*SUFFICE_HOME"
    with monkeypatch.context() as patched:
        patched.setattr(Path, "is_dir", refuse)
        with pytest.raises(StorageError, match=told):
            cached("key", whole=whole)
    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(StorageError, match=told):
        build("key", fill, whole=whole, needed_bytes=1, progress=SILENT)


def test_other_failures_of_the_builder_stay_what_they_are() -> None:
    def missing(folder: Path) -> None:
        (folder / "no").read_text()

    with pytest.raises(FileNotFoundError):
        build("key", missing, whole=whole, needed_bytes=1, progress=SILENT)
