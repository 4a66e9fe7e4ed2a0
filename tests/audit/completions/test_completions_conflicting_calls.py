AREA = [{"geo.area": {"radius": [5]}}]
ROWS = [("The area, please.", AREA), ("Sing!", [])]


def test_a_request_with_two_sets_of_right_calls_is_found(found, calls):
    [one] = found("conflicting_calls", calls(*ROWS, ("the AREA please", [{"geo.area": {"radius": [6]}}])))
    assert one.rows.tolist() == [0, 2]
    assert one.got == "one request in 2 rows has 2 different sets of right calls"


def test_copies_with_the_same_calls_are_clear(found, calls):
    assert found("conflicting_calls", calls(*ROWS, ROWS[0])) == []


def test_a_single_row_has_nothing_to_contradict(why_not, calls):
    assert why_not("conflicting_calls", calls(ROWS[0])) == "there are fewer than two rows"
