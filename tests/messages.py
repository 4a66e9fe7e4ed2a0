"""Short messages in four categories, made by a rule that any rung can learn: files of them, and task files."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

WORDS = {
    "card": ("card", "chip", "pin"),
    "money": ("refund", "payment", "fee"),
    "parcel": ("parcel", "courier", "address"),
    "sign_in": ("password", "login", "account"),
}
LABELS = tuple(WORDS)
_OPENINGS = ("hello", "please", "why", "today", "again", "sorry", "urgent", "hi there", "well", "so")
_ENDINGS = ("is wrong", "does not work", "was lost", "help me", "what now", "came late", "is blocked", "need it")
SPLIT_SIZES = {"train": 160, "validation": 200, "test": 120}
"""Enough validation rows that no rung is judged out of fold, which takes ten times as long."""
QUICK = {"n_train": 40, "epochs": 2, "batch_size": 8, "label_output": "tokens"}
"""A `train` section with which a tiny language model is trained in a second."""


class Row(NamedTuple):
    """A message with its label, and the split where the file names one."""

    text: str
    label: str
    split: str | None = None


def message_rows(n: int, *, seed: int = 0, wrong: float = 0.0) -> list[Row]:
    """Distinct messages, labels in turn; a share `wrong` of them has another label than its words say."""
    draw = random.Random(seed)
    texts: dict[str, Row] = {}
    while len(texts) < n:
        label = LABELS[len(texts) % len(LABELS)]
        parts = (draw.choice(_OPENINGS), "my", draw.choice(WORDS[label]), draw.choice(_ENDINGS))
        text = " ".join((*parts, str(draw.randrange(1000))))
        said = draw.choice([other for other in LABELS if other != label]) if draw.random() < wrong else label
        texts.setdefault(text, Row(text, said))
    return list(texts.values())


def split_rows(*, seed: int = 0, wrong: float = 0.0) -> list[Row]:
    """Rows with a split each, in the sizes of `SPLIT_SIZES`."""
    names = [name for name, size in SPLIT_SIZES.items() for _ in range(size)]
    rows = message_rows(len(names), seed=seed, wrong=wrong)
    return [row._replace(split=name) for row, name in zip(rows, names, strict=True)]


def write_csv(path: Path, rows: Iterable[Row]) -> Path:
    """A CSV file with columns text and label, and split where the rows have one."""
    rows = list(rows)
    columns = Row._fields if rows[0].split else Row._fields[:2]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(row[: len(columns)] for row in rows)
    return path


def write_task(folder: Path, rows: Iterable[Row], **sections: Any) -> Path:
    """`messages.csv` and `task.yaml` in a folder; sections replace those of a plain task."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "messages.csv", rows)
    task = {
        "name": "messages",
        "data": {"path": "messages.csv"},
        "target": {"at_least": 0.9},
        "ladder": ["majority", "tfidf"],
        **sections,
    }
    path = folder / "task.yaml"
    path.write_text(yaml.safe_dump(task, sort_keys=False), encoding="utf-8")
    return path
