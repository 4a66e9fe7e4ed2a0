CLEAR = [("Half of 48 and 48?", "48/2 = <<48/2=24>>24\n48+24 = 72", "72"), ("Which city?", None, "Paris")]


def test_traces_with_a_wrong_step_are_found_and_told_by_what_is_wrong(found):
    wrong = [
        ("a?", "48/2 = 25\n25 + 1 = 27", "26"),
        ("b?", "so <<36/3=12>>18 left", "18"),
        ("c?", "x = 5\nso x = 6", "6"),
    ]
    [one] = found("trace_arithmetic", [*CLEAR, *wrong])
    assert one.rows.tolist() == [2, 3, 4]
    assert one.got == (
        "3 of 4 traces have a wrong step: 1 with an equation that does not hold, 1 with a result copied wrongly, "
        "1 with a quantity with two values"
    )
    assert one.score == 0.75


def test_right_traces_are_clear(found):
    assert found("trace_arithmetic", CLEAR) == []


def test_without_traces_it_does_not_apply(why_not):
    assert why_not("trace_arithmetic", [("Which city?", None, "Paris")]) == "no row has a trace"
