def rows_of(label, split, n):
    return [(f"{label} {split} {k}", label, split) for k in range(n)]


SMALL = [*rows_of("common", "train", 10), *rows_of("common", "validation", 3)]


def test_labels_of_a_small_set_that_validation_lacks_are_found(found):
    [finding] = found("label_not_in_validation", [*SMALL, *rows_of("rare", "train", 4)])
    assert finding.severity == "warn"
    assert finding.message == "1 label of 2 without a validation row: 'rare'"
    assert "until then encoders and language models are not judged on them" in finding.fix


def test_of_many_such_labels_five_are_named_and_all_counted(found):
    rows = [row for k in range(7) for row in rows_of(f"rare{k}", "train", 2)]
    [finding] = found("label_not_in_validation", [*SMALL, *rows])
    assert finding.message.startswith("7 labels of 8 without a validation row: ")
    assert finding.message.endswith("'rare0', 'rare1', 'rare2', 'rare3', 'rare4' and 2 more")


def test_labels_without_training_rows_are_left_to_the_checks_that_stop(found):
    rows = [*SMALL, *rows_of("other", "test", 2)]
    assert found("label_not_in_validation", rows, declared=["common", "other", "none"]) == []


def test_labels_that_validation_has_are_clear(found):
    assert found("label_not_in_validation", SMALL) == []


def test_not_applicable_where_validation_is_large_enough_to_stop_on_it(why_not):
    rows = [*rows_of("common", "train", 10), *rows_of("common", "validation", 200), *rows_of("rare", "train", 4)]
    assert "rare_label stops at a label that it lacks" in why_not("label_not_in_validation", rows)
