import pytest

CLEAR = [
    ("where does it stay", "late", "train", "ann"),
    ("it has not come yet", "late", "train"),
    ("give me back my money", "money", "test", "bob"),
    ("what is this fee for, please?", "money", "test"),
]
COPIES = {
    "the same text in": "what is this fee for, please?",
    "the same text but for case": "What is this FEE for? Please",
    "a near-copy": "what is this fee for, pleasee?",
}


@pytest.mark.parametrize("split", ["train", "validation", "calibration"])
@pytest.mark.parametrize("level", COPIES)
def test_test_rows_with_a_copy_in_another_split_are_found_at_the_strictest_level(found, split, level):
    [finding] = found("leakage", [*CLEAR, (COPIES[level], "money", split)])
    assert (finding.severity, finding.rows, finding.score) == ("warn", ("id3",), 0.5)
    assert finding.message.startswith(f"1 test row of 2 with {level}")
    assert finding.message.endswith(f"in another split (1 in {split})")
    assert "exact_duplicate, normalised_duplicate and near_duplicate list the rows of every split" in finding.fix
    assert "set data.split=none" in finding.fix


@pytest.mark.parametrize(("level", "code"), list(zip(COPIES, ["exact", "normalised", "near"], strict=True)))
def test_the_copies_to_be_taken_out_stand_where_the_fix_says(found, level, code):
    rows = [*CLEAR, (COPIES[level], "money", "train")]
    assert f"{code}_duplicate" in found("leakage", rows)[0].fix
    assert [one.rows for one in found(f"{code}_duplicate", rows)] == [("id3", "id4")]


def test_each_level_is_a_finding_of_its_own_and_no_row_is_told_twice(found):
    rows = [*CLEAR, *[(text, "money", "train") for text in COPIES.values()], ("thanks", "late", "train", "bob")]
    same, customer = found("leakage", rows)
    assert (same.rows, customer.rows) == (("id3",), ("id2",))
    assert "the same text in another split" in same.message
    assert "a row of the same customer or thread" in customer.message
    assert customer.fix.startswith("give all rows of a customer or thread (data.group) one split, or set data.split=")


def test_that_nobody_looked_for_other_words_is_told(found, why_not):
    assert found("leakage", CLEAR) == []
    assert why_not("leakage", CLEAR).startswith("rows that say the same in other words were not looked for: ")


def test_copies_within_test_are_clear(found):
    assert found("leakage", [*CLEAR, (COPIES["a near-copy"], "money", "test"), ("e", "late", "test", "bob")]) == []


@pytest.mark.parametrize("level", COPIES)
@pytest.mark.parametrize(
    ("split", "other"), [("validation", "train"), ("calibration", "train"), ("calibration", "validation")]
)
def test_leaks_between_the_other_splits_touch_the_more_held_out_one(found, split, other, level):
    rows = [*CLEAR[:3], ("what is this fee for, please?", "money", split), ("thanks", "late", split)]
    [finding] = found("leakage", [*rows, (COPIES[level], "money", other)])
    assert (finding.rows, finding.score) == (("id3",), 0.5)
    assert finding.message.startswith(f"1 {split} row of 2 with {level}")
    assert finding.message.endswith(f"in another split (1 in {other})")


def test_test_rows_are_told_apart_from_validation_rows_and_first(found):
    fee = CLEAR[3][0]
    rows = [*CLEAR, (fee, "money", "train"), (fee, "money", "validation"), (fee, "money", "validation")]
    of_test, of_validation = found("leakage", rows)
    assert (of_test.rows, of_validation.rows) == (("id3",), ("id5", "id6"))
    assert of_test.message == "1 test row of 2 with the same text in another split (1 in train, 1 in validation)"
    assert of_validation.message == "2 validation rows of 2 with the same text in another split (2 in train)"


def test_not_applicable_where_all_rows_stand_in_one_split(why_not):
    assert why_not("leakage", CLEAR[:2]) == "all rows stand in one split"
