"""Files that are whole or not there: atomic writes, hashes, and what a disk says when it cannot."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from suffice.errors import Problem, StorageError, SufficeError

_FIXES = {
    errno.ENOSPC: "free some space, or write elsewhere with {option}",
    errno.EDQUOT: "free some of the quota, or write elsewhere with {option}",
    errno.EFBIG: "raise the limit on file sizes, or write elsewhere with {option}",
    errno.EACCES: "make the folder writable, or write elsewhere with {option}",
    errno.EPERM: "make the folder writable, or write elsewhere with {option}",
    errno.EROFS: "write elsewhere with {option}",
    errno.ENOTDIR: "name a folder, not a file, with {option}",
    errno.EEXIST: "name a folder, not a file, with {option}",
    errno.EISDIR: "name a file, not a folder",
    errno.ENOENT: "name a folder that can be made, or write elsewhere with {option}",
    errno.ENAMETOOLONG: "write to a place with a shorter name with {option}",
    errno.ELOOP: "mend the links that lead back to themselves, or write elsewhere with {option}",
}
_RUST_ERROR = re.compile(r"\(os error (\d+)\)")
"""How libraries written in Rust (safetensors, tokenizers) end a message of an error that is no OSError.
Source: Display of std::io::Error."""
_PROBE_BYTES = 4096
"""A full disk still takes an empty file; one block shows that it is full."""


@contextmanager
def storage_errors(path: Path, *, option: str = "--out") -> Iterator[None]:
    """Turns what the system says of a disk or folder into a StorageError that tells the person what to do.

    Args:
        path: what is being written.
        option: what names another place: an option, or an environment variable.

    Raises:
        StorageError: no space, no permission, a read-only file system, a file where a folder must be.
    """
    try:
        yield
    except SufficeError:
        raise
    except Exception as error:
        number = _error_number(error)
        if number not in _FIXES:
            raise
        fix = _FIXES[number].format(option=option)
        problem = Problem(where=str(path), rule="must be writable", got=os.strerror(number), fix=fix)
        raise StorageError(problem) from error


@contextmanager
def replacing(path: Path, *, option: str = "--out") -> Iterator[Path]:
    """Gives a path to write to, which takes the place of `path` when the block ends without an error.

    Args:
        path: the file to come; its folder is made.
        option: what names another place.

    Raises:
        StorageError: the folder cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    with storage_errors(path, option=option):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            _to_disk(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """As `replacing`, for a folder: the old one is taken away only when the new one is in its place.

    No system call that Python offers swaps two folders. The old one is therefore set aside under another name for
    the moment between two renames; cut off just there, it is put back by the next call.

    Args:
        path: the folder to come.

    Raises:
        StorageError: the folder cannot be written.
    """
    part, aside = path.with_name(f".{path.name}.part"), path.with_name(f".{path.name}.old")
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _put_back(aside, path)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        try:
            yield part
            for file in part.rglob("*"):
                if file.is_file():
                    _to_disk(file)
            if path.is_dir():
                path.rename(aside)
            part.rename(path)
        finally:
            _put_back(aside, path)
            shutil.rmtree(part, ignore_errors=True)


def write_text(path: Path, text: str, *, option: str = "--out") -> None:
    """Writes a file whole or not at all.

    Args:
        path: the file.
        text: its content, written as UTF-8.
        option: what names another place.

    Raises:
        StorageError: the folder cannot be written.
    """
    with replacing(path, option=option) as part:
        part.write_text(text, encoding="utf-8")


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal.

    Args:
        path: the file.
    """
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def folder_bytes(path: Path) -> int:
    """Bytes of all files below a folder.

    Args:
        path: the folder.
    """
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def require_writable(folder: Path, *, option: str = "--out") -> None:
    """Makes a folder and proves that it can be written, before work is done for it.

    Args:
        folder: the folder.
        option: what names another place.

    Raises:
        StorageError: it cannot be written, or its disk is full.
    """
    probe = folder / ".writable"
    with storage_errors(folder, option=option):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            probe.write_bytes(bytes(_PROBE_BYTES))
        finally:
            probe.unlink(missing_ok=True)


def _error_number(error: Exception) -> int | None:
    if isinstance(error, OSError):
        return error.errno
    stated = _RUST_ERROR.search(str(error))
    return int(stated[1]) if stated else None


def _to_disk(file: Path) -> None:
    """Nothing may get its final name while its bytes are only in memory: a power cut would leave it whole by name."""
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


def _put_back(aside: Path, path: Path) -> None:
    """Ends a replacement: the folder set aside returns if nothing took its place, and goes if something did."""
    if path.exists():
        shutil.rmtree(aside, ignore_errors=True)
    elif aside.exists():
        aside.rename(path)
