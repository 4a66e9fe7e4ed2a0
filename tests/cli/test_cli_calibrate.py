"""`suffice calibrate` on a fit whose data brings calibration rows."""

from __future__ import annotations

import json
import shutil

import pytest

import suffice
from commands import fit_json, run_suffice
from messages import message_rows, write_task


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    """A finished fit with 400 calibration rows."""
    folder = tmp_path_factory.mktemp("calibrated")
    rows = message_rows(880)
    sizes = {"train": 160, "validation": 200, "test": 120, "calibration": 400}
    names = [name for name, size in sizes.items() for _ in range(size)]
    task = write_task(folder, [row._replace(split=name) for row, name in zip(rows, names, strict=True)])
    return fit_json(task, out=folder / "suffice-out" / "messages", home=folder / "home")


def calibrate(bundle, *arguments, home):
    return run_suffice("calibrate", bundle, *arguments, home=home)


def copied(calibrated, tmp_path):
    """The output folder, to be changed."""
    out = shutil.copytree(calibrated.out, tmp_path / "suffice-out" / "messages")
    return out / "bundles" / "tfidf"


def test_a_threshold_is_promised_written_and_kept_to(calibrated, tmp_path):
    bundle = copied(calibrated, tmp_path)
    before = suffice.load(bundle).classify(["my card", "hello there"])
    assert [one.route for one in before] == ["local", "local"]
    ran = calibrate(bundle, "--max-error", "0.03", "--json", home=tmp_path / "home")
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["n"] >= 300
    assert said["n_answered"] >= 100
    assert sum(one["n"] for one in said["labels"]) == said["n_answered"]
    clerk = suffice.load(bundle)
    assert clerk.promise.threshold == said["threshold"]
    answers = clerk.classify(["my card", "hello there", "card refund parcel password", ""])
    for answer in answers[:3]:
        assert answer.route == ("local" if answer.probability >= said["threshold"] else "review")
    assert answers[3].route == "review"
    assert "## Promise" in (bundle / "README.md").read_text()
    assert "Void once messages drift" in (bundle / "README.md").read_text()
    assert run_suffice("bundle", bundle, home=tmp_path / "home").returncode == 0


def test_it_says_so_in_words_that_fit_a_terminal(calibrated, tmp_path):
    ran = calibrate(copied(calibrated, tmp_path), "--max-error", "0.03", home=tmp_path / "home")
    assert "of the answers given to messages drawn like them are wrong" in " ".join(ran.stdout.split())
    assert max(map(len, ran.stdout.splitlines())) <= 80


def test_too_small_a_split_promises_nothing_and_says_what_would_do(fitted, tmp_path):
    bundle = shutil.copytree(fitted.out, tmp_path / "suffice-out" / "messages") / "bundles" / "tfidf"
    before = (bundle / "SHA256SUMS").read_bytes()
    ran = calibrate(bundle, home=tmp_path / "home")
    assert ran.returncode == 3, ran.stderr
    said = " ".join(ran.stdout.split())
    assert "nothing is promised: even without an error, 149 independent calibration rows" in said
    assert "there are 6" in said
    assert "about" in said
    assert "calibration rows would do four times in five" in said
    assert (bundle / "SHA256SUMS").read_bytes() == before


def test_a_bundle_far_from_its_fit_asks_where_that_is(calibrated, tmp_path):
    bundle = shutil.copytree(calibrated.bundle("tfidf"), tmp_path / "elsewhere" / "bundle")
    ran = calibrate(bundle, home=tmp_path / "home")
    assert ran.returncode == 2
    assert "name that folder with --out" in ran.stderr
    assert calibrate(bundle, "--max-error", "0.03", "--out", calibrated.out, home=tmp_path / "home").returncode == 0


def test_wrong_labels_among_confident_rows_forbid_a_promise(calibrated, tmp_path):
    bundle = copied(calibrated, tmp_path)
    home = tmp_path / "home"
    shutil.copy(calibrated.task, tmp_path / "task.yaml")
    shutil.copy(calibrated.task.parent / "messages.csv", tmp_path)
    options = ("--validation", "--who", "ann")
    reviewed = run_suffice("review", tmp_path / "task.yaml", *options, home=home, given="d\n" * 40)
    assert (tmp_path / "decisions.jsonl").exists(), reviewed.stderr
    ran = calibrate(bundle, "--max-error", "0.03", home=home)
    assert ran.returncode == 3
    assert "reviewed labels are wrong" in " ".join(ran.stdout.split())
