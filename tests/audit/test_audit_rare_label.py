import pytest

from suffice.audit import stop_on
from suffice.errors import AuditStop


def rows_of(label, split, n):
    return [(f"{label} {k} {split}", label, split) for k in range(n)]


def stops(found, rows, **more):
    return [one for one in found("rare_label", rows, **more) if one.severity == "stop"]


SMALL = [*rows_of("common", "train", 10), *rows_of("common", "validation", 3)]
LARGE = [*rows_of("common", "train", 10), *rows_of("common", "validation", 200)]


@pytest.mark.parametrize("base", [SMALL, LARGE])
def test_a_label_without_training_rows_is_found(found, base):
    rows = [*base, *rows_of("rare", "validation", 2)]
    [finding] = stops(found, rows)
    assert finding.rows == (f"id{len(base)}", f"id{len(base) + 1}")
    assert (
        finding.message == "'rare' on 0 rows in train and 2 in validation, in 2 groups of copies, customers or threads"
    )
    assert finding.severity == "stop"


def test_a_declared_label_without_any_row_is_found(found):
    [finding] = stops(found, SMALL, declared=["common", "rare"])
    assert (finding.rows, finding.where) == ((), "raw-1f3a")


def test_a_label_that_a_large_validation_split_lacks_is_found(found):
    [finding] = stops(found, [*LARGE, *rows_of("rare", "train", 9)])
    assert (
        finding.message == "'rare' on 9 rows in train and 0 in validation, in 9 groups of copies, customers or threads"
    )


def test_from_199_to_200_validation_rows_the_label_must_stand_in_validation_itself(found):
    rare = rows_of("rare", "train", 2)
    assert stops(found, [*LARGE[:-1], *rare]) == []
    assert len(stops(found, [*LARGE, *rare])) == 1


def test_validation_rows_outside_the_declared_set_do_not_make_it_large(found):
    rows = [*LARGE[:-1], ("x", "unknown", "validation"), *rows_of("rare", "train", 2)]
    assert stops(found, rows, declared=["common", "rare"]) == []


def test_copies_of_one_message_are_one_example_in_a_small_set(found):
    rows = [*SMALL, ("Same text", "rare", "train"), ("same text!", "rare", "train"), ("SAME  text", "rare", "train")]
    [finding] = stops(found, rows)
    assert (
        finding.message == "'rare' on 3 rows in train and 0 in validation, in 1 group of copies, customers or threads"
    )


def test_rows_of_one_customer_are_one_example_in_a_small_set(found):
    customer = [("one", "rare", "train", "ann"), ("two", "rare", "train", "ann")]
    assert len(stops(found, [*SMALL, *customer])) == 1
    assert stops(found, [*SMALL, *customer, ("three", "rare", "train", "bob")]) == []


def test_a_label_of_the_test_rows_that_train_lacks_is_left_to_label_only_in_test(found):
    rows = [*SMALL, *rows_of("rare", "test", 2), *rows_of("rare", "validation", 1)]
    assert stops(found, rows) == []
    assert len(found("label_only_in_test", rows)) == 1


def test_the_error_says_what_to_do_and_the_way_on(audited):
    fix = r"fix: label more rows as 'rare', merge it .*; or `audit.allow=\[rare_label\]` keeps the label"
    got = "got: 'rare' on 1 row in train and 0 in validation"
    with pytest.raises(AuditStop, match=rf"row 13\): every label needs rows .*\n  {got}, .*\n  {fix}"):
        stop_on(audited([*SMALL, *rows_of("rare", "train", 1)]), allow=())


def test_enough_rows_are_clear(found):
    assert stops(found, [*SMALL, *rows_of("other", "train", 2)]) == []
    assert stops(found, [*LARGE, *rows_of("other", "train", 1), *rows_of("other", "validation", 1)]) == []


def test_a_label_of_fewer_than_ten_examples_is_warned_of_and_stops_no_fit(found, audited):
    rows = [*SMALL, *rows_of("rare", "train", 6), *rows_of("rare", "validation", 3), *rows_of("rare", "test", 5)]
    [finding] = found("rare_label", rows)
    assert finding.severity == "warn"
    assert finding.message.startswith("'rare' on 6 rows in train and 3 in validation, in 9 groups")
    assert "audit.allow" not in finding.fix
    stop_on(audited(rows), allow=())
    assert found("rare_label", [*rows, *rows_of("rare", "validation", 4)[3:]]) == []


def test_not_applicable_without_rows_in_train_and_validation(why_not):
    assert why_not("rare_label", rows_of("common", "test", 3)) == "no row stands in train or validation"
