from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import huggingface_hub
import numpy as np
import pytest

import suffice
from messages import LABELS, message_rows
from suffice.bundles.card import model_card
from suffice.bundles.folder import add_base, verify
from suffice.errors import BundleError, ModelError
from suffice.records.copies import CutComponent
from suffice.rungs.bases import matching_base


@pytest.fixture
def bundle(fitted, tmp_path):
    """A copy of a bundle, to be changed."""
    return shutil.copytree(fitted.bundle("tfidf"), tmp_path / "bundle")


@pytest.fixture
def causal_bundle(fitted_causal, tmp_path):
    """A copy of a tuned language model's bundle, which stands on a base model."""
    (place,) = [folder for folder in fitted_causal.bundle("").iterdir() if folder.name != "majority"]
    return shutil.copytree(place, tmp_path / "bundle")


def test_every_file_is_listed_with_its_hash_as_sha256sum_checks_it(bundle):
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=bundle, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
    files = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert {line.partition(":")[0] for line in checked.stdout.splitlines()} == files
    assert {"README.md", "bundle.json", "classifier.json", "model/model.skops"} == files


def test_changed_added_and_missing_files_are_all_named_at_once(bundle):
    (bundle / "classifier.json").write_text("{}")
    (bundle / "README.md").unlink()
    (bundle / "model" / "SHA256SUMS").write_text("a stowaway")
    with pytest.raises(BundleError) as caught:
        suffice.load(bundle)
    assert [problem.where.removeprefix(f"{bundle}/") for problem in caught.value.problems] == [
        "README.md",
        "classifier.json",
        "model/SHA256SUMS",
    ]
    message = str(caught.value)
    assert "got: no such file" in message
    assert "got: a file that is not listed" in message
    assert "must have the sha256 in SHA256SUMS" in message
    assert "copy it again, or run `suffice fit` again" in message


def test_one_flipped_bit_is_refused(bundle):
    model = bundle / "model" / "model.skops"
    held = bytearray(model.read_bytes())
    held[len(held) // 2] ^= 1
    model.write_bytes(held)
    with pytest.raises(BundleError, match=r"model.skops: must have the sha256[\s\S]*got: sha256 "):
        suffice.load(bundle)


def test_a_list_of_hashes_that_is_no_text_is_refused(bundle):
    (bundle / "SHA256SUMS").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BundleError, match="a file that is not listed"):
        suffice.load(bundle)


def test_a_folder_that_is_no_bundle_is_refused(tmp_path):
    with pytest.raises(BundleError, match=r"must be a bundle[\s\S]*no SHA256SUMS in it[\s\S]*under `bundles/`"):
        suffice.load(tmp_path)
    with pytest.raises(BundleError, match="no such folder"):
        suffice.load(tmp_path / "nowhere")


def test_a_classifier_of_another_version_says_so(fitted, tmp_path):
    fitted_folder = shutil.copytree(fitted.runs("tfidf")[0] / "fitted", tmp_path / "fitted")
    text = (fitted_folder / "classifier.json").read_text()
    (fitted_folder / "classifier.json").write_text(text.replace('"format": 1', '"format": 99'))
    with pytest.raises(BundleError, match=r"reads format 1\n  got: format 99\n  fix: run the version"):
        suffice.bundles.Classifier.load(fitted_folder)


def test_the_record_says_what_the_bundle_is(bundle, fitted):
    record = verify(bundle)
    assert (record.task, record.rung, record.base) == ("messages", "tfidf", None)
    assert record.run.cell.labels == LABELS
    assert record.run.cell.refit
    assert record.test is not None
    assert record.test.accuracy.n == 120
    assert record.validation is not None
    assert record.validation.accuracy.n == 200
    assert record.verdict is not None
    assert "tfidf" in record.verdict
    assert verify(fitted.bundle("majority")).verdict is None


def test_the_card_has_front_matter_that_the_hub_reads(bundle):
    card = huggingface_hub.ModelCard((bundle / "README.md").read_text(encoding="utf-8"))
    assert card.data.library_name == "suffice"
    assert card.data.pipeline_tag == "text-classification"
    metrics = {result.metric_type: result.metric_value for result in card.data.eval_results}
    record = verify(bundle)
    assert metrics["accuracy"] == pytest.approx(record.test.accuracy.accuracy, abs=1e-4)
    assert all(f"`{label}`" in card.text for label in LABELS)
    assert "sha256sum -c SHA256SUMS" in card.text


