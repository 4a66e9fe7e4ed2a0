"""The cache of converted and unpacked models: whole folders or nothing, made by one process at a time."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from suffice.errors import Problem, StorageError
from suffice.records.progress import Progress
from suffice.store.home import home

Whole = Callable[[Path], bool]
_FULL = (errno.ENOSPC, errno.EDQUOT)
_READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)
_NOWHERE = (errno.ENOENT, errno.ENAMETOOLONG, errno.ELOOP)


def models_folder() -> Path:
    """Where this machine's converted and unpacked models are, whether or not it exists yet."""
    return home() / "models"


def cached(key: str, *, whole: Whole) -> Path | None:
    """The folder of this key when it is there and has lost nothing since, or None.

    Args:
        key: name of the folder.
        whole: whether a folder still has everything; a folder gets its name only when it does.

    Raises:
        StorageError: the cache is where nobody may look.
    """
    folder = models_folder() / key
    with _cache_errors(*_READ_ONLY, *_NOWHERE):
        return folder if folder.is_dir() and whole(folder) else None


def build(key: str, fill: Callable[[Path], None], *, whole: Whole, needed_bytes: int, progress: Progress) -> Path:
    """The folder of this key, made by `fill` when it is not there whole.

    `fill` works in a folder beside, which takes its final name in one step; what a killed process left there is removed
    by the next one. A second process waits for the first and uses what it made.

    Args:
        key: name of the folder, which must change when its content would.
        fill: writes the files into the folder that it is given.
        whole: whether a folder still has everything.
        needed_bytes: room that `fill` takes at its widest, checked before it starts.
        progress: told when another process has to be waited for.

    Raises:
        StorageError: the folder cannot be written, or the disk is or becomes full.
    """
    if (folder := cached(key, whole=whole)) is not None:
        return folder
    with _cache_errors(*_FULL, *_READ_ONLY, *_NOWHERE):
        models_folder().mkdir(parents=True, exist_ok=True)
    with _cache_errors(*_FULL, *_READ_ONLY), _alone(key, progress=progress):
        return cached(key, whole=whole) or _built(key, fill, needed_bytes=needed_bytes)


def require_space(folder: Path, *, needed_bytes: int) -> None:
    """Refuses to start what the disk cannot hold.

    Raises:
        StorageError: less is free than needed.
    """
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    if free < needed_bytes:
        raise StorageError(
            Problem(
                where=str(folder),
                rule=f"the disk must have {needed_bytes / 1e6:,.0f} MB free for this base model",
                got=f"{free / 1e6:,.0f} MB free",
                fix="free some space, or set SUFFICE_HOME (HF_HOME for the hub's files) to a folder on another disk",
            )
        )


@contextmanager
def _cache_errors(*numbers: int) -> Iterator[None]:
    """Turns what the system says of the cache, where it says one of these, into what the person can do."""
    try:
        yield
    except OSError as error:
        if error.errno not in numbers:
            raise
        raise StorageError(_not_written(models_folder(), error=error)) from error


@contextmanager
def _alone(key: str, *, progress: Progress) -> Iterator[None]:
    lock = FileLock(models_folder() / f".{key}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress.say(f"another process is preparing {key}: waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _built(key: str, fill: Callable[[Path], None], *, needed_bytes: int) -> Path:
    for left in (models_folder() / key, *models_folder().glob(f".{key}.part-*")):
        shutil.rmtree(left, ignore_errors=True)
    require_space(models_folder(), needed_bytes=needed_bytes)
    part = models_folder() / f".{key}.part-{os.getpid()}"
    part.mkdir()
    try:
        fill(part)
        _to_disk(part)
        part.replace(models_folder() / key)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return models_folder() / key


def _to_disk(folder: Path) -> None:
    """Nothing may get its final name while its bytes are only in memory: a power cut would leave it whole by name."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())


def _not_written(folder: Path, *, error: OSError) -> Problem:
    full = error.errno in _FULL
    return Problem(
        where=str(folder),
        rule="the disk must have room for the base model" if full else "the cache of base models must be writable",
        got=f"{error.strerror} ({error.filename or folder})",
        fix="free some space, or set SUFFICE_HOME to a folder on another disk"
        if full
        else "make the folder writable, or set SUFFICE_HOME to one that is",
    )
