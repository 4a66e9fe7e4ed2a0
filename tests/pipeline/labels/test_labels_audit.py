from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path

import pytest

from messages import LABELS, message_rows, split_rows, write_task
from suffice.errors import DataError, StorageError
from suffice.pipeline.labels.audit import audit_task, require_ranking_place, write_ranking
from suffice.pipeline.labels.review import ReviewOptions, begin_review
from suffice.records.progress import SILENT
from suffice.store.task_file import load_task
from suspicions import true_label

PLANTED = [3, 40, 77, 118, 159, 201, 350]
"""Five rows of train, two of validation."""
ROWS = [
    row._replace(label=LABELS[(LABELS.index(row.label) + 1) % 4]) if n in PLANTED else row
    for n, row in enumerate(split_rows())
]


def audit(path, *, also_test=False):
    return audit_task(
        load_task(path),
        commands={"fit": "x"},
        decisions=path.parent / "decisions.jsonl",
        folder=path.parent,
        out=path.parent / "out",
        also_test=also_test,
        progress=SILENT,
    )


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """The audit of a set with seven wrong labels."""
    return audit(write_task(tmp_path_factory.mktemp("planted"), ROWS))


def ranked(outcome, path):
    write_ranking(outcome, path)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_wrong_labels_come_first_with_the_right_ones_suggested(planted, tmp_path):
    lines = ranked(planted, tmp_path / "ranking.jsonl")
    assert sorted(line["row"] for line in lines[: len(PLANTED)]) == PLANTED
    for line in lines[: len(PLANTED)]:
        assert line["label"] == ROWS[line["row"]].label
        assert LABELS.index(line["label"]) == (LABELS.index(line["suggested"]) + 1) % 4


def test_the_ranking_holds_every_row_of_train_and_validation_once_most_suspect_first(planted, tmp_path):
    lines = ranked(planted, tmp_path / "made" / "ranking.jsonl")
    data = planted.read.placed.data
    rows = planted.read.placed.splits.rows("train", "validation")
    assert {tuple(line) for line in lines} == {("source", "row", "id", "label", "suggested", "score")}
    assert sorted(line["id"] for line in lines) == sorted(data.take(rows).ids)
    assert {line["source"] for line in lines} == {"messages.csv"}
    scores = [line["score"] for line in lines]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_test_rows_are_ranked_only_where_that_is_asked_for(tmp_path):
    outcome = audit(write_task(tmp_path, ROWS), also_test=True)
    assert len(ranked(outcome, tmp_path / "ranking.jsonl")) == len(ROWS)


def test_what_cannot_be_ranked_is_an_error_that_says_why_and_how_to_go_on(tmp_path):
    outcome = audit(write_task(tmp_path, message_rows(16)))
    with pytest.raises(DataError, match=r"^--ranking: .*\n  got: .* are too few .*\n  fix: label more rows, or leave"):
        write_ranking(outcome, tmp_path / "ranking.jsonl")
    assert not (tmp_path / "ranking.jsonl").exists()


def test_a_ranking_that_cannot_be_written_names_its_option(planted, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="name a folder, not a file"):
        write_ranking(planted, tmp_path / "file" / "ranking.jsonl")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="free some space, or write elsewhere with --ranking"):
        write_ranking(planted, tmp_path / "ranking.jsonl")


def test_a_ranking_replaces_no_device_and_goes_where_a_link_leads(planted, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(StorageError, match="got: a device or pipe"):
            require_ranking_place(place)
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "ranking.jsonl")
    write_ranking(planted, tmp_path / "link.jsonl")
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (tmp_path / "ranking.jsonl").read_text(encoding="utf-8").startswith('{"source": ')


def test_findings_learnability_and_the_page_come_of_one_audit(planted):
    codes = {finding.code: finding for finding in planted.audit.findings}
    assert len(codes["label_error"].rows) == len(PLANTED)
    assert set(codes["label_error"].rows) == set(planted.read.placed.data.take(PLANTED).ids)
    assert {"paraphrase": "the ladder has no rung with sentence embeddings (embed, encoder)"}.items() <= {
        one.code: one.why for one in planted.audit.not_applicable
    }.items()
    assert planted.audit.learnability.rungs[0].accuracy > 0.9
    assert planted.data.n_rows == len(ROWS)


def test_the_page_lies_in_the_output_folder_and_shows_no_text_of_held_out_rows(tmp_path):
    rows = [row if row.split == "train" else row._replace(text=f"sealed {row.text}") for row in ROWS]
    audit(write_task(tmp_path, rows))
    page = (tmp_path / "out" / "audit.html").read_text(encoding="utf-8")
    assert "label_error" in page
    assert ROWS[3].text in page
    assert "sealed" not in page


def test_whatever_is_wrong_with_the_rows_they_are_audited(tmp_path):
    rows = [
        row._replace(text="" if n in {1, 300} else row.text, label=row.label if n != 5 else "odd")
        for n, row in enumerate(ROWS)
    ]
    outcome = audit(write_task(tmp_path, rows, labels=list(LABELS)))
    stops = [finding.code for finding in outcome.audit.findings if finding.severity == "stop"]
    assert stops == ["empty_text", "unknown_label"]
    assert outcome.data.n_rows == len(ROWS)
    # All of train and validation but the one.
    n_open = len(outcome.read.placed.splits.rows("train", "validation"))
    assert len(ranked(outcome, tmp_path / "ranking.jsonl")) == n_open - 1


def test_after_a_review_the_audit_says_how_many_training_labels_are_wrong(tmp_path):
    path = write_task(tmp_path, ROWS)
    options = ReviewOptions(
        who="ann", decisions=tmp_path / "decisions.jsonl", limit=100, fix_first=False, also_test=False
    )
    review = begin_review(load_task(path), options, folder=tmp_path, out=tmp_path / "out", progress=SILENT)
    while (card := review.card()) is not None:
        review.decide(card, "relabel", true_label(card.text))
    finding = next(one for one in audit(path).audit.findings if one.code == "label_error")
    # Five were planted, and all of them are among the most suspect.
    assert re.search(
        r"by review of \d+ rows about 5 of 1\d\d training labels are wrong in the data as read \(90% interval 5 to ",
        finding.message,
    )
    assert finding.fix.startswith("apply what was decided: suffice clean")
