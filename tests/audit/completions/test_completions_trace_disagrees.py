CLEAR = [("a?", "20 - 5 = 15", "15"), ("b?", "He is in Paris.", "Paris"), ("c?", None, "7")]


def test_traces_that_end_in_other_numbers_are_found(found):
    [one] = found("trace_disagrees", [*CLEAR, ("d?", "20 - 5 = 15", "20")])
    assert one.rows.tolist() == [3]
    assert one.got == "1 of 2 traces end in other numbers than the answer"


def test_traces_that_come_to_their_answer_are_clear(found):
    assert found("trace_disagrees", CLEAR) == []


def test_without_numbers_or_traces_it_does_not_apply(why_not):
    assert why_not("trace_disagrees", CLEAR[1:2]) == "no last step has a number to hold against the answer"
    assert why_not("trace_disagrees", CLEAR[2:]) == "no row has a trace"