def test_the_card_and_the_record_say_how_the_rows_were_divided(bundle):
    split = verify(bundle).split
    assert split is not None
    card = (bundle / "README.md").read_text(encoding="utf-8").partition("## Split")[2]
    for name in split.brought:
        assert f"| {name} | {split.n_rows[name]:,} | {split.n_groups[name]:,} | brought by the data |" in card
    told = "rows have a copy, or a row of the same customer or thread, in"
    assert f"- {split.n_leaked['test']:,} test {told} train or validation or calibration\n" in card
    assert f"- {split.n_leaked['validation']:,} validation {told} train\n" in card
    assert "share 80% of their character 5-grams or more, count as one group (every pair was compared)" in card
    assert f"- split `{split.sha256}`\n- test rows `{split.test_sha256}`" in card


def test_the_card_says_what_minhash_misses_and_what_was_parted(bundle):
    record = verify(bundle)
    cut = (CutComponent(n_rows=7_000, threshold=0.9),)
    split = replace(record.split, method="minhash", miss_rate=0.00169, cut=cut, brought=())
    card = model_card(replace(record, split=split))
    assert "MinHash, which misses a pair right at that with chance 0.0017" in card
    assert "7,000 near-copies hung together and were parted at 90%" in card
    assert "| made |" in card
    assert "## Split" not in model_card(replace(record, split=None))


def test_a_tuned_models_card_names_peft_and_no_folder_of_this_machine(causal_bundle):
    card = huggingface_hub.ModelCard((causal_bundle / "README.md").read_text(encoding="utf-8"))
    assert card.data.library_name == "peft"
    assert card.data.base_model is None


def test_with_its_base_a_bundle_needs_nothing_else(causal_bundle, tmp_path, monkeypatch):
    texts = [row.text for row in message_rows(5)]
    before = suffice.load(causal_bundle).classify(texts)
    add_base(causal_bundle)
    verify(causal_bundle)

    def gone(reference, *, base_folder):
        assert base_folder is not None, "looked for the base elsewhere"
        return matching_base(reference, base_folder=base_folder)

    monkeypatch.setattr("suffice.rungs.causal.matching_base", gone)
    monkeypatch.setenv("SUFFICE_HOME", str(tmp_path / "empty"))
    moved = shutil.move(causal_bundle, tmp_path / "elsewhere")
    after = suffice.load(moved).classify(texts)
    assert [answer.probabilities for answer in after] == [answer.probabilities for answer in before]


def test_the_base_may_be_added_twice(causal_bundle):
    add_base(causal_bundle)
    held = sorted(path.relative_to(causal_bundle) for path in causal_bundle.rglob("*"))
    add_base(causal_bundle)
    assert sorted(path.relative_to(causal_bundle) for path in causal_bundle.rglob("*")) == held
    verify(causal_bundle)


def test_without_its_base_a_bundle_says_what_is_missing(causal_bundle, tmp_path):
    causal = causal_bundle / "model" / "causal.json"
    record = verify(causal_bundle)
    causal.write_text(causal.read_text().replace(record.base.name, str(tmp_path / "gone")))
    with pytest.raises(ModelError, match="gone"):
        suffice.bundles.Classifier.load(causal_bundle)


def test_a_bundle_without_a_base_is_whole_already(bundle):
    with pytest.raises(BundleError, match=r"goes with a bundle that stands on a base[\s\S]*'tfidf'[\s\S]*it is whole"):
        add_base(bundle)


def test_answers_are_those_that_the_figures_were_counted_on(fitted):
    """What is written in outcome.json is counted again here, through the bundle that ships."""
    record = verify(fitted.bundle("tfidf"))
    clerk = suffice.load(fitted.bundle("tfidf"))
    rows = [line.split(",") for line in (fitted.task.parent / "messages.csv").read_text().splitlines()[1:]]
    tested = [(text, label) for text, label, split in rows if split == "test"]
    answers = clerk.classify([text for text, _ in tested])
    right = [answer.label == label for answer, (_, label) in zip(answers, tested, strict=True)]
    assert sum(right) == record.test.accuracy.n_correct
    loss = -np.log([answer.probabilities[label] for answer, (_, label) in zip(answers, tested, strict=True)]).mean()
    assert loss == pytest.approx(record.test.probability.log_loss)
