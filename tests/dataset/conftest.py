"""Files in a temporary folder, and what is read from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suffice.dataset import open_source
from suffice.errors import DataError, Problem
from suffice.records.progress import SILENT
from suffice.records.task import DataSpec


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file into the task's folder."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """All rows of a task's data; takes what stands under `data:`."""

    def read(path: str | None = None, **data: Any) -> list[dict[str, Any]]:
        source = open_source(DataSpec(path=path, **data), folder=tmp_path, progress=SILENT)
        return [row for batch in source.batches() for row in batch.to_pylist()]

    return read


@pytest.fixture
def refused(read: Callable[..., Any]) -> Callable[..., list[Problem]]:
    """The problems of data that cannot be read."""

    def refused(path: str | None = None, **data: Any) -> list[Problem]:
        with pytest.raises(DataError) as caught:
            read(path, **data)
        return list(caught.value.problems)

    return refused
