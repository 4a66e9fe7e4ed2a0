ROWS = [("How many eggs are left?", None, "18"), ("How many hens are there?", None, "7")]


def test_a_question_with_two_answers_is_found_with_all_its_rows(found):
    [one] = found("conflicting_answers", [*ROWS, ("how many EGGS are left", None, "19"), (*ROWS[0][:2], "18.0")])
    assert one.rows.tolist() == [0, 2, 3]
    assert one.got == "one question in 3 rows has 3 different answers"


def test_copies_with_one_value_are_clear(found):
    assert found("conflicting_answers", [*ROWS, ("How many eggs are left?", None, "18.00")]) == []


def test_a_single_row_has_nothing_to_contradict(why_not):
    assert why_not("conflicting_answers", ROWS[:1]) == "there are fewer than two rows"
