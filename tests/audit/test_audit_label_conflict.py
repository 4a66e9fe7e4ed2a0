from dataclasses import replace

import pytest

from suffice.audit.label_conflict import LABEL_CONFLICT
from suffice.records.evidence import NoEvidence
from suffice.report import told

CLEAR = [
    ("what is on my list", "todo_list", "train"),
    ("what is on my list", "todo_list", "test"),
    ("turn it up", "volume", "train"),
    ("turn it down", "volume", "train"),
]
DROPS = "`suffice clean` drops training rows of a conflict that nobody settled"


@pytest.mark.parametrize("text", ["what is on my list", "What is on my  list?"])
def test_one_message_under_two_labels_is_found_with_all_its_rows(found, text):
    [finding] = found("label_conflict", [*CLEAR, (text, "reminder", "train")])
    assert (finding.severity, finding.rows, finding.score) == ("warn", ("id0", "id1", "id4"), 1.0)
    assert finding.message == "one message under 2 labels: 'todo_list' on 2 rows, 'reminder' on 1 row"
    assert "suffice review task.yaml --row ID" in finding.fix
    assert DROPS in finding.fix


@pytest.mark.parametrize("split", ["validation", "test", "calibration"])
def test_where_train_has_one_of_the_labels_nothing_is_said_to_be_dropped(found, split):
    [finding] = found("label_conflict", [*CLEAR, ("turn it up", "whisper", split)])
    assert finding.rows == ("id2", "id4")
    assert "`suffice clean` drops none: train has one of the labels at most" in finding.fix


def test_a_way_is_told_for_every_split_that_a_conflict_touches_however_many_there_are(run_audit):
    splits = ["train", "validation", "calibration", "test"]
    pairs = [(one, other) for k, one in enumerate(splits) for other in splits[k:]]
    rows = [
        (f"message number {'x' * k}", "ab"[n], split) for k, pair in enumerate(pairs) for n, split in enumerate(pair)
    ]
    [of_all] = [one for one in told(run_audit(rows).findings) if one.code == "label_conflict"]
    assert of_all.n_findings == len(pairs)
    for fix in of_all.fixes:
        assert "suffice review task.yaml --also-test --row ID` alone, which spends the test" in fix
        assert "correct a calibration row in the source file" in fix
    assert any(DROPS in fix for fix in of_all.fixes)


def test_where_there_are_too_few_rows_for_a_review_the_source_is_to_be_corrected(audited):
    rows = audited([*CLEAR, ("turn it up", "whisper", "train")])
    [found] = LABEL_CONFLICT.look(replace(rows, evidence=NoEvidence(why="5 rows are too few to learn from")))
    assert found.fix.startswith("correct the label in the source file")
    assert DROPS in found.fix


def test_many_labels_are_counted_and_the_commonest_named(found):
    rows = [("thanks", f"label {k}", "train") for k in range(7)]
    [finding] = found("label_conflict", [*rows, ("thanks", "label 6", "train")])
    assert finding.message.startswith("one message under 7 labels: 'label 6' on 2 rows, 'label 0' on 1 row, ")
    assert finding.message.endswith(", and 2 more")
    assert finding.score == 6.0


def test_labels_outside_the_declared_set_are_left_to_unknown_label(found):
    rows = [*CLEAR, ("turn it up", "volum", "train")]
    assert found("label_conflict", rows, declared=["todo_list", "volume"]) == []


def test_copies_under_one_label_and_near_copies_under_two_are_clear(found):
    rows = [("how do i get my card pin", "pin", "train"), ("how do i get my card pins", "card", "train")]
    assert found("label_conflict", [*CLEAR, *rows]) == []
    assert len(found("near_duplicate", [*CLEAR, *rows])) == 1


def test_not_applicable_with_fewer_than_two_labels(why_not):
    assert why_not("label_conflict", CLEAR[2:]) == "fewer than two labels have rows"
