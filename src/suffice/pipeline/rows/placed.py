"""A data version with its copies and splits: those of the version as read, so that cleaning moves no row."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.copies import COPIES_FORMAT, find_copies, group_rows
from suffice.records.copies import Copies
from suffice.records.dataset import Dataset
from suffice.records.progress import Progress
from suffice.records.splits import Splits
from suffice.split import assign_splits, inherit_splits, join_splits
from suffice.store.copies_file import read_copies, write_copies
from suffice.store.strict_json import digest
from suffice.store.versions import VersionManifest, find_version, open_version


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """The rows of a data version, each in its group and split."""

    data: Dataset
    """The N rows."""
    copies: Copies
    """Which of them are copies."""
    splits: Splits
    """Where each stands."""


def placed(version: VersionManifest, versions: Path, *, seed: int, progress: Progress) -> Placed:
    """Opens a data version; copies are looked for once, in the version as read, and kept beside it.

    Args:
        version: the data version.
        versions: where data versions lie.
        seed: the task's `split.seed`.
        progress: told while copies are looked for.

    Raises:
        DataError: a version that it was made from is gone.
        StorageError: the folder cannot be written.
    """
    root = version
    while root.parent is not None:
        root = find_version(versions, root.parent)
    raw = open_version(versions, root.name)
    copies = _copies(raw, root, versions / root.name, progress=progress)
    splits = assign_splits(raw, group_rows(raw.texts, raw.groups, copies.near), seed=seed)
    if root is version:
        return Placed(data=raw, copies=copies, splits=splits)
    data, position = open_version(versions, version.name), {row_id: row for row, row_id in enumerate(raw.ids)}
    rows = np.array([position[row_id] for row_id in data.ids if row_id in position], dtype=np.int64)
    if len(rows) == len(data):
        return Placed(data=data, copies=copies.take(rows), splits=inherit_splits(data, splits, rows))
    return _with_collected(data, copies.take(rows), splits, rows, progress=progress)


def _with_collected(
    data: Dataset, copies: Copies, splits: Splits, rows: NDArray[np.int64], *, progress: Progress
) -> Placed:
    """Rows that were collected stand behind the others, and copy none of them: that was seen to when they came."""
    texts = data.texts[len(rows) :]
    own = find_copies(texts, progress=progress)
    joined = replace(
        copies,
        exact=_behind(copies.exact, own.exact),
        normalised=_behind(copies.normalised, own.normalised),
        near=_behind(copies.near, own.near),
    )
    added = group_rows(texts, [None] * len(texts), own.near)
    return Placed(data=data, copies=joined, splits=join_splits(data, splits, rows, added))


def _behind(codes: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    """Codes of some rows and of others, none of them shared."""
    return np.concatenate([codes, others + codes.max(initial=-1) + 1])


def _copies(data: Dataset, version: VersionManifest, folder: Path, *, progress: Progress) -> Copies:
    """The copies kept beside the version; a file that is missing or damaged is made again."""
    decides = digest([version.sha256, str(COPIES_FORMAT), unicodedata.unidata_version])
    path = folder / f"copies-{decides[:12]}.npz"
    kept = read_copies(path)
    if kept is None or len(kept.near) != len(data):
        kept = find_copies(data.texts, progress=progress)
        write_copies(path, kept)
    return kept
