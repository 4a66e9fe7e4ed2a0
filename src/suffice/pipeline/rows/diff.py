"""`suffice diff VERSION VERSION`: finds two data versions wherever they lie, and holds them against each other."""

from __future__ import annotations

from pathlib import Path

from suffice.pipeline.rows.workspace import Workspace
from suffice.review.diff import VersionDiff, diff_versions
from suffice.store.versions import open_version, resolve_version


def diff(first: str, second: str, *, out: Path | None, here: Path) -> VersionDiff:
    """Compares two data versions.

    Args:
        first: the folder of a data version, or what `data.version` calls it: `raw`, `latest`, the beginning of its name
            or hash.
        second: another.
        out: output folder in which names are looked for; None for every `suffice-out` folder below `here`.
        here: the current folder.

    Raises:
        DataError: no such version, or several.
    """
    folders = [Workspace(out=out).versions] if out else sorted(here.glob("suffice-out/*/data"))
    named = {name: Path(name) for name in (first, second) if (Path(name) / "manifest.json").is_file()}
    places = [named.get(name) or resolve_version(folders, name, where="VERSION") for name in (first, second)]
    return diff_versions(*(open_version(place.parent, place.name) for place in places))
