"""The benchmark of messages out of scope, on a set of a few made-up messages."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import serve_scope
from serve_scope import cell, fitted, parts

from messages import message_rows


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of sets with four labels and strange questions."""
    sizes = {"train": 120, "validation": 80, "test": 80}
    names = [name for name, size in sizes.items() for _ in range(size)]
    rows = [
        {"text": row.text, "label": row.label, "split": name}
        for row, name in zip(message_rows(len(names)), names, strict=True)
    ]
    rows += [
        {"text": f"what {word} in town {n}", "label": "oos", "split": split}
        for n, word in enumerate(("weather", "concert", "height", "recipe") * 5)
        for split in ("train", "test")
    ]
    (tmp_path / "clinc150").mkdir()
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "clinc150" / "clinc150_full.jsonl").write_text(lines)
    return tmp_path


def test_no_message_out_of_scope_is_trained_on_or_sets_a_threshold(data: Path) -> None:
    labels, rows = parts(data)
    assert "oos" not in labels.names
    assert [len(rows[name].texts) for name in ("train", "validation", "test", "outside")] == [120, 80, 80, 20]
    assert not any(text.startswith("what ") for name in ("train", "validation", "test") for text in rows[name].texts)
    assert all(text.startswith("what ") for text in rows["outside"].texts)


def test_a_fit_is_kept_and_its_figures_are_those_of_the_test_messages(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve_scope, "N_DRAWS", 50)
    found = cell("tfidf", data=data, folder=tmp_path / "fits")
    assert found["measure"] == "logit"
    assert 0.9 < found["auroc_low"] <= found["auroc"] <= found["auroc_high"] <= 1.0
    assert found["accuracy"] > 0.9
    assert 0.0 <= found["held_out_refused"] <= 0.2
    assert found["ece_floor"] > 0.0
    labels, rows = parts(data)
    kept = fitted("tfidf", rows["train"], labels, folder=tmp_path / "fits")
    assert kept.train_seconds == 0.0  # It was read, not fitted.
    np.testing.assert_array_equal(kept.scores(["my card"]).logits.shape, (1, 4))
