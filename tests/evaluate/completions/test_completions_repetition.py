import pytest

from suffice.evaluate.completions.repetition import repetition
from suffice.records.evaluation import NotMeasured


# "a b c d" twice over: 5 of its 4-grams, and the fifth is the first again: 1/5. "x" ten times: 7, all but one: 6/7.
def test_repeated_4_grams_are_counted_and_who_goes_round_in_circles_is_named(judge):
    found = repetition(judge([("1", "a b c d a b c d"), ("1", "x " * 10), ("1", "one two three four"), ("1", "1")]))
    assert found.repeated == pytest.approx((1 / 5 + 6 / 7 + 0) / 3)
    assert (found.loops.ids, found.loops.of) == (("q1",), 3)
    assert found.repeated_interval.low <= found.repeated <= found.repeated_interval.high


# 2-grams of both texts: (a b), (b c), (c d) twice over: 3 of 6 differ.
def test_distinct_2_grams_stand_beside_those_of_the_right_completions(judge):
    found = repetition(judge([("1", "a b c d"), ("2", "a b c d")], gold_trace="x y"))
    assert found.distinct == 0.5
    # "x y # # # # 1" and "... 2": x y, y #, # # (3), # 1 in the first, the same but # 2 in the second: 5 of 12.
    assert found.gold_distinct == pytest.approx(5 / 12)


def test_a_text_that_is_given_to_rows_of_other_groups_is_generic(judge):
    rows = [
        ("1", "I cannot say that."),
        ("2", "I cannot say that."),
        ("3", "I cannot say that!"),
        ("4", "It is 4, yes."),
    ]
    assert repetition(judge(rows)).same_text.ids == ("q0", "q1")
    assert repetition(judge(rows, groups=[0, 0, 1, 2])).same_text.n == 0


# 7 is answered in 3 of 4 rows, and right in 1 of 4, as any other.
def test_the_commonest_answer_stands_beside_the_commonest_right_one(judge):
    found = repetition(judge([(str(n), "well, I say 7" if n != 5 else "well, I say 5") for n in (4, 5, 6, 7)]))
    assert (found.commonest, found.commonest_share, found.commonest_gold_share) == ("7", 0.75, 0.25)


def test_short_completions_have_nothing_to_repeat(judge):
    assert isinstance(repetition(judge([("18", "18")])), NotMeasured)
