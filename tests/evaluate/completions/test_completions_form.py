import pytest

from suffice.evaluate.completions.form import form
from suffice.records.completion_evaluation import FormLoss
from suffice.records.evaluation import NotMeasured


# Every right answer is 5 and every completion says so: any other row's right answer fits as well.
def test_where_all_rows_have_one_answer_chance_gives_all_of_it(judge):
    found = form(judge([("5", "so 5")] * 8))
    assert isinstance(found, FormLoss)
    assert (found.share, found.chance, found.false_credit, found.lost_to_form) == (1.0, 1.0, 1.0, 0.0)


# Ten different answers, all right in the wrong form: no other row's answer ever fits.
def test_where_all_answers_differ_nothing_is_given_by_chance(judge):
    found = form(judge([(str(n), f"it is {n}") for n in range(10)]))
    assert (found.share, found.chance, found.lost_to_form, found.n_not_strict) == (1.0, 0.0, 1.0, 10)
    # Clopper and Pearson (1934): of 10 out of 10 the lower end is the tenth root of 0.025.
    assert (found.interval.low, found.interval.high) == (pytest.approx(0.025**0.1), 1.0)


# Four rows in one group and four in another, alike within each: two rows' worth of evidence, so that the interval is
# wide; less the false credit, and never below nought.
def test_the_interval_is_of_groups_and_less_what_chance_gives(judge):
    rows = [("5", "it is 5")] * 4 + [("7", "it is 9")] * 4
    alone, grouped = form(judge(rows)), form(judge(rows, groups=[0] * 4 + [1] * 4))
    assert alone.share == grouped.share == 0.5
    assert grouped.interval.high - grouped.interval.low > alone.interval.high - alone.interval.low
    # Clopper and Pearson: 4 of 8 lies between 0.157 and 0.843.
    assert alone.interval.high == pytest.approx(0.843 - alone.false_credit, abs=0.001)
    assert alone.interval.low == pytest.approx(max(0.0, 0.157 - alone.false_credit), abs=0.001)


# Of 9 other rows of 10, 4 have the answer that a row gives: 4/9 by chance, within what 100 shuffles leave open.
def test_chance_is_how_often_an_answer_is_that_of_another_row(judge):
    found = form(judge([(str(n % 2), f"it is {n % 2}") for n in range(10)]))
    assert found.chance == pytest.approx(4 / 9, abs=0.05)
    assert found.lost_to_form == pytest.approx(5 / 9, abs=0.05)


def test_answers_in_form_have_no_part_in_it(judge):
    found = form(judge([("1", "#### 1"), ("2", "it is 2"), ("3", "no idea"), ("4", "#### 4")]))
    assert (found.n_not_strict, found.share) == (1, 0.25)


def test_the_rows_with_the_right_value_in_the_wrong_form_are_named(judge):
    found = form(judge([("1", "#### 1"), ("2", "it is 2"), ("3", "it is 4"), *[("5", "so 5")] * 30]))
    # The rule of `Judged.share`: the first twenty, in the order of the rows.
    assert found.ids == ("q1", *(f"q{n}" for n in range(3, 22)))


def test_the_same_seed_gives_the_same_chance(judge):
    rows = [(str(n % 3), f"it is {n % 3}") for n in range(12)]
    assert form(judge(rows)) == form(judge(rows))


@pytest.mark.parametrize("rows", [[("1", "#### 1"), ("2", "#### 3")], [("1", "it is 1")]])
def test_where_it_cannot_be_known_the_reason_is_told(judge, rows):
    found = form(judge(rows))
    assert isinstance(found, NotMeasured)
    assert found.why
