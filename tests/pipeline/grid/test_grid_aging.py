from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from messages import WORDS, message_rows
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.next_cells import INTERVENTIONS


def dated_task(folder, *, months=10, per_month=60, wrong_per_month=0.08, first=1):
    """Messages of some months; from the eighth on a growing share has a label that its words do not say."""
    draw = np.random.default_rng(0)
    # Words of their own keep the messages from being near-copies, which are of one split whatever their months.
    rows = [
        row._replace(text=" ".join([WORDS[row.label][n % 3], *(f"w{k}" for k in draw.integers(5_000, size=6))]))
        for n, row in enumerate(message_rows(months * per_month))
    ]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "m.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label", "sent"])
        for n, row in enumerate(rows):
            month = n // per_month
            moved = draw.random() < wrong_per_month * max(0, month - 7)
            label = "money" if moved else row.label
            writer.writerow([row.text, label, f"2024-{month + first:02d}-{1 + n % 28:02d}"])
    task = folder / "task.yaml"
    text = "name: m\ndata: {path: m.csv, time: sent}\ntarget: {at_least: 0.9}\nladder: [majority, tfidf]\n"
    task.write_text(text, encoding="utf-8")
    return task


def test_a_rung_that_loses_with_time_is_told_with_what_keeping_up_takes(tmp_path, fit_task):
    outcome = fit_task(dated_task(tmp_path, wrong_per_month=0.3), rungs=("tfidf",))
    aging = outcome.time.aging
    assert (aging.rung, aging.trained_until, aging.why_none) == ("tfidf", "2024-08", None)
    # Test rows are those of months nine and ten, of which three and six in ten are moved (a quarter to where they are).
    assert aging.slope < -0.1
    assert aging.interval.low < aging.slope < aging.interval.high < 0.0
    # By hand: months one to eight, evenly, are 3.5 months old on average at the end of the last, and half a month more.
    assert aging.mean_age_months == pytest.approx(4.0, abs=0.3)
    keeping = outcome.time.keeping_up
    assert 0.0 < keeping.low <= keeping.labels_per_month <= keeping.high < keeping.most
    assert keeping.most == pytest.approx(aging.n_train / (2 * aging.mean_age_months))


def test_months_stand_in_every_evaluation(tmp_path, fit_task):
    outcome = fit_task(dated_task(tmp_path), rungs=("majority",), skip=INTERVENTIONS)
    (rung,) = outcome.rungs
    assert [month.month for month in rung.test.time.months] == ["2024-09", "2024-10"]
    assert sum(month.n for month in rung.test.time.months) == rung.test.accuracy.n
    assert rung.test.time.why_none == "3 months with 30 rows each are needed, and there are 2"
    outcome_file = json.loads((Workspace(out=tmp_path / "out").out / "outcome.json").read_text())
    assert outcome_file["time"]["aging"]["rung"] == "majority"


def test_rows_of_one_month_cannot_age(tmp_path, fit_task):
    outcome = fit_task(dated_task(tmp_path, months=1, per_month=400), rungs=("majority",), skip=INTERVENTIONS)
    aging = outcome.time.aging
    assert aging.slope is None
    assert aging.why_none == "no test message is of a month after the last training message"
    assert outcome.time.keeping_up is None


def test_without_times_nothing_is_said_of_time(tmp_path, fit_task):
    task = dated_task(tmp_path)
    outcome = fit_task(task, "data.time=null", rungs=("majority",), skip=INTERVENTIONS)
    assert outcome.time is None
    assert outcome.rungs[0].test.time is None
