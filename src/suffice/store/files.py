"""Files that are whole or not there: atomic writes, hashes, and what a disk says when it cannot."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from suffice.errors import Problem, StorageError

_FIXES = {
    errno.ENOSPC: "free some space, or write elsewhere with --out",
    errno.EDQUOT: "free some of the quota, or write elsewhere with --out",
    errno.EACCES: "make the folder writable, or write elsewhere with --out",
    errno.EPERM: "make the folder writable, or write elsewhere with --out",
    errno.EROFS: "write elsewhere with --out",
    errno.ENOTDIR: "name a folder, not a file",
}


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turns what the system says of a disk or folder into a StorageError that tells the person what to do.

    Args:
        path: what is being written.

    Raises:
        StorageError: no space, no permission, a read-only file system, a file where a folder must be.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FIXES:
            raise
        got = os.strerror(error.errno)
        raise StorageError(
            Problem(where=str(path), rule="must be writable", got=got, fix=_FIXES[error.errno])
        ) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a path to write to, which takes the place of `path` when the block ends without an error.

    Args:
        path: the file to come; its folder is made.

    Raises:
        StorageError: the folder cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """As `replacing`, for a folder: the old one is taken away only when the new one is whole.

    Args:
        path: the folder to come.

    Raises:
        StorageError: the folder cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        try:
            yield part
            shutil.rmtree(path, ignore_errors=True)
            part.replace(path)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Writes a file whole or not at all.

    Args:
        path: the file.
        text: its content, written as UTF-8.

    Raises:
        StorageError: the folder cannot be written.
    """
    with replacing(path) as part:
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


def require_writable(folder: Path) -> None:
    """Makes a folder and proves that it can be written, before work is done for it.

    Args:
        folder: the folder.

    Raises:
        StorageError: it cannot be written.
    """
    probe = folder / ".writable"
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
