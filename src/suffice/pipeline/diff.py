"""`suffice diff VERSION VERSION`: finds two data versions wherever they lie, and holds them against each other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from suffice.errors import DataError, Problem
from suffice.pipeline.workspace import Workspace
from suffice.review.diff import VersionDiff, diff_versions
from suffice.store.versions import list_versions, open_version


def diff(first: str, second: str, *, out: Path | None, here: Path) -> VersionDiff:
    """Compares two data versions.

    Args:
        first: the folder of a data version, or the beginning of its name or hash: `raw` where there is one such.
        second: another.
        out: output folder in which names are looked for; None for every `suffice-out` folder below `here`.
        here: the current folder.

    Raises:
        DataError: no such version, or several.
    """
    folders = [Workspace(out=out).versions] if out else sorted(here.glob("suffice-out/*/data"))
    places = [_place(name, folders) for name in (first, second)]
    return diff_versions(*(open_version(place.parent, place.name) for place in places))


def _place(name: str, folders: Iterable[Path]) -> Path:
    """Folder of the version."""
    if (Path(name) / "manifest.json").is_file():
        return Path(name)
    known = [(folder / version.name, version.sha256) for folder in folders for version in list_versions(folder)]
    named = [path for path, sha in known if path.name.startswith(name) or (len(name) >= 4 and sha.startswith(name))]
    # Versions of one name have the same rows, wherever they lie.
    found = {path.name: path for path in named}
    if len(found) == 1:
        return next(iter(found.values()))
    candidates = ", ".join(str(path) for path in (found.values() if found else [path for path, _ in known]))
    raise DataError(
        Problem(
            where="VERSION",
            rule="must be the folder of a data version, or the beginning of its name or hash",
            got=f"{name!r}, {'which is that of several' if found else 'which is none'}",
            fix=f"there are: {candidates}" if candidates else "name its folder, or the output folder with --out",
        )
    )
