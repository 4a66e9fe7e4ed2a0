"""N-grams survive whatever the rows are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from rung_data import ASKED, LABELS, TEXTS, data, fit, reloaded
from scipy.special import softmax

from suffice.rungs.interface import TrainingData
from suffice.rungs.tfidf import features


def scored(rows: TrainingData, folder: Path) -> Any:
    fitted = fit("tfidf", None, folder / "checkpoints", rows=rows)
    again = reloaded("tfidf", fitted, folder / "saved")
    logits = again.scores([*ASKED, *rows.texts]).logits
    assert np.isfinite(logits).all()
    assert logits.shape[1] == len(LABELS)
    assert fitted.size().adapter_bytes >= 0
    return logits[len(ASKED) :]


@pytest.mark.parametrize("few", [False, True], ids=["tune rows", "folds"])
@pytest.mark.parametrize(
    "texts",
    [
        ["!!!", "???", "...", "-", "€", "(:"] * 3,
        ["a", "b", "c", "!", "1", "é"] * 3,
        ["the same"] * 18,
        ["?"] * 18,
        [" ", "\t", "\u3000", " ", " ", " "] * 3,
        ["カードが使えません", "x" * 10_000, "\x00\x01", "a b", "a-b", "half \ud83d"] * 3,
    ],
    ids=["no word", "one character", "all the same", "all one mark", "blank", "strange"],
)
def test_texts_of_any_kind_are_fitted(texts: list[str], few: bool, tmp_path: Path) -> None:
    scored(data(few=few, texts=texts, y=[0, 2, 3] * 6), tmp_path)


def test_texts_without_a_word_are_still_told_apart(tmp_path: Path) -> None:
    logits = scored(data(few=True, texts=["!!!", "???", "..."] * 6, y=[0, 2, 3] * 6), tmp_path)
    assert logits.argmax(axis=1).tolist() == [0, 2, 3] * 6


def test_texts_all_the_same_have_the_label_shares(tmp_path: Path) -> None:
    logits = scored(data(few=True, texts=["the same"] * 30, y=[0, 0, 2] * 10), tmp_path)
    # Nothing tells the rows apart: two thirds and one third. The fit stops at a tolerance of 1e-3.
    np.testing.assert_allclose(softmax(logits[0])[[0, 2]], [2 / 3, 1 / 3], atol=0.02)


def test_a_label_that_only_one_fold_has_is_survived(tmp_path: Path) -> None:
    y = np.zeros(36, dtype=np.int64)
    y[[0, 1, 2]] = 2
    rows = data(few=True, y=y)
    assert set(rows.folds[y == 2]) == {0}
    assert (scored(rows, tmp_path).argmax(axis=1) == y).mean() > 0.9


def test_one_label_alone_is_survived(tmp_path: Path) -> None:
    logits = scored(data(y=np.full(36, 3)), tmp_path)
    assert set(logits.argmax(axis=1)) == {3}


def test_one_row_alone_is_survived(tmp_path: Path) -> None:
    assert scored(data(few=True, texts=["a"], y=[2]), tmp_path).argmax() == 2


def test_nothing_in_the_file_can_run_code(tmp_path: Path) -> None:
    reloaded("tfidf", fit("tfidf", None, tmp_path / "checkpoints"), tmp_path / "saved")
    assert skops.io.get_untrusted_types(file=tmp_path / "saved" / "model.skops") == []


def test_types_that_no_rung_writes_are_refused_and_skops_is_left_as_it_was(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from suffice.rungs.skops_file import load_skops, save_skops\n"
    code += "from sklearn.tree import DecisionTreeClassifier; from sklearn.dummy import DummyClassifier\n"
    code += "from sklearn.utils import all_estimators as every\n"
    code += "here = Path(sys.argv[1]); save_skops(DummyClassifier(), here / 'ours'); load_skops(here / 'ours')\n"
    code += "save_skops(DecisionTreeClassifier(), here / 'other')\n"
    code += (
        "try: load_skops(here / 'other')\nexcept TypeError as error: print('DecisionTreeClassifier' in str(error))\n"
    )
    code += "import sklearn.utils, skops.io; print(sklearn.utils.all_estimators is every)\n"
    code += "print(skops.io.get_untrusted_types(file=here / 'other'))"
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["True", "True", "[]"], ran.stderr


def test_rare_character_runs_count_in_small_sets_only(tmp_path: Path) -> None:
    # 1,001 rows: the runs of the one odd word occur once and are dropped; its whole word stays.
    many = ["card refund"] * 1_000 + ["zyzzyva"]
    fitted = fit("tfidf", None, tmp_path, rows=data(texts=many, y=[0] * 500 + [2] * 501))
    words, runs = (set(part.vocabulary_) for _, part in fitted._vectoriser.transformer_list)
    assert "zyzzyva" in words
    assert not any("zy" in run for run in runs)
    small = fit("tfidf", None, tmp_path, rows=data(texts=[*TEXTS[:-1], "zyzzyva"]))
    assert any("zy" in run for run in small._vectoriser.transformer_list[1][1].vocabulary_)


def test_a_text_of_any_length_is_read_whole(tmp_path: Path) -> None:
    fitted = fit("tfidf", None, tmp_path)
    scores = fitted.scores(["word " * 50_000 + "refund refund", "word " * 50_000])
    assert not scores.truncated.any()
    assert scores.logits[0, LABELS.names.index("refund")] > scores.logits[1, LABELS.names.index("refund")]


def test_features_are_those_that_the_rung_learns_from(tmp_path: Path) -> None:
    fitted = fit("tfidf", None, tmp_path)
    x = features(TEXTS)
    np.testing.assert_allclose(x.toarray(), fitted._vectoriser.transform(TEXTS).toarray(), atol=1e-12)
    assert x[[3, 5]].shape == (2, x.shape[1])


def test_texts_without_anything_to_count_have_features_all_the_same() -> None:
    x = features([" ", "", "\t"])
    assert (x.shape[0], x.nnz) == (3, 0)
