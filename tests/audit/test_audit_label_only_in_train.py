def rows_of(label, *splits):
    return [(f"{label} {split} {k}", label, split) for split in splits for k in range(3)]


CLEAR = [*rows_of("a", "train", "validation", "test"), *rows_of("b", "train", "validation", "test")]


def test_labels_that_no_held_out_row_has_are_found(found):
    [finding] = found("label_only_in_train", [*CLEAR, *rows_of("c", "train"), *rows_of("d", "train")])
    assert (finding.severity, finding.rows, finding.score) == ("warn", tuple(f"id{k}" for k in range(18, 24)), 0.5)
    assert finding.message == "2 labels of 4 with rows in train alone: 'c', 'd'"
    assert finding.fix == "label rows of them in validation and test, or merge them with other labels"


def test_label_not_in_validation_does_not_report_them_again(found):
    rows = [*CLEAR, *rows_of("c", "train"), *rows_of("d", "train", "test")]
    [finding] = found("label_not_in_validation", rows)
    assert finding.message == "1 label of 4 without a validation row: 'd'"


def test_labels_that_some_held_out_split_has_are_clear(found):
    assert found("label_only_in_train", [*CLEAR, *rows_of("c", "train", "validation")]) == []
    assert found("label_only_in_train", [*CLEAR, *rows_of("c", "test")]) == []


def test_not_applicable_without_test_rows(why_not):
    assert why_not("label_only_in_train", rows_of("a", "train", "validation")) == "no row stands in test"
