"""Knowledge files written in the test, read as a person's folder is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from suffice.records.knowledge import Knowledge, WindowSize
from suffice.records.progress import SILENT
from suffice.retrieval.document import read_document
from suffice.retrieval.read import knowledge_of

Write = Callable[[str, str | bytes], Path]
Read = Callable[[], Knowledge]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of knowledge."""
    place = tmp_path / "docs"
    place.mkdir()
    return place


@pytest.fixture
def write(folder: Path) -> Write:
    """Writes a file below the folder."""

    def put(name: str, content: str | bytes) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


@pytest.fixture
def read(folder: Path) -> Read:
    """Reads the folder in this process, which takes no second to start."""

    def get() -> Knowledge:
        return knowledge_of(
            [folder],
            lambda path, name: read_document(path, name=name),
            window=WindowSize(),
            progress=SILENT,
        )

    return get
