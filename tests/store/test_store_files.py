import errno
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from suffice.errors import DataError, Problem, StorageError
from suffice.store.files import (
    file_sha256,
    folder_bytes,
    replacing,
    replacing_folder,
    require_writable,
    storage_errors,
    write_text,
)

SMALL_FILES_ONLY = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_with_the_folders_above_it_and_nothing_beside_it(tmp_path: Path):
    write_text(tmp_path / "a" / "b" / "file.txt", "grün\n")
    assert (tmp_path / "a" / "b" / "file.txt").read_bytes() == "grün\n".encode()
    assert names(tmp_path / "a" / "b") == ["file.txt"]


@pytest.mark.parametrize("failure", [ValueError("ours"), KeyboardInterrupt()])
def test_an_error_while_writing_leaves_the_old_file_and_no_part(tmp_path: Path, failure: BaseException):
    path = tmp_path / "file.txt"
    write_text(path, "old")
    with pytest.raises(type(failure)), replacing(path) as part:  # noqa: PT012 - the block is what is tested
        part.write_text("ne")
        raise failure
    assert (path.read_text(), names(tmp_path)) == ("old", ["file.txt"])


def test_a_part_left_by_a_kill_is_written_over(tmp_path: Path):
    (tmp_path / ".file.txt.part").write_text("left over, and longer than what comes")
    write_text(tmp_path / "file.txt", "new")
    assert ((tmp_path / "file.txt").read_text(), names(tmp_path)) == ("new", ["file.txt"])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_kill_in_the_middle_of_a_write_leaves_the_old_file(tmp_path: Path):
    write_text(tmp_path / "file.txt", "old")
    code = (
        "import os, signal, sys; from pathlib import Path; from suffice.store.files import replacing\n"
        "with replacing(Path(sys.argv[1])) as part:\n"
        "    part.write_text('half of the new'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, tmp_path / "file.txt"], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (tmp_path / "file.txt").read_text() == "old"


@pytest.mark.parametrize(
    ("number", "got", "fix"),
    [
        (errno.ENOSPC, "No space left on device", "free some space, or write elsewhere with --out"),
        (errno.EDQUOT, "quota exceeded", "free some of the quota"),
        (errno.EFBIG, "File too large", "raise the limit on file sizes"),
        (errno.EACCES, "Permission denied", "make the folder writable"),
        (errno.EPERM, "Operation not permitted", "make the folder writable"),
        (errno.EROFS, "Read-only file system", "write elsewhere with --out"),
        (errno.ENOTDIR, "Not a directory", "name a folder, not a file, with --out"),
        (errno.EEXIST, "File exists", "name a folder, not a file"),
        (errno.EISDIR, "Is a directory", "name a file, not a folder"),
        (errno.ENAMETOOLONG, "File name too long", "a shorter name with --out"),
        (errno.ELOOP, "Too many levels of symbolic links", "write elsewhere with --out"),
    ],
)
def test_what_the_system_says_becomes_an_error_with_a_fix(number: int, got: str, fix: str):
    with (
        pytest.raises(StorageError, match=rf"^out/model: must be writable\n  got: .*{got}\n  fix: .*{re.escape(fix)}"),
        storage_errors(Path("out/model")),
    ):
        raise OSError(number, os.strerror(number))


def test_the_fix_names_the_option_that_the_place_comes_from():
    with (
        pytest.raises(StorageError, match=r"write elsewhere with SUFFICE_HOME$"),
        storage_errors(Path("ledger"), option="SUFFICE_HOME"),
    ):
        raise OSError(errno.EROFS, "")


@pytest.mark.parametrize(
    "message",
    ["Error while serializing: I/O error: No space left (os error 28)", "No space left on device (os error 28)"],
)
def test_a_full_disk_is_recognised_in_the_words_of_a_library_written_in_rust(message: str):
    with pytest.raises(StorageError, match="free some space"), storage_errors(Path("out")):
        raise Exception(message)  # tokenizers raises just that


@pytest.mark.parametrize(
    "error", [OSError(errno.EIO, "Input/output error"), FileNotFoundError("no"), ValueError("(os error 99)"), OSError()]
)
def test_other_errors_stay_what_they_are(error: Exception):
    with pytest.raises(type(error)) as caught, storage_errors(Path("out")):
        raise error
    assert caught.value is error


def test_an_error_about_the_data_stays_one_even_if_a_message_speaks_of_disks():
    problem = Problem(where="m.csv:1", rule="a text must fit", got="'disk is full (os error 28)'", fix="shorten it")
    with pytest.raises(DataError, match="shorten it"), storage_errors(Path("out")):
        raise DataError(problem)


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="only Linux has a device that is always full")
def test_a_full_device_is_told():
    with pytest.raises(StorageError, match="got: No space left on device"), storage_errors(Path("/dev/full")):
        Path("/dev/full").write_text("x")


