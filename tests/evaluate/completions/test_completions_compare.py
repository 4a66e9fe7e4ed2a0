from suffice.evaluate.completions import compare_completions


# Of five rows the first alone is right on three and the second alone on none: McNemar's p is 2 * 0.5^3 = 0.25.
def test_two_systems_are_compared_by_value_on_the_same_rows(judge):
    first = judge([("1", "#### 1")] * 4 + [("1", "#### 2")])
    second = judge([("1", "it is 1.0")] + [("1", "#### 2")] * 4)
    found = compare_completions(first, second, names=("a.jsonl", "b.jsonl"))
    assert (found.n, found.difference, found.n_only_first, found.n_only_second, found.p_value) == (5, 0.6, 3, 0, 0.25)
    # The score test of five rows, 3 to 0, does not show the first to be better either (Tango, 95%).
    assert found.interval.low < 0.0 < 0.6 < found.interval.high
    assert (found.first, found.second) == ("a.jsonl", "b.jsonl")
