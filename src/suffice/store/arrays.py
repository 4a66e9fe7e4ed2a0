"""Arrays that take minutes to make, kept in one file."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from suffice.store.files import replacing


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Writes arrays, all of them or none.

    Args:
        path: an `.npz` file; its folder is made.
        arrays: by name.

    Raises:
        StorageError: the folder cannot be written.
    """
    with replacing(path) as part, part.open("wb") as file:
        np.savez(file, **cast("dict[str, Any]", dict(arrays)))


def read_arrays(path: Path) -> dict[str, NDArray[Any]] | None:
    """Reads what `write_arrays` wrote; None where there is no such file, or one that was damaged.

    Args:
        path: an `.npz` file.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            # An array whose damaged header asks for less than there is would be read without its checksum.
            return None if kept.zip.testzip() else {name: kept[name] for name in kept.files}
    except (OSError, EOFError, RuntimeError, TypeError, ValueError, zipfile.BadZipFile):
        return None
