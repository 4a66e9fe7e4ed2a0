"""Rows for the tests of the split room, and where each of them went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from suffice.copies import group_rows
from suffice.records.dataset import SCHEMA, Dataset
from suffice.records.splits import SPLIT_NAMES, Splits
from suffice.split import assign_splits


def rows_of(texts: Sequence[str], **columns: Sequence[str | None]) -> list[dict[str, object]]:
    """Rows with an id of their own each; `columns` are group, time, split or label."""
    return [
        {"id": f"r{n}", "source": "m.csv", "row": n, "text": text, "label": "a"}
        | dict.fromkeys(("group", "time", "split"))
        | {name: values[n] for name, values in columns.items()}
        for n, text in enumerate(texts)
    ]


def split(rows: Sequence[Mapping[str, object]], *, seed: int = 0) -> Splits:
    """Groups and splits the rows as `fit` does."""
    data = Dataset(table=pa.Table.from_pylist(list(rows), schema=SCHEMA), name="raw-1")
    return assign_splits(data, group_rows(data.texts, data.groups), seed=seed)


def places(rows: Sequence[Mapping[str, object]], *, seed: int = 0) -> dict[object, str]:
    """Split of each row by its id."""
    codes = split(rows, seed=seed).codes.tolist()
    return {row["id"]: SPLIT_NAMES[code] for row, code in zip(rows, codes, strict=True)}
