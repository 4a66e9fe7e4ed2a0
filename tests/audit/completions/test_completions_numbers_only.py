import pytest

ASKED = "Anna buys {} apples at {} dollars each, what does she pay?"
OTHER = [
    ("How long is the river Rhine in kilometres?", None, "1233"),
    ("What is 3 + 4?", None, "7"),
    ("What is 5 + 4?", None, "9"),
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("thirteen", "fourteen"),
        ("nineteen", "twenty"),
        ("thirty", "twenty-five"),
        ("two hundred and five", "205"),
        ("3 million", "zero"),
        ("0", "7"),
    ],
)
def test_numbers_in_words_are_numbers_however_many_words_they_take(found, one, other):
    [finding] = found("numbers_only", [(ASKED.format(one, 2), None, "1"), *OTHER, (ASKED.format(other, 2), None, "2")])
    assert finding.rows.tolist() == [0, 4]


def test_two_numbers_are_not_one(found):
    twins = [(ASKED.format("two and five", 2), None, "14"), (ASKED.format("seven", 2), None, "14")]
    assert found("numbers_only", twins) == []


def test_questions_that_differ_in_numbers_alone_are_one_finding_for_each_group(found):
    rows = [(ASKED.format(3, 2), None, "6"), *OTHER, (ASKED.format("four", "2.50"), None, "10")]
    [one] = found("numbers_only", rows)
    assert one.rows.tolist() == [0, 4]
    assert one.got == "2 rows ask the same but for their numbers"


def test_copies_bare_sums_and_other_questions_are_clear(found):
    assert found("numbers_only", [*OTHER, (ASKED.format(3, 2), None, "6"), (ASKED.format(3, 2), None, "6")]) == []


def test_a_single_row_has_no_twin(why_not):
    assert why_not("numbers_only", OTHER[:1]) == "there are fewer than two rows"
