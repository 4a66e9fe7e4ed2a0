from dataclasses import replace

from suffice.evaluate.completions import doubted
from suffice.evaluate.completions.overlays import overlays
from suffice.records.evaluation import NotMeasured


def test_rows_that_both_contradict_with_one_answer_are_leads(judge):
    gold = ("18", "18", "18", "18", "18")
    first = judge(list(zip(gold, ("#### 19", "#### 19", "#### 18", "it is 19", "#### 19"), strict=True)))
    second = judge(list(zip(gold, ("The answer is 19.0", "#### 20", "#### 19", "#### 19", "no idea"), strict=True)))
    assert doubted(first, second) == {"q0"}


def test_where_one_is_right_nothing_is_suspected(judge):
    first, second = judge([("18", "#### 18")]), judge([("18", "#### 19")])
    assert doubted(first, second) == set()


def test_an_answer_that_a_slip_of_its_own_is_shown_to_have_led_to_is_no_evidence(judge):
    slip, other = "19 + 74 = 94\n#### 94", "19 + 74 = 94, so\n#### 94"
    first, second = judge([("93", slip), ("93", "#### 94")]), judge([("93", other), ("93", "It is 94.\n#### 94")])
    assert doubted(first, second) == {"q1"}


def test_two_that_wrote_the_same_for_every_row_are_one_system(judge):
    once, twice = (judge([("18", "#### 19"), ("18", "#### 18")]) for _ in range(2))
    assert doubted(once, twice) is None


SLIP = "48/2 = 25\n48 + 25 = 73\n#### 73"


def test_lucky_is_a_share_of_right_answers_and_unlucky_of_wrong_ones_with_a_trace(judge):
    rows = [("72", "48/2 = 25\n48 + 24 = 72\n#### 72"), ("72", "48/2 = 24\n48 + 24 = 72\n#### 72"), ("72", SLIP)]
    found = overlays(judge([*rows, ("72", "#### 72"), ("72", "48 + 2 = 50\n#### 50")]))
    assert (found.lucky.n, found.lucky.of, found.lucky.ids) == (1, 2, ("q0",))
    assert (found.unlucky.n, found.unlucky.of, found.unlucky.ids) == (1, 2, ("q2",))


def test_a_right_answer_that_its_own_trace_does_not_come_to_is_suspected_where_a_system_says_otherwise(judge):
    rows = [("20", "#### 15"), ("20", "#### 20")]
    found = overlays(judge(rows, gold_trace="20 - 5 = 15")).suspected_gold
    assert (found.n, found.of, found.ids) == (1, 2, ("q0",))
    assert overlays(judge([("15", "#### 20")], gold_trace="20 - 5 = 15")).suspected_gold.n == 0


def test_what_two_systems_doubt_is_suspected_without_any_trace(judge):
    judged = judge([("18", "#### 19"), ("18", "#### 17")])
    assert isinstance(overlays(judged).suspected_gold, NotMeasured)
    assert overlays(replace(judged, doubted=frozenset({"q0"}))).suspected_gold.ids == ("q0",)
    assert overlays(replace(judged, doubted=frozenset())).suspected_gold.n == 0


def test_without_traces_there_is_no_luck(judge):
    found = overlays(judge([("18", "#### 18")]))
    assert isinstance(found.lucky, NotMeasured)
    assert isinstance(found.unlucky, NotMeasured)
