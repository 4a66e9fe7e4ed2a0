"""Where the rows lie: paths of the task file, or a hub data set id, to readable files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from suffice.dataset import hub
from suffice.dataset.formats.known import Format, format_of
from suffice.dataset.problems import for_each
from suffice.dataset.sniff import check_content, unknown_format
from suffice.errors import DataError, Problem, nearest
from suffice.records.progress import Progress
from suffice.records.task import DataSpec

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFile:
    """One file of rows that is what its name says."""

    path: Path
    """Where it lies."""
    name: str
    """What rows and problems call it: unique among the files of a task."""
    format: Format
    """How it is written."""
    split: str | None
    """The split of all its rows, where the file is one."""


def locate(data: DataSpec, *, folder: Path, progress: Progress) -> tuple[SourceFile, ...]:
    """Finds the files of a task and checks that each is what its name says.

    Args:
        data: what the task file says.
        folder: what relative paths are relative to.
        progress: told when something is fetched from the hub.

    Raises:
        DataError: everything that is wrong with any of the files.
    """
    if data.path is not None:
        path = _absolute(data.path, folder=folder)
        if HUB_ID.fullmatch(data.path) and format_of(data.path) is None and not path.exists():
            fetched = hub.fetch(data.path, folder=folder, progress=progress)
            return tuple(for_each(fetched, lambda one: _checked(one.path, name=one.name, split=one.split)))
        return (_checked(path, name=path.name, split=None),)
    named = {"train": data.train, "validation": data.validation, "test": data.test}
    given = {split: path for split, path in named.items() if path is not None}
    paths = {split: _absolute(path, folder=folder) for split, path in given.items()}
    _all_different(paths)
    plain = [path.name for path in paths.values()]
    names = {split: path.name if plain.count(path.name) == 1 else given[split] for split, path in paths.items()}
    return tuple(for_each(paths, lambda split: _checked(paths[split], name=names[split], split=split)))


def _absolute(path: str, *, folder: Path) -> Path:
    return folder.absolute() / Path(path).expanduser()


def _all_different(paths: Mapping[str, Path]) -> None:
    """Refuses one file as two splits.

    Raises:
        DataError: a split's file is that of a split before it.
    """
    first: dict[Path, str] = {}
    for split, path in paths.items():
        other = first.setdefault(path.resolve(), split)
        if other != split:
            rule, got = "every split must have a file of its own", f"one file as data.{other} and data.{split}"
            fix = "give it as data.path, and the rows are divided"
            raise DataError(Problem(where=path.name, rule=rule, got=got, fix=fix))


def _checked(path: Path, *, name: str, split: str | None) -> SourceFile:
    """The file, if it can be opened and is what its name says.

    Raises:
        DataError: it is missing, no file, not to be opened, of no known format, or something else inside.
    """
    try:
        return SourceFile(path=path, name=name, format=_format_inside(path, name=name), split=split)
    except OSError as error:
        got, fix = error.strerror or str(error), f"correct the path, or let yourself read it: chmod u+r {path.name}"
        raise DataError(Problem(where=name, rule="the file must be readable", got=got, fix=fix)) from error


def _format_inside(path: Path, *, name: str) -> Format:
    if not path.exists():
        raise _missing(path)
    if not path.is_file():
        got = "a folder" if path.is_dir() else "something that is no file"
        fix = "name a file in it" if path.is_dir() else "write the rows to a file first"
        raise DataError(Problem(where=name, rule="the data must be a file", got=got, fix=fix))
    format_ = format_of(path.name)
    if format_ is None:
        raise unknown_format(path.name)
    check_content(path, name=name, format_=format_)
    return format_


def _missing(path: Path) -> DataError:
    folder = path.parent
    if not folder.is_dir():
        got = f"no folder {str(folder)!r}"
    else:
        beside = [one.name for one in folder.iterdir() if one.is_file()]
        got = f"no such file in {str(folder)!r}{nearest(path.name, beside)}"
    fix = "correct the path; it is relative to the task file's folder"
    return DataError(Problem(where=path.name, rule="the data must be there", got=got, fix=fix))
