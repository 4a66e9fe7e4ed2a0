import pytest


def rows_of(label, n):
    return [(f"{label} {k}", label, ("train", "test")[k % 2]) for k in range(n)]


def test_shares_so_uneven_that_accuracy_says_little_are_found(found):
    [finding] = found("imbalance", [*rows_of("common", 90), *rows_of("rare", 10)])
    # By hand: -0.9 ln 0.9 - 0.1 ln 0.1 = 0.3251, e^0.3251 = 1.384 equal labels; evenness 0.384 of 1.
    assert (finding.severity, finding.rows, finding.score) == ("warn", (), pytest.approx(1 - 0.384, abs=1e-3))
    assert finding.message == (
        "2 labels, as uneven as 1.4 equal ones: 'common' on 90 rows (90.0%), 'rare' on 10, 9 times fewer"
    )
    assert finding.fix.endswith("or label more rows of 'rare'")


def test_the_rarest_labels_are_named_first(found):
    rows = [*rows_of("a", 90), *rows_of("b", 4), *rows_of("c", 3)]
    [finding] = found("imbalance", rows)
    assert finding.fix.endswith("label more rows of 'c', 'b'")


@pytest.mark.parametrize("n", [80, 20])
def test_shares_that_differ_by_four_times_are_clear(found, n):
    assert found("imbalance", [*rows_of("a", n), *rows_of("b", 20)]) == []


def test_one_rare_label_among_many_even_ones_is_clear(found):
    assert found("imbalance", [row for label in "abcdefgh" for row in rows_of(label, 2 if label == "h" else 20)]) == []


def test_not_applicable_with_one_label(why_not):
    assert why_not("imbalance", rows_of("a", 5)) == "fewer than two labels have rows"
