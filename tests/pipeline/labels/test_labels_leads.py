from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from reading import reading

from messages import LABELS, message_rows, write_task
from suffice.pipeline.labels.leads import MAX_EXAMPLES, MAX_SUSPECTS, leads_of
from suffice.records.evidence import Evidence, LabelPair, NoEvidence, OutOfFold
from suffice.report import Leads
from suspicions import by_words

SPLITS = ("train", "train", "validation", "calibration", "test")
WRONG = range(0, 100, 7)
"""Rows with another label than their words say: some in every split."""
ROWS = [
    row._replace(split=SPLITS[n % 5], label=LABELS[(n + 1) % 4] if n in WRONG else row.label)
    for n, row in enumerate(message_rows(100))
]
IN_TRAIN = [n for n in WRONG if SPLITS[n % 5] == "train"]
OPEN = [n for n in WRONG if SPLITS[n % 5] in {"train", "validation"}]
PAIR = LabelPair(first=1, second=2, n_rows=50, n_confused=8, auc=0.6)


@pytest.fixture
def leads(tmp_path):
    """What a page shows where models read the messages' own words."""

    def look(rows, *, pairs=(), decided=()) -> Leads:
        read = reading(write_task(tmp_path, rows)).read
        suspicion = by_words(read)
        probs = np.full((len(suspicion.rows), 4), 0.1)
        probs[np.arange(len(probs)), suspicion.suggested] = 0.7
        data = read.placed.data
        evidence = Evidence(
            rows=suspicion.rows,
            y=read.labels.encode(data.take(suspicion.rows).labels),
            out_of_fold=(OutOfFold(rung="tfidf", n_train=48, log_probs=np.log(probs)),),
            curve=(),
            predicted=probs.argmax(axis=1),
            probs=probs,
            pairs=pairs,
            suspicion=replace(suspicion, neighbours=np.tile([2, 3, 4, 1, 5, 6, 10, -1], (len(probs), 1))),
            paraphrases=None,
            no_embeddings=None,
        )
        return leads_of(evidence, read.placed, read.labels, decided=np.array(decided, dtype=np.int64))

    return look


def test_every_row_that_is_flagged_counts_and_training_rows_alone_are_shown(leads):
    found = leads(ROWS)
    assert found.n_flagged == len(OPEN) > len(IN_TRAIN)
    # The source counts rows of the file from 0.
    assert sorted(suspect.where for suspect in found.suspects) == sorted(f"messages.csv: row {n}" for n in IN_TRAIN)
    assert {suspect.example.text for suspect in found.suspects} == {ROWS[n].text for n in IN_TRAIN}


def test_a_suspect_is_shown_with_its_suggestion_and_its_nearest_training_rows(leads):
    first = leads(ROWS).suspects[0]
    n = next(n for n in WRONG if ROWS[n].text == first.example.text)
    assert (first.example.label, first.suggested, first.margin) == (ROWS[n].label, LABELS[n % 4], 0.7)
    # Of the neighbours 2, 3 and 4 are held out.
    assert [near.text for near in first.neighbours] == [ROWS[i].text for i in (1, 5, 6)]


def test_labels_that_are_confused_come_with_training_rows_that_are_taken_for_the_other(leads):
    (pair,) = leads(ROWS, pairs=(PAIR,)).confused
    crossed = [n for n in OPEN if {ROWS[n].label, LABELS[n % 4]} == {"money", "parcel"}]
    assert (pair.first, pair.second, pair.inseparable, pair.auc) == ("money", "parcel", True, 0.6)
    assert (pair.n_rows, pair.n_confused, pair.gain) == (50, 8, 8 / 60)
    assert [one.text for one in pair.examples] == [ROWS[n].text for n in crossed if n in IN_TRAIN]
    assert set(crossed) - set(IN_TRAIN)


def test_personal_data_is_masked_wherever_a_text_is_shown(leads):
    secret = "write to jane.doe@example.com"
    rows = [row._replace(text=f"{row.text} {secret}") for row in ROWS]
    found = leads(rows, pairs=(PAIR,))
    shown = [one.example for one in found.suspects] + [near for one in found.suspects for near in one.neighbours]
    shown += found.confused[0].examples
    assert len(shown) > 10
    assert all("j***@e***.com" in one.text and "jane" not in one.text for one in shown)


def test_as_many_are_shown_as_a_person_reads(leads):
    rows = [row._replace(split="train", label=LABELS[(n + 1) % 4]) for n, row in enumerate(message_rows(100))]
    found = leads([*rows, *(row._replace(split="test") for row in message_rows(4, seed=1))], pairs=(PAIR,) * 20)
    assert len(found.suspects) == MAX_SUSPECTS < found.n_flagged
    assert len(found.confused) == 10
    assert len(found.confused[0].examples) == MAX_EXAMPLES


def test_without_evidence_there_is_nothing_to_show(tmp_path):
    read = reading(write_task(tmp_path, ROWS)).read
    nobody = np.array([], dtype=np.int64)
    found = leads_of(NoEvidence(why="too few"), read.placed, read.labels, decided=nobody)
    assert found == Leads(n_flagged=0, suspects=(), confused=())


def test_a_row_that_a_person_decided_about_is_no_lead_any_more(leads):
    first, *others = IN_TRAIN
    found = leads(ROWS, decided=[first])
    assert found.n_flagged == len(OPEN) - 1
    assert sorted(suspect.where for suspect in found.suspects) == sorted(f"messages.csv: row {n}" for n in others)
