from __future__ import annotations

import pyarrow as pa
import pytest

from messages import message_rows
from suffice.errors import DataError
from suffice.pipeline.rows import placed as placed_module
from suffice.pipeline.rows.placed import placed
from suffice.pipeline.rows.prepare import summary_of
from suffice.records.dataset import SCHEMA
from suffice.records.progress import SILENT
from suffice.records.splits import SPLIT_NAMES
from suffice.store.versions import VersionManifest, write_version

MESSAGES = message_rows(120)
TEXTS = [row.text for row in MESSAGES] + [f"{row.text}!" for row in MESSAGES[:20]] + [f"{MESSAGES[0].text}s"]
ROWS = [
    {"id": f"r{n}", "source": "m.csv", "row": n, "text": text, "label": MESSAGES[n % 120].label}
    | dict.fromkeys(("group", "time", "split"))
    for n, text in enumerate(TEXTS)
]


def write(folder, rows, *, parent=None) -> VersionManifest:
    batches = pa.Table.from_pylist(rows, schema=SCHEMA).to_batches()
    return write_version(folder, batches, parent=parent, change="", sources=[("m.csv", "5e1f")], text=["text"])


def places(version, folder) -> dict[str, str]:
    rows = placed(version, folder, seed=0, progress=SILENT)
    return {i: SPLIT_NAMES[code] for i, code in zip(rows.data.ids, rows.splits.codes.tolist(), strict=True)}


def test_near_copies_stand_in_one_split(tmp_path):
    where = places(write(tmp_path, ROWS), tmp_path)
    assert where["r0"] == where["r120"] == where["r140"]
    assert all(where[f"r{n}"] == where[f"r{n + 120}"] for n in range(20))


def test_rows_of_one_customer_are_no_copies_of_one_another(tmp_path):
    def told(rows):
        version = write(tmp_path, rows)
        return summary_of(version, placed(version, tmp_path, seed=0, progress=SILENT))

    alone = told(ROWS)
    joined = told([row | {"group": "ann" if 50 <= n < 55 else None} for n, row in enumerate(ROWS)])
    # Five messages that were apart are one group now, and as many copies as before.
    assert (joined.n_copies, joined.n_groups) == (alone.n_copies, alone.n_groups - 4)
    assert alone.n_copies == alone.n_rows - alone.n_groups >= 21


def test_cleaning_moves_no_row_and_cleaning_again_neither(tmp_path):
    raw = write(tmp_path, ROWS)
    # The first rows of groups go, which name them, and rows are relabelled and come in another order.
    once = write(tmp_path, [row | {"label": "other"} for row in ROWS[:9:-1]], parent=raw.name)
    twice = write(tmp_path, [row | {"label": "other"} for row in ROWS[15:]], parent=once.name)
    before = places(raw, tmp_path)
    for version, n_rows in ((once, len(ROWS) - 10), (twice, len(ROWS) - 15)):
        after = places(version, tmp_path)
        assert len(after) == n_rows
        assert after == {row_id: before[row_id] for row_id in after}
    rows = placed(twice, tmp_path, seed=0, progress=SILENT)
    assert len(rows.copies.near) == len(rows.splits.codes) == len(rows.data)


def test_copies_are_looked_for_once_and_again_where_the_file_is_damaged(tmp_path, monkeypatch):
    raw = write(tmp_path, ROWS)
    first = placed(raw, tmp_path, seed=0, progress=SILENT)
    (kept,) = (tmp_path / raw.name).glob("copies-*.npz")
    looked = []
    find = placed_module.find_copies
    monkeypatch.setattr(placed_module, "find_copies", lambda texts, **more: looked.append(1) or find(texts, **more))
    assert placed(raw, tmp_path, seed=0, progress=SILENT).splits.sha256 == first.splits.sha256
    assert looked == []
    kept.write_bytes(kept.read_bytes()[:-40])
    assert placed(raw, tmp_path, seed=0, progress=SILENT).splits.sha256 == first.splits.sha256
    assert looked == [1]
    assert placed(raw, tmp_path, seed=0, progress=SILENT).copies.near.tolist() == first.copies.near.tolist()
    assert looked == [1]


def test_a_version_whose_first_version_is_gone_is_an_error_that_says_so(tmp_path):
    cleaned = write(tmp_path, ROWS[:5], parent="raw-000000000000")
    with pytest.raises(DataError, match=r"got: 'raw-000000000000', which none has\n  fix: there are: \S*clean-"):
        placed(cleaned, tmp_path, seed=0, progress=SILENT)
