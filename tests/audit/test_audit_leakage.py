import pytest

CLEAR = [("a", "late", "train", "ann"), ("b", "late", "train"), ("c", "money", "test", "bob"), ("d", "money", "test")]


@pytest.mark.parametrize("split", ["train", "validation", "calibration"])
def test_test_rows_with_a_copy_or_customer_in_another_split_are_found(found, split):
    rows = [*CLEAR, ("D!", "money", split), ("e", "late", split, "bob")]
    [finding] = found("leakage", rows)
    assert (finding.severity, finding.rows, finding.score) == ("warn", ("id2", "id3"), 1.0)
    assert finding.message.startswith("2 of 2 test rows have a copy, or a row of the same customer or thread")
    assert "take these rows out of the other splits" in finding.fix


def test_copies_within_test_are_clear(found):
    assert found("leakage", [*CLEAR, ("D!", "money", "test"), ("e", "late", "test", "bob")]) == []


def test_not_applicable_without_test_rows(why_not):
    assert why_not("leakage", CLEAR[:2]) == "no row stands in test"
