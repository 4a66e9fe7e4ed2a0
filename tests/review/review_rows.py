"""Rows for the tests of the review room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from suffice.copies import find_copies
from suffice.records.copies import Copies
from suffice.records.dataset import SCHEMA, Dataset
from suffice.records.decision import Decision
from suffice.records.progress import SILENT
from suffice.records.splits import SPLIT_NAMES, Splits
from suffice.review.read import Line


def data_of(rows: Sequence[tuple[str, ...]], *, name: str = "raw-1", source: str = "m.csv") -> Dataset:
    """Rows of text and label, and a split where it is given."""
    columns = [
        {"id": f"id{n}", "source": source, "row": n, "text": row[0], "label": row[1]} for n, row in enumerate(rows)
    ]
    return Dataset(table=pa.Table.from_pylist(columns, schema=SCHEMA), name=name)


def splits_of(rows: Sequence[tuple[str, ...]]) -> Splits:
    """Where each row stands; train where it does not say."""
    n = len(rows)
    return Splits(
        codes=np.array([SPLIT_NAMES.index(row[2]) if len(row) > 2 else 0 for row in rows], dtype=np.int64),
        groups=np.arange(n),
        keys=tuple(map(str, range(n))),
        brought=(),
        sha256="",
        test_sha256="",
    )


def copies_of(data: Dataset) -> Copies:
    return find_copies(data.texts, progress=SILENT)


def lines(*decisions: Decision) -> list[Line]:
    """The decisions as a file has them."""
    return [Line(f"decisions.jsonl:{n}", decision) for n, decision in enumerate(decisions, start=1)]
