"""Rows for the tests of the split room, and where each of them went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from suffice.copies import find_copies, group_rows
from suffice.records.dataset import SCHEMA, Dataset
from suffice.records.progress import SILENT
from suffice.records.splits import SPLIT_NAMES, Splits
from suffice.split import assign_splits
from suffice.text.normalise import canonical


def rows_of(texts: Sequence[str], **columns: Sequence[str | None]) -> list[dict[str, object]]:
    """Rows with an id of their own each; `columns` are group, time, split or label."""
    return [
        {"id": f"r{n}", "source": "m.csv", "row": n, "text": text, "label": "a"}
        | dict.fromkeys(("group", "time", "split"))
        | {name: values[n] for name, values in columns.items()}
        for n, text in enumerate(texts)
    ]


def data_of(rows: Sequence[Mapping[str, object]], *, name: str = "raw-1") -> Dataset:
    """The rows as a data version has them."""
    return Dataset(table=pa.Table.from_pylist(list(rows), schema=SCHEMA), name=name)


def split(rows: Sequence[Mapping[str, object]], *, seed: int = 0, near: bool = False) -> Splits:
    """Groups and splits the rows; as `fit` does with `near`, and without it as if there were no near-copies."""
    data = data_of(rows)
    copies = find_copies(data.texts, progress=SILENT).near if near else coded(map(canonical, data.texts))
    return assign_splits(data, group_rows(data.texts, data.groups, copies), seed=seed)


def coded(texts: Iterable[str]) -> NDArray[np.int64]:
    """A number for each text, the same for the same text."""
    codes: dict[str, int] = {}
    return np.array([codes.setdefault(text, len(codes)) for text in texts], dtype=np.int64)


def places(rows: Sequence[Mapping[str, object]], *, seed: int = 0, near: bool = False) -> dict[object, str]:
    """Split of each row by its id."""
    codes = split(rows, seed=seed, near=near).codes.tolist()
    return {row["id"]: SPLIT_NAMES[code] for row, code in zip(rows, codes, strict=True)}
