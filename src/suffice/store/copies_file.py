"""Copies of a data version on disk: they take minutes to find among a million rows, and never change."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from suffice.records.copies import Copies, CutComponent
from suffice.store.arrays import read_arrays, write_arrays


def write_copies(path: Path, copies: Copies) -> None:
    """Writes copies, whole or not at all.

    Args:
        path: an `.npz` file.
        copies: what to write.

    Raises:
        StorageError: the folder cannot be written.
    """
    write_arrays(
        path,
        {
            "exact": copies.exact,
            "normalised": copies.normalised,
            "near": copies.near,
            "threshold": np.array(copies.threshold),
            "method": np.array(copies.method),
            "miss_rate": np.array(copies.miss_rate),
            "cut_rows": np.array([cut.n_rows for cut in copies.cut], dtype=np.int64),
            "cut_thresholds": np.array([cut.threshold for cut in copies.cut], dtype=np.float64),
        },
    )


def read_copies(path: Path) -> Copies | None:
    """Reads what `write_copies` wrote; None where there is no such file, or one that was damaged.

    Args:
        path: an `.npz` file.
    """
    kept = read_arrays(path)
    if kept is None:
        return None
    try:
        return Copies(
            exact=kept["exact"],
            normalised=kept["normalised"],
            near=kept["near"],
            threshold=float(kept["threshold"]),
            method="minhash" if kept["method"] == "minhash" else "exact",
            miss_rate=float(kept["miss_rate"]),
            cut=tuple(
                CutComponent(n_rows=int(n_rows), threshold=float(threshold))
                for n_rows, threshold in zip(kept["cut_rows"], kept["cut_thresholds"], strict=True)
            ),
        )
    except (KeyError, ValueError):
        return None
