from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from reading import reading

from messages import LABELS, message_rows, split_rows, write_task
from suffice.pipeline.cells.answered import write_predictions
from suffice.pipeline.labels import evidence as evidence_module
from suffice.pipeline.rows.workspace import read_run
from suffice.records.evaluation import Predictions
from suffice.records.evidence import Evidence, NoEvidence
from suffice.records.splits import SPLIT_NAMES
from suffice.store import strict_json

ROWS = message_rows(160)
SPLITS = ("calibration", "train", "train", "validation", "test", "train", "train", "validation")


@pytest.fixture
def times_asked(monkeypatch) -> list[int]:
    """Grows whenever models are asked."""
    asked, ask = [], evidence_module.ask
    monkeypatch.setattr(evidence_module, "ask", lambda rows, **more: asked.append(1) or ask(rows, **more))
    return asked


@pytest.fixture
def of_customers(tmp_path, tiny_bert):
    """A task of 120 messages with an encoder; every customer wrote three, all in one split."""
    path = write_task(tmp_path, ROWS[:120], ladder=["tfidf", "embed"], train={"encoder": str(tiny_bert)})
    with (tmp_path / "messages.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label", "customer", "split"])
        for n, row in enumerate(ROWS[:120]):
            writer.writerow([row.text, row.label, f"c{n // 3}", SPLITS[n // 3 % 8]])
    return reading(path, "data.group=customer")


def assert_same(one: Evidence, other: Evidence) -> None:
    np.testing.assert_array_equal(one.probs, other.probs)
    np.testing.assert_array_equal(one.suspicion.score, other.suspicion.score)
    np.testing.assert_array_equal(one.suspicion.neighbours, other.suspicion.neighbours)
    np.testing.assert_array_equal(one.paraphrases, other.paraphrases)
    assert (one.pairs, one.no_embeddings) == (other.pairs, other.no_embeddings)
    assert [point.n_train for point in one.curve] == [point.n_train for point in other.curve]


def test_models_are_asked_once_and_then_the_answers_are_read_from_disk(of_customers, times_asked):
    first, again = of_customers.ask(), of_customers.ask()
    assert (len(times_asked), len(of_customers.kept)) == (1, 1)
    assert_same(first, again)


def test_a_damaged_file_is_asked_for_again(of_customers, times_asked):
    first = of_customers.ask()
    (path,) = of_customers.kept
    path.write_bytes(path.read_bytes()[:-40])
    assert_same(first, of_customers.ask())
    assert_same(first, of_customers.ask())
    assert len(times_asked) == 2


@pytest.mark.parametrize("override", ["split.seed=1", "context_tokens=16", "too_long=head", "ladder=[tfidf]"])
def test_what_decides_the_answers_has_a_file_of_its_own(tmp_path, override, times_asked):
    path = write_task(tmp_path, ROWS)
    reading(path).ask()
    other = reading(path, override)
    other.ask()
    # The ladder has no embeddings either way.
    assert len(times_asked) == len(other.kept) == (1 if override.startswith("ladder") else 2)


def test_all_that_is_asked_about_is_of_train_and_validation_unless_test_is_asked_for(of_customers):
    data, splits = of_customers.read.placed.data, of_customers.read.placed.splits
    found, every = of_customers.ask(), of_customers.ask(also_test=True)
    assert found.rows.tolist() == found.suspicion.rows.tolist() == splits.rows("train", "validation").tolist()
    assert {SPLIT_NAMES[code] for code in splits.codes[found.rows]} == {"train", "validation"}
    assert np.isin(found.suspicion.neighbours, [-1, *found.rows]).all()
    assert every.rows.tolist() == list(range(120))
    assert found.y.tolist() == [LABELS.index(data.labels[row]) for row in found.rows]
    assert len(found.paraphrases) == len(data)


def test_cheap_rungs_speak_of_every_row_in_their_order(of_customers):
    found = of_customers.ask()
    assert [one.rung for one in found.out_of_fold] == ["tfidf", "embed"]
    assert {one.n_train for one in found.out_of_fold} == {72}
    np.testing.assert_allclose(found.probs.sum(axis=1), 1.0)
    assert found.no_embeddings is None
    # N-grams tell these labels apart.
    assert (found.out_of_fold[0].log_probs.argmax(axis=1) == found.y).mean() > 0.95
    # A half of 72 rows, and all; a quarter is too few to ask about.
    assert [(point.rung, point.n_train) for point in found.curve] == [("embed", 36), ("embed", 72)]
    assert found.curve[-1].correct.tolist() == (found.out_of_fold[1].log_probs.argmax(axis=1) == found.y).tolist()


def test_no_row_is_held_against_rows_of_its_own_customer(of_customers):
    found, groups = of_customers.ask(), of_customers.read.placed.splits.groups
    neighbours, similarities = found.suspicion.neighbours, found.suspicion.similarities
    known = neighbours >= 0
    assert neighbours.shape == (90, 20)
    assert known.sum() > 90 * 10
    assert (groups[neighbours] != groups[found.rows][:, None])[known].all()
    # Those between them are of calibration and test.
    assert (similarities[~known] == -1).all()
    for of_row, is_known in zip(similarities, known, strict=True):
        assert (np.diff(of_row[is_known]) <= 0).all()


def test_a_set_too_small_for_a_learning_curve_has_its_end_alone(tmp_path):
    found = reading(write_task(tmp_path, [row._replace(split=SPLITS[n % 8]) for n, row in enumerate(ROWS[:48])])).ask()
    assert [(point.rung, point.n_train) for point in found.curve] == [("tfidf", 29)]


def test_rows_of_labels_outside_the_set_are_left_out(tmp_path):
    known = reading(write_task(tmp_path, ROWS, labels=list(LABELS[:3])))
    found = known.ask()
    assert {known.read.placed.data.labels[row] for row in found.rows} == set(LABELS[:3])


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (
            [row._replace(split=SPLITS[n % 8]) for n, row in enumerate(ROWS[:24])],
            "18 rows of known labels in train and validation are too few to learn from",
        ),
        ([row._replace(label="card") for row in split_rows()], "the rows in train and validation have one label only"),
        (
            [row._replace(text=f"the same {n % 4} words of everybody", split="train") for n, row in enumerate(ROWS)],
            "the rows are fewer than 5 groups of copies, customers or threads",
        ),
    ],
)
def test_where_no_model_can_be_asked_it_says_why(tmp_path, rows, why, times_asked):
    asked = reading(write_task(tmp_path, rows, labels=list(LABELS)))
    assert asked.ask() == NoEvidence(why=why)
    assert (times_asked, asked.kept) == ([], [])


def test_an_encoder_that_cannot_be_had_leaves_ngrams(tmp_path, times_asked):
    encoder = {"encoder": "somebody/nowhere"}
    asked = reading(write_task(tmp_path, ROWS, ladder=["tfidf", "embed"], train=encoder))
    found = asked.ask()
    assert [one.rung for one in found.out_of_fold] == ["tfidf"]
    missing = "the encoder somebody/nowhere is not on this machine (`suffice models pull somebody/nowhere` brings it)"
    assert found.no_embeddings == missing
    assert found.suspicion.neighbours.shape == (len(found.rows), 0)
    assert found.paraphrases is None
    # Once the encoder can be had, its fingerprint asks for answers under another name.
    asked.ask()
    assert (len(asked.kept), len(times_asked)) == (1, 1)


def test_a_ladder_without_embeddings_says_so_and_is_kept(tmp_path):
    asked = reading(write_task(tmp_path, ROWS))
    found = asked.ask()
    assert found.no_embeddings == "the ladder has no rung with sentence embeddings (embed, encoder)"
    assert {point.rung for point in found.curve} == {"tfidf"}
    assert len(asked.kept) == 1


def test_a_text_that_is_too_long_ends_no_audit(tmp_path, tiny_bert):
    rows = [row._replace(text=f"{row.text} " * 30) if n == 5 else row for n, row in enumerate(ROWS)]
    train = {"encoder": str(tiny_bert)}
    path = write_task(tmp_path, rows, ladder=["embed"], too_long="error", context_tokens=16, train=train)
    assert isinstance(reading(path).ask(), Evidence)


class TestTrained:
    """Models that a fit trained anyway."""

    @pytest.fixture
    def asked(self, tmp_path):
        return reading(write_task(tmp_path, split_rows()))

    @pytest.fixture
    def trained(self, asked, fitted):
        """Writes a run that is sure of one label for the first validation row; gives that row."""
        row = int(asked.read.placed.splits.rows("validation")[0])
        data, labels = asked.read.placed.data, asked.read.labels
        wrong = (labels.encode([data.labels[row]])[0] + 1) % 4
        manifest = read_run(fitted.runs("tfidf")[0])

        def write(**cell):
            settings = {"rung": "encoder", "split_sha256": asked.read.placed.splits.sha256, **cell}
            run = asked.workspace.runs / "encoder-n1-s0-abcd"
            run.mkdir(parents=True)
            probs = np.full((2, 4), 1e-6)
            probs[:, wrong] = 1 - 3e-6
            predictions = Predictions(ids=(data.ids[row], "gone"), labels=labels, probs=probs, n_truncated=0)
            write_predictions(run / "predictions.parquet", predictions)
            strict_json.write(run / "manifest.json", replace(manifest, cell=replace(manifest.cell, **settings)))
            return row

        return write

    def test_have_a_say_on_the_validation_rows_that_they_judged(self, asked, trained):
        before = asked.ask()
        row = trained()
        after = asked.ask()
        changed = before.rows[(before.probs != after.probs).any(axis=1)]
        assert changed.tolist() == [row]
        place = int(np.searchsorted(before.rows, row))
        assert after.suspicion.score[place] > before.suspicion.score[place]

    @pytest.mark.parametrize(
        "cell", [{"rung": "tfidf"}, {"split_sha256": "f" * 64}, {"labels": ("card", "money", "parcel", "other")}]
    )
    def test_of_cheap_rungs_other_rows_or_other_labels_have_none(self, asked, trained, cell):
        before = asked.ask()
        trained(**cell)
        assert_same(before, asked.ask())

    @pytest.mark.parametrize("what", ["unfinished", "of another version"])
    def test_that_are_unfinished_or_of_another_version_have_none(self, asked, trained, what):
        before = asked.ask()
        trained()
        (manifest,) = asked.workspace.runs.glob("*/manifest.json")
        if what == "unfinished":
            manifest.unlink()
        else:
            manifest.write_text('{"format": 99}')
        assert_same(before, asked.ask())
