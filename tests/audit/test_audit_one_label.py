import pytest

from suffice.audit import stop_on
from suffice.errors import AuditStop

ONE = [("a", "late", "train"), ("b", "late", "train"), ("c", "late", "validation"), ("d", "late", "test")]


def test_one_label_on_all_rows_is_found(found):
    [finding] = found("one_label", ONE)
    assert finding.message == "one label, 'late', on 4 of 4 rows"
    assert (finding.severity, finding.rows, finding.where) == ("stop", (), "raw-1f3a")


def test_one_label_is_found_though_the_task_declares_two(found):
    [finding] = found("one_label", ONE, declared=["late", "money"])
    assert finding.message == "one label, 'late', on 4 of 4 rows"


def test_labels_outside_the_declared_set_do_not_count(found):
    [finding] = found("one_label", [*ONE, ("e", "mony", "train")], declared=["late", "money"])
    assert finding.message == "one label, 'late', on 4 of 5 rows"


def test_rows_without_any_declared_label_are_found(found):
    [finding] = found("one_label", ONE, declared=["early", "money", "other"])
    assert finding.message == "no row has a label of the task"


def test_one_row_is_counted_as_one(found):
    assert found("one_label", ONE[:1])[0].message == "one label, 'late', on 1 of 1 row"


def test_the_error_says_what_to_do_and_the_way_on(audited):
    fix = r"fix: add rows of at least one other label, or .*data.label; or `audit.allow=\[one_label\]` goes on"
    with pytest.raises(AuditStop, match=rf"got: one label, 'late', on 4 of 4 rows\n  {fix}"):
        stop_on(audited(ONE), allow=())


# It always applies: test_audit_check.py.
def test_two_labels_are_clear(found):
    assert found("one_label", [*ONE, ("e", "money", "train")]) == []
