"""Fitted scikit-learn objects to files that can run no code, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def save_skops(fitted: Any, path: Path) -> None:
    """Writes a file.

    Args:
        fitted: estimators, or a tuple of them.
        path: of the file.
    """
    import skops.io  # noqa: PLC0415 - it loads all of scikit-learn, and torch, which questions out of fold do without

    skops.io.dump(fitted, path)


def load_skops(path: Path) -> Any:
    """Reads what `save_skops` wrote; a file that holds any other type is refused.

    Args:
        path: of the file.

    Raises:
        skops.io.exceptions.UntrustedTypesFoundException: the file names a type that scikit-learn does not make.
    """
    import skops.io  # noqa: PLC0415

    return skops.io.load(path, trusted=[])
