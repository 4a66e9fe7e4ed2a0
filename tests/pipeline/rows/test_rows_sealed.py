from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from suffice.errors import StorageError
from suffice.pipeline.rows.sealed import SealedTest
from suffice.records.dataset import SCHEMA, Dataset
from suffice.records.labels import LabelSet
from suffice.store.home import home


@pytest.fixture
def sealed():
    rows = [{"id": str(i), "source": "m.csv", "row": i, "text": f"secret {i}", "label": "ab"[i % 2]} for i in range(4)]
    data = Dataset(table=pa.Table.from_pylist(rows, schema=SCHEMA), name="raw-0000")
    return SealedTest(data, labels=LabelSet(names=("a", "b")), groups=np.arange(4), sha256="f" * 64)


def test_a_sealed_test_shows_counts_and_places_and_neither_text_nor_label(sealed):
    assert len(sealed) == 4
    public = {name: getattr(sealed, name) for name in dir(sealed) if not name.startswith("_")}
    counts = {"design_effect", "label_rows", "n_fresh", "next_opening", "openings", "rows_where", "sha256"}
    assert set(public) == {"open", "require_ledger", *counts}
    assert "secret" not in repr(sealed)
    assert (sealed.next_opening(None), sealed.next_opening("hypothesis")) == (1, 1)
    assert sealed.label_rows(["b", "c"]) == {"b": 2, "c": 0}
    # Where every row has a copy, all are held against the target as they are.
    assert (sealed.n_fresh(np.array([0, 9])), sealed.n_fresh(np.arange(4))) == (3, 4)
    assert sealed.rows_where(lambda texts: np.array([text.endswith("3") for text in texts])) == [("m.csv", 3)]
    assert not (home() / "openings.jsonl").exists()


def test_the_opening_stands_in_the_ledger_before_the_rows_are_given(sealed):
    assert sealed.openings() == 0
    rows = sealed.open("hypothesis")
    (line,) = (home() / "openings.jsonl").read_text().splitlines()
    assert json.loads(line)["hypothesis"] == "hypothesis"
    assert rows.opening.number == sealed.openings() == 1
    assert (rows.texts[0], rows.y.tolist()) == ("secret 0", [0, 1, 0, 1])


def test_where_the_ledger_cannot_be_written_the_rows_stay_sealed(sealed, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SUFFICE_HOME", str(tmp_path / "file" / "below"))
    with pytest.raises(StorageError, match="name a folder"):
        sealed.open("hypothesis")


def test_a_ledger_that_cannot_be_written_is_met_before_anything_is_trained(sealed, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SUFFICE_HOME", str(tmp_path / "file" / "below"))
    with pytest.raises(StorageError, match="name a folder"):
        sealed.require_ledger()
