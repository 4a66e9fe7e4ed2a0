from dataclasses import replace

import pytest

from suffice.audit import stop_on
from suffice.audit.unknown_label import UNKNOWN_LABEL
from suffice.errors import AuditStop

ROWS = [
    ("a", "billing_refund", "train"),
    ("b", "delivery", "train"),
    ("c", "biling_refund", "train"),
    ("d", "DELIVERY ", "test"),
    ("e", "DELIVERY ", "train"),
    ("f", "zzz", "train"),
]
DECLARED = ["billing_refund", "delivery"]


def test_each_label_outside_the_declared_set_is_found_commonest_first(found):
    findings = found("unknown_label", ROWS, declared=DECLARED)
    assert [finding.rows for finding in findings] == [("id3", "id4"), ("id2",), ("id5",)]
    assert {finding.severity for finding in findings} == {"stop"}


def test_the_nearest_declared_label_is_named_where_one_is_near(found):
    assert [finding.message for finding in found("unknown_label", ROWS, declared=DECLARED)] == [
        "'DELIVERY ' on 2 rows (nearest: 'delivery')",
        "'biling_refund' on 1 row (nearest: 'billing_refund')",
        "'zzz' on 1 row",
    ]


def test_labels_past_those_that_an_error_shows_are_found_without_a_hint(found):
    rows = [("text", f"delivery{k:02}", "train") for k in range(25)]
    findings = found("unknown_label", rows, declared=DECLARED)
    assert sum("nearest: 'delivery'" in finding.message for finding in findings) == 20
    assert sum(len(finding.rows) for finding in findings) == 25


def test_the_error_says_where_what_to_do_and_that_allowing_leaves_rows_out(audited):
    fix = (
        r"fix: correct these rows, or add the label to `labels` in task.yaml; or `audit.allow=\[unknown_label\]` leaves"
    )
    got = r"got: 'DELIVERY ' on 2 rows \(nearest: 'delivery'\)"
    with pytest.raises(AuditStop, match=rf"m.csv: rows 3, 4\): .* `labels`.*\n  {got}\n  {fix} these rows out"):
        stop_on(audited(ROWS, declared=DECLARED), allow=["rare_label"])


def test_the_label_of_messages_out_of_scope_is_known(audited):
    known = replace(audited(ROWS, declared=DECLARED), aside="zzz")
    assert [one.rows.tolist() for one in UNKNOWN_LABEL.look(known)] == [[3, 4], [2]]


def test_labels_of_the_set_are_clear(found):
    assert found("unknown_label", ROWS[:2], declared=DECLARED) == []


def test_not_applicable_where_the_task_lists_no_labels(why_not):
    assert why_not("unknown_label", ROWS) == "task.yaml lists no `labels`: those that the rows have are taken"
