import pytest

from suffice.audit import stop_on
from suffice.errors import AuditStop

ROWS = [
    ("a", "late", "train"),
    ("b", "late", "test"),
    ("c", "money", "test"),
    ("d", "money", "validation"),
    ("e", "money", "test"),
]


def test_labels_that_test_has_and_train_lacks_are_found(found):
    [finding] = found("label_only_in_test", ROWS)
    assert (finding.severity, finding.rows) == ("stop", ("id2", "id4"))


def test_the_error_says_what_to_do_and_the_way_on(audited):
    fix = r"fix: label training rows as 'money', or take these rows out; or `audit.allow=\[label_only_in_test\]` keeps"
    got = "got: 'money' on 2 rows in test and none in train"
    with pytest.raises(AuditStop, match=rf"m.csv: rows 2, 4\): .*\n  {got}\n  {fix}"):
        stop_on(audited(ROWS), allow=["rare_label"])


@pytest.mark.parametrize("name", ["LATE", "la-te", "la_te", "l ate"])
def test_another_spelling_of_a_label_of_train_is_to_be_written_as_there(found, name):
    [finding] = found("label_only_in_test", [*ROWS[:2], ("c", name, "test")])
    assert finding.rows == ("id2",)
    assert finding.fix.startswith("write 'late' in these rows, as train does")


def test_a_misspelt_label_is_told_with_the_one_that_it_is_like(found):
    [finding] = found("label_only_in_test", [*ROWS[:2], ("c", "alte", "test")])
    assert "or correct the label (nearest: 'late')" in finding.fix


@pytest.mark.parametrize(("trained", "tested"), [("C", "C#"), ("A", "A-"), ("12", "1-2"), ("mood 1", "mood -1")])
def test_a_name_with_another_sign_is_another_label(found, trained, tested):
    [finding] = found("label_only_in_test", [("a", trained, "train"), ("b", tested, "test")])
    assert finding.fix.startswith(f"label training rows as {tested!r}")


def test_labels_that_train_has_are_clear(found):
    assert found("label_only_in_test", [*ROWS, ("f", "money", "train")]) == []


def test_a_declared_label_without_any_row_is_left_to_rare_label(found):
    assert found("label_only_in_test", ROWS[:2], declared=["late", "money"]) == []


def test_not_applicable_without_test_rows(why_not):
    assert why_not("label_only_in_test", ROWS[:1]) == "no row stands in test"
