"""Knowledge files to passages: every file is read or named, and one that cannot be read costs no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from suffice.errors import DataError, Problem, nearest, quoted
from suffice.records.knowledge import Knowledge, KnowledgeFile, Passage, WindowSize
from suffice.records.progress import Progress
from suffice.retrieval.extra import require_installed
from suffice.retrieval.formats.known import FORMATS, format_of
from suffice.retrieval.formats.section import Document, unreadable
from suffice.retrieval.windows import passages
from suffice.store.files import file_sha256


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """What one file gave."""

    file: KnowledgeFile | None
    """None for what cannot be opened or is of no format that is read."""
    passages: tuple[Passage, ...]
    """In the order of reading."""
    skipped: tuple[Problem, ...]
    """What of it could not be read."""


def read_knowledge(given: Sequence[Path], *, window: WindowSize, progress: Progress) -> Knowledge:
    """Reads files, and folders with all that lies below them, save what begins with a dot.

    Args:
        given: files and folders; file names are told relative to the folder that holds them all.
        window: how long sections are cut.
        progress: told of every file.

    Raises:
        DataError: something given is not there; or nothing of it can be read, with all that is wrong.
    """
    require_installed()
    named = files_of(given)
    with progress.step("reading knowledge", total=len(named)) as done:
        every = [_read(path, name=name, window=window, done=done) for name, path in named.items()]
    found = tuple(passage for one in every for passage in one.passages)
    skipped = tuple(problem for one in every for problem in one.skipped)
    if not found:
        raise DataError(skipped or [_no_files(given)])
    files = tuple(one.file for one in every if one.file is not None)
    return Knowledge(window=window, files=files, passages=found, skipped=skipped)


def files_of(given: Sequence[Path]) -> dict[str, Path]:
    """All files by the names that passages cite them by, in the order of names.

    Args:
        given: files and folders.

    Raises:
        DataError: one of them is not there.
    """
    missing = [_missing(path) for path in given if not path.exists()]
    if missing:
        raise DataError(missing)
    whole = [path.resolve() for path in given]
    root = Path(os.path.commonpath([path if path.is_dir() else path.parent for path in whole])) if whole else Path()
    below = {file for path in whole for file in (_files_below(path) if path.is_dir() else (path,))}
    return {file.relative_to(root).as_posix(): file for file in sorted(below)}


def read_document(path: Path, *, name: str) -> Document:
    """Reads one file by the format that its name promises.

    Args:
        path: the file.
        name: what problems call it.

    Raises:
        DataError: it is of no known format, empty, too long, or not what its name says.
        OSError: it cannot be opened.
    """
    if not path.is_file():
        # A pipe would be waited for without end.
        got = "a folder that cannot be entered, or a link to one" if path.is_dir() else "no file, or a link to nowhere"
        raise unreadable(name, "knowledge must be in files", got=got, fix="give the folder itself, or take it out")
    format_ = format_of(name)
    if format_ is None:
        known = ", ".join(ending for one in FORMATS for ending in one.endings)
        got = f"the ending {path.suffix!r}" if path.suffix else "a name without an ending"
        fix = f"save it as one of {known}; or leave it where it is, unread"
        raise unreadable(name, "a knowledge file must be of a format that is read", got=got, fix=fix)
    n_bytes = path.stat().st_size
    if n_bytes == 0:
        raise unreadable(name, "a knowledge file must have text", got="an empty file", fix="take it out, or fill it")
    if n_bytes > format_.max_bytes:
        rule = f"a {format_.name} file of knowledge must have at most {format_.max_bytes:,} bytes"
        raise unreadable(name, rule, got=f"{n_bytes:,} bytes", fix="divide it into several files")
    return format_.read(path, name=name)


def _read(path: Path, *, name: str, window: WindowSize, done: Callable[[int], None]) -> _Read:
    """One file: what it says, what of it cannot be read, and its hash where it is of a format that is read at all."""
    sha256, cut, skipped = None, (), list[Problem]()
    try:
        sha256 = file_sha256(path) if format_of(name) is not None and path.is_file() else None
        document = read_document(path, name=name)
        cut = passages(document.sections, source=name, window=window)
        skipped += document.skipped
        _require_text(cut, document, name=name)
    except DataError as error:
        skipped += error.problems
    except OSError as error:
        skipped.append(_unopened(name, error))
    done(1)
    file = None if sha256 is None else KnowledgeFile(source=name, sha256=sha256, n_passages=len(cut))
    return _Read(file=file, passages=cut, skipped=tuple(skipped))


def _files_below(folder: Path) -> Iterator[Path]:
    """Without what is hidden. Folders that are linked or closed are given as they are: links may lead in circles."""
    closed = list[str]()
    for place, folders, files in os.walk(folder, onerror=lambda error: closed.append(error.filename)):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in files if not name.startswith("."))
        yield from (Path(place, name) for name in folders if Path(place, name).is_symlink())
    yield from map(Path, closed)


def _require_text(cut: Sequence[Passage], document: Document, *, name: str) -> None:
    """A file without text is told, unless its parts have told why already.

    Raises:
        DataError: nothing in it can be read, or nothing is there to be read.
    """
    if not cut and not document.skipped:
        rule, got = "a knowledge file must have text", "none between its marks and headings"
        raise unreadable(name, rule, got=got, fix="take it out, or fill it")


def _unopened(name: str, error: OSError) -> Problem:
    got, fix = error.strerror or str(error), f"let yourself read it: chmod u+r {name}"
    return Problem(where=name, rule="a knowledge file must be readable", got=got, fix=fix)


def _missing(path: Path) -> Problem:
    beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    got, fix = f"no such file or folder{nearest(path.name, beside)}", "correct the path"
    return Problem(where=quoted(str(path)), rule="the knowledge must be there", got=got, fix=fix)


def _no_files(given: Sequence[Path]) -> Problem:
    where = ", ".join(str(path) for path in given) or "knowledge"
    known = ", ".join(ending for format_ in FORMATS for ending in format_.endings)
    fix = f"put files there that end in {known}"
    return Problem(where=where, rule="knowledge must have files", got="not one that is not hidden", fix=fix)
