"""Embeddings of a benchmark's messages, computed once and kept in a file: most of what its fits would do again."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.rungs.embed import Embed, Embedder
from suffice.text.token_budget import Budgeted

AT_A_TIME = 500
"""Rows of a query: SQLite takes some thousands of values at most."""


def embed_once(path: Path) -> None:
    """Lets every `embed` of this process, one that is loaded too, look its messages up before it embeds them.

    What a fit takes then holds no embedding; its answers are the same.

    Args:
        path: SQLite file; several processes may share it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    store = sqlite3.connect(path, timeout=60.0)
    store.execute("pragma journal_mode=wal")
    store.execute("create table if not exists embedded (key blob primary key, x blob)")

    def remembered(self: Embedder, rows: Sequence[Budgeted], *, progress: Progress) -> NDArray[np.float32]:
        keys = [_key(self, row) for row in rows]
        known = _looked_up(store, sorted(set(keys)))
        new = {key: row for key, row in zip(keys, rows, strict=True) if key not in known}
        if new:
            with progress.step("embedding messages", total=len(new)) as done:
                found = dict(zip(new, self.embed(list(new.values()), done=done), strict=True))
            with store:
                pairs = [(key, np.asarray(x, dtype=np.float32).tobytes()) for key, x in found.items()]
                store.executemany("insert or ignore into embedded values (?, ?)", pairs)
            known |= found
        return np.stack([known[key] for key in keys])

    Embedder.remembered = remembered  # type: ignore[method-assign]
    loaded_ones_remember()


def loaded_ones_remember() -> None:
    """Lets an `embed` that is loaded from a folder remember what was embedded, as one that was just fitted does."""
    load = Embed.load.__func__  # type: ignore[attr-defined]

    def remembering(cls: type[Embed], folder: Path, labels: LabelSet, *, base_folder: Path | None) -> Embed:
        rung: Embed = load(cls, folder, labels, base_folder=base_folder)
        rung._remembers = True
        return rung

    Embed.load = classmethod(remembering)  # type: ignore[method-assign, assignment]


def _key(embedder: Embedder, row: Budgeted) -> bytes:
    of_base = embedder.files.fingerprint.encode()
    return hashlib.sha256(of_base + np.asarray(row.ids, dtype=np.int64).tobytes()).digest()


def _looked_up(store: sqlite3.Connection, keys: list[bytes]) -> dict[bytes, NDArray[np.float32]]:
    found: dict[bytes, NDArray[np.float32]] = {}
    for start in range(0, len(keys), AT_A_TIME):
        asked = keys[start : start + AT_A_TIME]
        marks = ",".join("?" * len(asked))
        rows = store.execute(f"select key, x from embedded where key in ({marks})", asked)  # noqa: S608 (question marks)
        found |= {key: np.frombuffer(x, dtype=np.float32) for key, x in rows}
    return found
