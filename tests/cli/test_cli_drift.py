"""`suffice drift` and `suffice collect` on a bundle that a fit wrote and a ledger of what it says."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

import suffice as package
from messages import message_rows
from suffice.bundles.folder import version_of
from suffice.store.labelling import read_labelling, write_labelling
from suffice.store.requests import Entry
from suffice.store.requests_writer import Writer
from suffice.watch.draw import is_drawn

DAY_S = 86_400.0
OTHER = [f"quarterly zephyr {word} forecast {n}" for n in range(60) for word in ("yield", "tariff", "orbit", "glacier")]


@pytest.fixture(scope="module")
def said(fitted):
    """What the bundle says of messages like those it was made for, and of others."""
    bundle = package.load(fitted.bundle("tfidf"))
    ours = [row.text for row in message_rows(1_500, seed=11)]
    return bundle.classify(ours), bundle.classify(OTHER)


@pytest.fixture
def ledger(fitted, said, tmp_path):
    """Writes a ledger of nine days, 500 requests a day; the last of them may be others."""

    def write(*, others=0, narrowed=0, keep_text=True):
        generator = np.random.default_rng(5)
        ours, strange = said
        at = np.sort(generator.uniform(0.0, 9 * DAY_S, 4_500))
        is_other = (np.arange(4_500) >= 4_500 - others) & (generator.random(4_500) < 0.5)
        entries = []
        for i in range(4_500):
            answer = strange[generator.integers(len(strange))] if is_other[i] else ours[generator.integers(len(ours))]
            if i >= 4_500 - narrowed:
                answer = replace(answer, label="card", probability=1.0)  # Where the request leaves no other label.
            entries.append(
                Entry(
                    id=UUID(int=int(generator.integers(2**62)), version=4).hex,
                    at=1.7e9 + float(at[i]),
                    bundle="tfidf",
                    version=version_of(fitted.bundle("tfidf")),
                    label=answer.label,
                    probability=answer.probability,
                    route="review" if answer.probability < 0.4 else "local",
                    latency_ms=2.0,
                    cost=0.0,
                    text_hash=f"{i:x}",
                    text=answer.text if keep_text else None,
                    narrowed=i >= 4_500 - narrowed,
                )
            )
        url = str(tmp_path / f"answers-{others}-{narrowed}-{keep_text}.sqlite")
        writer = Writer(url, keep_days=None, lost=lambda n: None)
        writer.write(entries)
        writer.close()
        return url, entries

    return write


def test_no_drift_is_exit_code_0_and_expects_an_accuracy(suffice, fitted, ledger, tmp_path):
    url, _ = ledger()
    ran = suffice("drift", fitted.bundle("tfidf"), "--ledger", url, "--json")
    assert ran.code == 0, ran.err
    said = json.loads(ran.out)
    assert said["drift"]["state"] == "steady"
    assert said["drift"]["by_hour"] is True
    assert [one["name"] for one in said["drift"]["statistics"]][:3] == ["unsure", "confidence", "labels"]
    assert "unknown words" in [one["name"] for one in said["drift"]["statistics"]]
    assert len(said["drift"]["label_first"]) == 10
    # A plain fit has only some twenty calibration rows.
    assert "calibration rows and" in said["expected"]["why"]


def test_drift_is_exit_code_3_and_says_what_and_since_when(suffice, fitted, ledger):
    url, entries = ledger(others=400)
    ran = suffice("drift", fitted.bundle("tfidf"), "--ledger", url, "--first", "3")
    assert ran.code == 3, ran.err
    out = " ".join(ran.out.split())
    assert "DRIFT:" in out
    assert "since about" in out
    assert "expected accuracy: not valid: drift" in out
    assert "zephyr" in out.split("to label first:")[1]
    assert max(map(len, ran.out.splitlines())) <= 80
    document = json.loads(suffice("drift", fitted.bundle("tfidf"), "--ledger", url, "--json").out)
    alarmed = [one for one in document["drift"]["statistics"] if one["alarm_at"]]
    first = min(alarmed, key=lambda one: one["alarm_at"])
    assert abs(first["began_at"] - entries[-400].at) < DAY_S / 4
    assert first["began_at"] < first["alarm_at"] < entries[-200].at


def test_answers_that_requests_narrowed_are_no_drift_and_are_counted(suffice, fitted, ledger):
    url, _ = ledger(narrowed=400)
    ran = suffice("drift", fitted.bundle("tfidf"), "--ledger", url)
    assert ran.code == 0, ran.err
    assert "Not counted: 400 whose request left labels out." in " ".join(ran.out.split())
    drift = json.loads(suffice("drift", fitted.bundle("tfidf"), "--ledger", url, "--json").out)["drift"]
    assert (drift["state"], drift["n_narrowed"]) == ("steady", 400)
    url, _ = ledger(narrowed=4_500)
    ran = suffice("drift", fitted.bundle("tfidf"), "--ledger", url)
    assert ran.code == 2
    assert "and 4,500 that left some out" in " ".join(ran.err.split())


def test_from_begins_anew(suffice, fitted, ledger):
    url, _ = ledger(others=400)
    ran = suffice("drift", fitted.bundle("tfidf"), "--ledger", url, "--from", "2030-01-01")
    assert ran.code == 2
    assert "the ledger must have requests to this bundle" in ran.err
    ran = suffice("drift", fitted.bundle("tfidf"), "--ledger", url, "--from", "2023-11-22T00:00:00+00:00")
    assert ran.code == 0, ran.err
    out = " ".join(ran.out.split())
    assert "no baseline yet" in out
    assert "They have not been held against calibration rows either" in out
    assert "expected accuracy: not known before a baseline" in out
    assert "to label first, being the least sure" in out
    ran = suffice("drift", fitted.bundle("tfidf"), "--ledger", url, "--from", "yesterday")
    assert ran.code == 2
    assert "2026-11-30T14:00:00" in ran.err


def test_a_ledger_of_hashes_names_hashes_and_a_bundle_far_from_its_fit_is_watched(suffice, fitted, ledger, tmp_path):
    url, _ = ledger(others=400, keep_text=False)
    bundle = shutil.copytree(fitted.bundle("tfidf"), tmp_path / "elsewhere" / "tfidf")
    ran = suffice("drift", bundle, "--ledger", url)
    assert ran.code == 3, ran.err
    assert "its text was not kept" in " ".join(ran.out.split())
    assert "unknown words" not in ran.out
    steady, _ = ledger(keep_text=False)
    ran = suffice("drift", bundle, "--ledger", steady)
    assert "calibration rows are not at hand" in " ".join(ran.out.split())


def test_labels_of_random_requests_measure_accuracy(suffice, fitted, ledger, tmp_path):
    url, entries = ledger()
    task, file = tmp_path / "task.yaml", tmp_path / "to_label.csv"
    shutil.copy(fitted.task, task)
    shutil.copy(fitted.task.parent / "messages.csv", tmp_path)
    ran = suffice("collect", task, "--ledger", url, "--one-in", "20", "--json")
    assert ran.code == 0, ran.err
    n = json.loads(ran.out)["n_new"]["random"]
    drawn = {
        one.id
        for one, by_chance in zip(entries, is_drawn([e.id for e in entries], one_in=20), strict=True)
        if by_chance
    }
    answered = {one.id: one.label for one in entries}
    rows = read_labelling(file, option="--to")
    write_labelling(file, [row.__class__(**_fields(row) | {"label": answered[row.id]}) for row in rows], option="--to")
    ran = suffice("drift", fitted.bundle("tfidf"), "--ledger", url, "--labels", file, "--one-in", "20", "--json")
    expected = json.loads(ran.out)["expected"]
    assert expected["by"] == "labelled requests"
    assert 50 <= expected["n_known"] <= n <= len(drawn)
    assert expected["accuracy"] == pytest.approx(1.0, abs=0.05)
    ran = suffice("collect", task, "--labels", file, "--one-in", "20")
    assert ran.code == 0, ran.err
    assert "the test is as it was" in " ".join(ran.out.split())
    again = suffice("collect", task, "--labels", file, "--one-in", "20")
    assert "nothing new" in again.out


def test_what_is_gathered_is_told_with_the_next_command(suffice, fitted, ledger, tmp_path):
    url, _ = ledger()
    shutil.copy(fitted.task, tmp_path / "task.yaml")
    ran = suffice("collect", tmp_path / "task.yaml", "--ledger", url)
    assert ran.code == 0, ran.err
    assert "drawn by chance" in ran.out
    assert f"suffice collect {tmp_path / 'task.yaml'} --labels {tmp_path / 'to_label.csv'}" in ran.out


def _fields(row):
    return {name: getattr(row, name) for name in row.__slots__}