def test_safetensors_that_do_not_fit_are_told_and_the_old_file_stays(tmp_path: Path):
    # A limit on file sizes is the disk that any user can make too small; the kernel refuses the write in earnest.
    pytest.importorskip("resource")
    write_text(tmp_path / "model.safetensors", "old")
    code = SMALL_FILES_ONLY + (
        "import numpy as np; from pathlib import Path; from safetensors.numpy import save_file\n"
        "from suffice.errors import StorageError; from suffice.store.files import replacing\n"
        "try:\n"
        "    with replacing(Path(sys.argv[1])) as part: save_file({'a': np.zeros(1000)}, part)\n"
        "except StorageError as error: print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "model.safetensors"], capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"model.safetensors: must be writable\n  got: File too large\n  fix: raise the limit", said)
    assert (tmp_path / "model.safetensors").read_text() == "old"


@pytest.mark.parametrize("below", ["file/out.txt", "file/deep/out.txt"])
def test_a_folder_that_is_a_file_is_told(tmp_path: Path, below: str):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"(?s)must be writable.*fix: name a folder, not a file"):
        write_text(tmp_path / below, "x")
    with (
        pytest.raises(StorageError, match=r"(?s)must be writable.*fix: name a folder, not a file"),
        replacing_folder(tmp_path / below),
    ):
        raise AssertionError("not reached")
    with pytest.raises(StorageError, match=r"(?s)must be writable.*fix: name a folder, not a file"):
        require_writable((tmp_path / below).parent)


def test_a_file_that_is_a_folder_is_told_and_the_folder_stays(tmp_path: Path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(StorageError, match=r"(?s)got: Is a directory.*fix: name a file, not a folder"):
        write_text(tmp_path / "taken", "x")
    assert names(tmp_path) == ["taken"]


def test_a_folder_takes_the_place_of_the_old_one_as_a_whole(tmp_path: Path):
    for content in ("one", "two"):
        with replacing_folder(tmp_path / "model") as part:
            (part / f"{content}.txt").write_text(content)
    assert (names(tmp_path), names(tmp_path / "model")) == (["model"], ["two.txt"])


def test_the_old_folder_is_there_until_the_new_one_is_whole(tmp_path: Path):
    (tmp_path / "model").mkdir()
    with pytest.raises(ValueError, match="ours"), replacing_folder(tmp_path / "model") as part:  # noqa: PT012
        assert (tmp_path / "model").is_dir()
        (part / "half.txt").write_text("")
        raise ValueError("ours")
    assert (names(tmp_path), names(tmp_path / "model")) == (["model"], [])


def test_a_folder_that_cannot_take_its_place_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    old = tmp_path / "model"
    old.mkdir()
    (old / "old.txt").write_text("")
    rename = Path.rename

    def full(self: Path, target: Path) -> Path:
        if self.name.endswith(".part"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(StorageError, match="free some space"), replacing_folder(old) as part:
        (part / "new.txt").write_text("")
    assert (names(tmp_path), names(old)) == (["model"], ["old.txt"])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_kill_between_the_two_renames_loses_neither_folder(tmp_path: Path):
    path = tmp_path / "model"
    path.mkdir()
    (path / "old.txt").write_text("")
    code = (
        "import os, signal, sys; from pathlib import Path; from suffice.store.files import replacing_folder\n"
        "rename = Path.rename\n"
        "def killed(self, target):\n"
        "    rename(self, target); os.kill(os.getpid(), signal.SIGKILL)\n"
        "Path.rename = killed\n"
        "with replacing_folder(Path(sys.argv[1])) as part: (part / 'new.txt').write_text('')\n"
    )
    assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == -signal.SIGKILL
    assert (names(tmp_path / ".model.old"), names(tmp_path / ".model.part")) == (["old.txt"], ["new.txt"])
    with pytest.raises(ValueError, match="again"), replacing_folder(path):  # noqa: PT012
        assert names(path) == ["old.txt"]
        raise ValueError("again")
    assert (names(tmp_path), names(path)) == (["model"], ["old.txt"])


def test_what_a_kill_after_the_renames_left_behind_goes_with_the_next_write(tmp_path: Path):
    for folder in ("model", ".model.old", ".model.part"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "left.txt").write_text("")
    with replacing_folder(tmp_path / "model") as part:
        (part / "new.txt").write_text("")
    assert (names(tmp_path), names(tmp_path / "model")) == (["model"], ["new.txt"])


def test_a_file_in_the_place_of_a_folder_is_told_and_kept(tmp_path: Path):
    (tmp_path / "model").write_text("a file")
    with pytest.raises(StorageError, match="name a folder, not a file"), replacing_folder(tmp_path / "model") as part:
        (part / "new.txt").write_text("")
    assert ((tmp_path / "model").read_text(), names(tmp_path)) == ("a file", ["model"])


def test_a_folder_is_made_and_proven_writable_before_work_is_done(tmp_path: Path):
    require_writable(tmp_path / "a" / "out")
    assert names(tmp_path / "a" / "out") == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_or_read_only_disk_is_told_before_work_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
):
    def refuse(self: Path, data: bytes) -> int:
        # An empty file goes onto a full disk.
        if data:
            raise OSError(number, os.strerror(number))
        return 0

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(StorageError, match=f"got: {os.strerror(number)}\n  fix: .*write elsewhere with --out"):
        require_writable(tmp_path)


def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path):
    # SHA-256 of "abc": FIPS 180-2, appendix B.1.
    (tmp_path / "abc").write_bytes(b"abc")
    assert file_sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_file_longer_than_a_block_is_hashed_to_its_end(tmp_path: Path):
    (tmp_path / "long").write_bytes(bytes((1 << 20) + 1))
    (tmp_path / "longer").write_bytes(bytes((1 << 20) + 2))
    assert file_sha256(tmp_path / "long") != file_sha256(tmp_path / "longer")


def test_the_bytes_of_a_folder_are_those_of_all_files_below_it(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "one").write_bytes(bytes(3))
    (tmp_path / "deep" / "two").write_bytes(np.zeros(2).tobytes())
    assert folder_bytes(tmp_path) == 3 + 16
