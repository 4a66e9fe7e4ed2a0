"""How hard rows are: told by models that have not seen them, once for all cells on the same rows."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from messages import QUICK, WORDS, Row, message_rows, split_rows, write_task
from suffice.errors import TaskError
from suffice.pipeline.cells import difficulty
from suffice.pipeline.cells.difficulty import difficulty_of
from suffice.pipeline.cells.names import cells_of, run_name
from suffice.pipeline.cells.rows import training_rows
from suffice.pipeline.rows.prepare import prepare
from suffice.pipeline.rows.workspace import Workspace
from suffice.pipeline.single import train_rung
from suffice.records.progress import SILENT
from suffice.rungs.logistic import fit_one_vs_rest
from suffice.store.task_file import load_task

EASY_FIRST = "train.curriculum=easy-first"


@pytest.fixture
def prepared(tmp_path, tiny_bert):
    """A task whose training rows have wrong labels in places, and the cells of a rung of it."""

    def made(*overrides, rows=None):
        task = write_task(tmp_path, rows or split_rows(wrong=0.05), train={"encoder": str(tiny_bert)} | QUICK)
        loaded = load_task(task, overrides=["train.n_train=null", *overrides])
        return prepare(loaded, Workspace(out=tmp_path / "out"), folder=tmp_path, progress=SILENT)

    return made


def cell_of(prepared, rung="encoder", *, seed=0):
    return cells_of(rung, prepared, seed=seed, progress=SILENT)[0]


def asked(prepared, cell, folder):
    rows = training_rows(cell, prepared.material)
    return difficulty_of(cell, prepared.material, rows, beside=folder, progress=SILENT)


def test_by_default_no_row_is_hard_and_nothing_is_asked(prepared, tmp_path, monkeypatch):
    monkeypatch.setattr(difficulty, "out_of_fold_losses", None)
    given = prepared()
    assert asked(given, cell_of(given), tmp_path) is None


def test_length_is_in_characters_of_the_rows_own_text(prepared, tmp_path):
    given = prepared(EASY_FIRST, "train.difficulty=length")
    found = asked(given, cell_of(given), tmp_path)
    assert found.tolist() == [len(text) for text in given.material.data.take(given.material.rows("train")).texts]


def test_rows_whose_label_says_something_else_than_their_words_are_the_hardest(prepared, tmp_path):
    given = prepared(EASY_FIRST)
    losses = asked(given, cell_of(given), tmp_path)
    rows = given.material.data.take(given.material.rows("train"))
    said = [
        {word for word in text.split() if word in WORDS[label]}
        for text, label in zip(rows.texts, rows.labels, strict=True)
    ]
    wrong = np.array([not words for words in said])
    assert wrong.sum() >= 4
    assert losses[wrong].min() > np.median(losses[~wrong])
    assert losses[wrong].mean() > 3 * losses[~wrong].mean()
    assert (losses > 0).all()


def test_no_model_that_is_asked_about_a_row_has_seen_it_or_a_copy_of_it_or_a_row_of_another_split(
    prepared, tmp_path, monkeypatch
):
    copies = [Row(f"{row.text}{mark}", row.label, "train") for row in message_rows(60) for mark in ("", "!")]
    given = prepared(EASY_FIRST, rows=[*copies, *(row for row in split_rows(seed=1) if row.split != "train")])
    cell, material = cell_of(given), given.material
    rows = training_rows(cell, material)
    assert 2 * len(np.unique(material.groups[rows])) == len(rows) > 100
    said: list[tuple[list[str], list[int]]] = []

    def features(texts):
        said.append((texts, []))
        return np.arange(len(texts), dtype=np.float64)[:, None]

    class Remembers:
        classes_ = np.arange(4)

        def __init__(self, x, y, *, c):
            self.seen = x[:, 0].astype(int)
            assert y.tolist() == material.y[rows][self.seen].tolist()

        def decision_function(self, x):
            held = x[:, 0].astype(int)
            said[0][1].extend(held.tolist())
            assert set(material.groups[rows[held]]).isdisjoint(material.groups[rows[self.seen]])
            return np.full((len(held), 4), np.log(0.25))

    monkeypatch.setattr(difficulty.tfidf, "features", features)
    monkeypatch.setattr(difficulty, "fit_one_vs_rest", Remembers)
    losses = asked(given, cell, tmp_path / "runs")
    np.testing.assert_allclose(losses, np.log(4))
    ((texts, held),) = said
    assert texts == material.data.take(rows).texts
    assert sorted(held) == list(range(len(rows)))


def test_labels_of_validation_rows_decide_no_loss(prepared, tmp_path):
    rows = split_rows(wrong=0.05)
    turned = {"card": "money", "money": "parcel", "parcel": "sign_in", "sign_in": "card"}
    other = [row._replace(label=turned[row.label]) if row.split == "validation" else row for row in rows]
    first, second = (prepared(EASY_FIRST, rows=given) for given in (rows, other))
    one, two = (asked(given, cell_of(given), tmp_path / name) for given, name in ((first, "one"), (second, "two")))
    np.testing.assert_array_equal(one, two)


def test_cells_on_the_same_rows_ask_once_and_others_for_themselves(prepared, tmp_path, monkeypatch, tiny_llama):
    fitted: list[int] = []

    def counted(x, y, *, c):
        fitted.append(len(y))
        return fit_one_vs_rest(x, y, c=c)

    monkeypatch.setattr(difficulty, "fit_one_vs_rest", counted)
    given = prepared(EASY_FIRST, "train.label_output=auto")
    tokens, head = cells_of(str(tiny_llama), given, seed=0, progress=SILENT)
    first = asked(given, tokens, tmp_path / "runs")
    assert len(fitted) == 5
    for cell in (tokens, head, cell_of(given), cell_of(given, seed=1)):
        np.testing.assert_array_equal(asked(given, cell, tmp_path / "runs"), first)
    assert len(fitted) == 5
    fewer = replace(tokens, train=tokens.train.model_copy(update={"n_train": 80}))
    assert len(asked(given, fewer, tmp_path / "runs")) <= 80
    assert len(fitted) == 10
    # A subset of the same size by another seed has other rows.
    asked(given, replace(fewer, seed=1), tmp_path / "runs")
    assert len(fitted) == 15


def test_losses_that_were_damaged_on_disk_are_asked_again(prepared, tmp_path):
    given = prepared(EASY_FIRST)
    first = asked(given, cell_of(given), tmp_path / "runs")
    (kept,) = (tmp_path / "runs").iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    np.testing.assert_array_equal(asked(given, cell_of(given), tmp_path / "runs"), first)


def test_rows_of_one_customer_alone_have_no_loss_and_the_error_says_what_to_do(prepared, tmp_path):
    given = prepared(EASY_FIRST)
    one = replace(given, material=replace(given.material, groups=np.zeros_like(given.material.groups)))
    with pytest.raises(
        TaskError,
        match=r"got: \d+ training rows that are all of one group of .*\n  fix: set train\.difficulty=length",
    ):
        asked(one, cell_of(given), tmp_path / "runs")


def test_every_order_is_a_run_of_its_own_but_of_a_rung_without_one(prepared, tiny_llama):
    orders = ([], [EASY_FIRST], [EASY_FIRST, "train.difficulty=length"])
    for rung, n_names in (("encoder", 3), (str(tiny_llama), 3), ("embed", 1), ("tfidf", 1), ("majority", 1)):
        names = {run_name(cell_of(given, rung), given) for given in (prepared(*order) for order in orders)}
        assert len(names) == n_names, rung


def test_a_network_is_trained_from_easy_to_hard_and_says_so_in_its_run(tmp_path, tiny_llama):
    task = write_task(tmp_path, split_rows(), train=QUICK | {"epochs": 1, "n_train": 60})
    adapters = {}
    for order in ("random", "easy-first"):
        given = load_task(task, overrides=[f"train.curriculum={order}"])
        out = tmp_path / "out"
        run = train_rung(given, str(tiny_llama), folder=tmp_path, out=out, seed=0, progress=SILENT)
        assert run.cell.train.curriculum == order
        model = out / "runs" / run.name / "fitted" / "model"
        adapters[order] = (model / "adapter_model.safetensors").read_bytes()
    assert adapters["random"] != adapters["easy-first"]
    assert [path.suffix for path in (tmp_path / "out" / "runs").iterdir() if path.is_file()] == [".npz"]


@pytest.mark.parametrize("rungs", list(combinations(("majority", "tfidf", "embed"), 2)))
def test_an_order_that_no_rung_would_follow_is_an_error(tmp_path, fit_task, rungs):
    task = write_task(tmp_path, split_rows(), ladder=list(rungs))
    with pytest.raises(
        TaskError,
        match=rf"train\.curriculum: .*\n  got: {rungs[0]}, {rungs[1]} alone\n  fix: add such a rung, or take",
    ):
        fit_task(task, EASY_FIRST)
    with pytest.raises(TaskError, match=rf"got: {rungs[0]} alone"):
        train_rung(
            load_task(task, overrides=[EASY_FIRST]),
            rungs[0],
            folder=tmp_path,
            out=tmp_path / "out",
            seed=0,
            progress=SILENT,
        )
