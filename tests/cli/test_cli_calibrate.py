"""`suffice calibrate` on a fit whose data brings calibration rows."""

from __future__ import annotations

import json
import shutil

import pytest

import suffice
from commands import fit_json, run_here
from messages import message_rows, write_task
from suffice.bundles.folder import version_of


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
    return run_here("calibrate", bundle, *arguments, home=home)


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
    assert clerk.promise.threshold == said["threshold"] == said["in_force"]["threshold"]
    assert said["version"] == version_of(bundle) != said["version_before"]
    answers = clerk.classify(["my card", "hello there", "card refund parcel password", ""])
    for answer in answers[:3]:
        is_given = answer.probability >= said["threshold"] and not answer.outside
        assert answer.route == ("local" if is_given else "review")
    assert answers[3].route == "review"
    assert "## Promise" in (bundle / "README.md").read_text()
    assert "Void once messages drift" in (bundle / "README.md").read_text()
    assert run_here("bundle", bundle, home=tmp_path / "home").returncode == 0


def test_what_lies_outside_is_told_by_labels_that_were_held_out(calibrated, tmp_path):
    bundle = copied(calibrated, tmp_path)
    ran = calibrate(bundle, "--max-error", "0.03", "--false-refusals", "0.1", "--json", home=tmp_path / "home")
    told = json.loads(ran.stdout)["out_of_scope"]
    assert (told["measure"], told["outside_by"], told["max_refused"]) == ("logit", "held_out", 0.1)
    assert told["n_refused"] <= 0.1 * told["n_inside"]
    assert 0 < told["n_caught"] <= told["n_outside"] == told["n_inside"]
    clerk = suffice.load(bundle)
    near, far = clerk.classify([message_rows(1)[0].text, "zzzz qqqq"])
    assert near.out_of_scope < far.out_of_scope
    assert (far.outside, far.route) == (far.out_of_scope > told["threshold"], "review")
    assert "## Out of scope" in (bundle / "README.md").read_text()
    written = run_here("classify", bundle, home=tmp_path / "home", given="zzzz qqqq\n")
    assert json.loads(written.stdout)["out_of_scope"] == pytest.approx(far.out_of_scope)


def test_a_promise_from_before_goes_where_other_messages_are_out_of_scope(calibrated, tmp_path):
    bundle, home = copied(calibrated, tmp_path), tmp_path / "home"
    assert calibrate(bundle, "--max-error", "0.03", home=home).returncode == 0
    before, version = (bundle / "SHA256SUMS").read_bytes(), version_of(bundle)
    stays = calibrate(bundle, "--max-error", "0.0001", home=home)
    assert stays.returncode == 3
    assert (bundle / "SHA256SUMS").read_bytes() == before  # The same messages are outside: it holds as it did.
    said = " ".join(stays.stdout.split())
    assert (
        "In force: the promise of before, which stays in the bundle: at most 0.03 wrong, with confidence 0.95" in said
    )
    assert f"is as it was, version {version}." in said
    ran = calibrate(bundle, "--max-error", "0.0001", "--false-refusals", "0.4", home=home)
    assert (ran.returncode, (bundle / "promise.json").exists()) == (3, False)
    assert "what was promised before is taken out: other messages are out of scope now" in ran.stderr
    said = " ".join(ran.stdout.split())
    assert "In force: no promise, so that no answer is held to be unsure." in said
    assert f"version {version_of(bundle)}, before {version}. A server that runs answers by the version" in said


def test_a_rung_that_answers_alike_has_no_scope(calibrated, tmp_path):
    bundle = copied(calibrated, tmp_path).parent / "majority"
    before = (bundle / "SHA256SUMS").read_bytes()
    ran = calibrate(bundle, "--json", home=tmp_path / "home")
    assert (ran.returncode, json.loads(ran.stdout)["out_of_scope"]) == (3, None)
    assert (bundle / "SHA256SUMS").read_bytes() == before


def test_messages_that_the_data_calls_out_of_scope_are_learnt_by_nobody_and_set_the_threshold(tmp_path):
    sizes = {"train": 160, "validation": 200, "test": 120, "calibration": 100}
    names = [name for name, size in sizes.items() for _ in range(size)]
    rows = [row._replace(split=name) for row, name in zip(message_rows(580), names, strict=True)]
    strange = [f"what is the {word} of {word}" for word in ("weather", "capital", "height", "score", "recipe")]
    rows += [rows[0]._replace(text=text, label="oos", split="train") for text in strange]
    task = write_task(tmp_path, rows, data={"path": "messages.csv", "out_of_scope": "oos"})
    fitted = fit_json(task, out=tmp_path / "suffice-out" / "messages", home=tmp_path / "home")
    bundle = fitted.bundle("tfidf")
    assert "oos" not in suffice.load(bundle).labels.names
    told = json.loads(calibrate(bundle, "--json", home=tmp_path / "home").stdout)["out_of_scope"]
    assert (told["outside_by"], told["n_outside"]) == ("out_of_scope", 5)


def test_it_says_so_in_words_that_fit_a_terminal(calibrated, tmp_path):
    ran = calibrate(copied(calibrated, tmp_path), "--max-error", "0.03", home=tmp_path / "home")
    assert "of the answers given to messages drawn like them are wrong" in " ".join(ran.stdout.split())
    assert max(map(len, ran.stdout.splitlines())) <= 80
    assert "In force: this promise." in ran.stdout
    assert "Written into" in ran.stdout


def test_too_small_a_split_promises_nothing_and_says_what_would_do(fitted, tmp_path):
    bundle = shutil.copytree(fitted.out, tmp_path / "suffice-out" / "messages") / "bundles" / "tfidf"
    ran = calibrate(bundle, home=tmp_path / "home")
    assert ran.returncode == 3, ran.stderr
    said = " ".join(ran.stdout.split())
    assert "nothing is promised: even without an error, 149 independent calibration rows" in said
    assert "there are 6" in said
    assert "about" in said
    assert "calibration rows would do four times in five" in said
    assert "No message is taken for out of scope: 19 messages in scope" in said
    assert not (bundle / "promise.json").exists()
    (answer,) = suffice.load(bundle).classify(["my card"])
    assert (answer.outside, answer.route) == (False, "local")
    assert answer.out_of_scope is not None  # There is a number all the same, to be watched.


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
    reviewed = run_here("review", tmp_path / "task.yaml", *options, home=home, given="d\n" * 40)
    assert (tmp_path / "decisions.jsonl").exists(), reviewed.stderr
    ran = calibrate(bundle, "--max-error", "0.03", home=home)
    assert ran.returncode == 3
    assert "reviewed labels are wrong" in " ".join(ran.stdout.split())
