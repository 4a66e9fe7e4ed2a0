from suffice.evaluate.completions.trace import trace
from suffice.records.evaluation import NotMeasured

ASKED = "He has 48 eggs and {n} boxes, sells half of them, and buys 24."


# 48/2 = 24 holds; 24 + 24 = 49 does not; the third row's last step says 25, and its answer is 24.
def test_equations_are_counted_and_rows_with_each_fault_are_named(judge):
    rows = [
        ("48", "48/2 = 24\n24 + 24 = 48\n#### 48"),
        ("48", "48/2 = 24\n24 + 24 = 49\n#### 49"),
        ("48", "24 + 1 = 25\n#### 24"),
        ("48", "so <<48/2=24>>25 left\n#### 25"),
        ("48", "#### 48"),
    ]
    found = trace(judge(rows, asked=ASKED))
    assert (found.n, found.n_equations, found.n_wrong) == (4, 6, 1)
    assert (found.wrong_step.of, found.wrong_step.ids) == (4, ("q1", "q3"))
    assert (found.arithmetic.ids, found.copied.ids, found.contradiction.ids) == (("q1",), ("q3",), ())
    assert (found.disagrees.ids, found.disagrees.of) == (("q2",), 4)


def test_a_number_from_nowhere_is_told(judge):
    found = trace(judge([("55", "48 + 777 = 825\n#### 825"), ("72", "48 + 24 = 72\n#### 72")], asked=ASKED))
    assert found.stranger.ids == ("q0",)


# Steps 1 and 3 beside 2 and 2: means 2 and 2, one row with fewer, one with more.
def test_steps_are_held_against_those_of_the_right_trace(judge):
    rows = [("72", "48 + 24 = 72\n#### 72"), ("72", "48/2 = 24\n24 + 24 = 48\n48 + 24 = 72\n#### 72")]
    steps = trace(judge(rows, gold_trace="48/2 = 24\n48 + 24 = 72")).steps
    assert (steps.n, steps.mean, steps.gold_mean, steps.fewer.ids, steps.more.ids) == (2, 2.0, 2.0, ("q0",), ("q1",))
    assert steps.interval.low <= 0.0 <= steps.interval.high


def test_rows_in_another_style_than_most_are_named(judge):
    rows = [("72", "So 48 + 24 = 72.\n#### 72")] * 3 + [("72", "The answer is 72.")]
    styles = trace(judge(rows)).styles
    assert (styles.n_styles, styles.others.ids) == (2, ("q3",))
    assert styles.majority.startswith("answer marked by '####'")


def test_without_steps_the_reason_is_told_and_without_right_traces_too(judge):
    assert isinstance(trace(judge([("18", "#### 18")])), NotMeasured)
    assert isinstance(trace(judge([("18", "9 * 2 = 18\n#### 18")])).steps, NotMeasured)
