"""Knowledge files to passages: every file is read or named, and one that cannot be read costs no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from suffice.errors import DataError, Problem, nearest, quoted
from suffice.records.knowledge import Knowledge, KnowledgeFile, Passage, WindowSize
from suffice.records.progress import Progress
from suffice.retrieval.apart import Apart
from suffice.retrieval.document import sha256_of
from suffice.retrieval.extra import require_installed
from suffice.retrieval.formats.known import FORMATS
from suffice.retrieval.formats.section import Document, unreadable
from suffice.retrieval.windows import passages
from suffice.text.normalise import readable

Parse = Callable[[Path, str], Document]
"""Path and name of a file to what it says; raises DataError."""


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
    """Reads files, and folders with all that lies below them, save what begins with a dot and what a link leads to
    outside of them: whoever puts a link into a folder may be another than who may read what it leads to.

    Args:
        given: files and folders; file names are told relative to the folder that holds them all.
        window: how long sections are cut.
        progress: told of every file.

    Raises:
        DataError: something given is not there; or nothing of it can be read, with all that is wrong.
    """
    require_installed()
    with Apart() as apart:
        return knowledge_of(given, apart.parse, window=window, progress=progress)


def knowledge_of(given: Sequence[Path], parse: Parse, *, window: WindowSize, progress: Progress) -> Knowledge:
    """The same with another way to parse.

    Args:
        given: files and folders.
        parse: path and name of a file to what it says.
        window: how long sections are cut.
        progress: told of every file.

    Raises:
        DataError: as above.
    """
    named, every = files_of(given), list[_Read]()
    with progress.step("reading knowledge", total=len(named)) as done:
        for name, path in named.items():
            every.append(_read(path, name=name, window=window, parse=parse))
            done(1)
    found = tuple(passage for one in every for passage in one.passages)
    skipped = tuple(problem for one in every for problem in one.skipped)
    if not found:
        raise DataError(skipped or [_no_files(given)])
    files = tuple(one.file for one in every if one.file is not None)
    return Knowledge(window=window, files=files, passages=found, skipped=skipped)


def files_of(given: Sequence[Path]) -> dict[str, Path | Problem]:
    """All files by the names that passages cite them by, in the order of names.

    Args:
        given: files and folders, themselves links or not.

    Returns:
        Where each lies; of a link that leads out of what was given, that it does.

    Raises:
        DataError: one of them is not there.
    """
    missing = [_missing(path) for path in given if not path.exists()]
    if missing:
        raise DataError(missing)
    whole = [path.resolve() for path in given]
    root = Path(os.path.commonpath([path if path.is_dir() else path.parent for path in whole])) if whole else Path()
    below = {file for path in whole for file in (_files_below(path) if path.is_dir() else (path,))}
    names = {readable(file.relative_to(root).as_posix()): file for file in sorted(below)}
    return {name: _led(file, whole, name=name) for name, file in names.items()}


def _led(file: Path, whole: Sequence[Path], *, name: str) -> Path | Problem:
    """Where a file lies that may be a link."""
    real = Path(os.path.realpath(file))
    if any(real.is_relative_to(one) for one in whole):
        return real
    rule, fix = "a link in a folder of knowledge must lead to a file inside it", "copy there what it leads to"
    return Problem(where=name, rule=rule, got=f"a link to '{readable(str(real))}'", fix=f"{fix}, or take the link out")


def _read(path: Path | Problem, *, name: str, window: WindowSize, parse: Parse) -> _Read:
    """One file: what it says, what of it cannot be read, and its hash where it is of a format that is read at all."""
    if isinstance(path, Problem):
        return _Read(file=None, passages=(), skipped=(path,))
    cut: tuple[Passage, ...] = ()
    sha256, skipped = None, list[Problem]()
    try:
        sha256 = sha256_of(path, name=name)
        document = parse(path, name)
        cut = passages(document.sections, source=name, window=window)
        skipped += document.skipped
        _require_text(cut, document, name=name)
    except DataError as error:
        skipped += error.problems
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


def _missing(path: Path) -> Problem:
    beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    got, fix = f"no such file or folder{nearest(path.name, beside)}", "correct the path"
    return Problem(where=quoted(str(path)), rule="the knowledge must be there", got=got, fix=fix)


def _no_files(given: Sequence[Path]) -> Problem:
    known = ", ".join(ending for format_ in FORMATS for ending in format_.endings)
    fix = f"put files there that end in {known}"
    where = ", ".join(quoted(str(path)) for path in given)
    return Problem(where=where, rule="the knowledge must have files", got="none that is not hidden", fix=fix)
