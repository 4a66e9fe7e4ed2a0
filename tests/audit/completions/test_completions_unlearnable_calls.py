from dataclasses import replace

from suffice.audit.completions import CallRows
from suffice.kinds.calls.rows import read_row

BOOK = {
    "name": "book",
    "description": "Books a table; guests are seated indoors.",
    "parameters": {
        "type": "object",
        "properties": {"at": {"enum": ["Luigi's", "Trattoria"]}, "id": {"type": "string"}, "n": {"type": "integer"}},
    },
}


def rows(*given):
    """Rows of (request, right values of each argument of `book`)."""
    examples = [
        read_row(
            {
                "messages": [{"role": "user", "content": asked}],
                "tools": [BOOK],
                "accepted_calls": [] if right is None else [{"book": right}],
            },
            where="row",
        )
        for asked, right in given
    ]
    return CallRows(questions=tuple(asked for asked, _ in given), examples=tuple(examples))


CLEAR = [
    ("A table for two, please", {"at": ["Trattoria"], "n": [2]}),
    ("Book for customer K-4711", {"id": ["k4711"]}),
    ("Sing!", None),
]


def test_values_that_nobody_said_are_found_and_told_by_argument(found):
    lost = [("Book for me", {"id": ["K-90210"], "n": [2]}), ("For all of us", {"n": [48], "id": ["Zaphod", ""]})]
    [one] = found("unlearnable_calls", rows(*CLEAR, *lost))
    assert one.rows.tolist() == [3, 4]
    assert one.got == (
        "2 of 4 rows with right calls have a value that is in neither request nor tools, and right in no other row: "
        "'id' in 1 row, 'n' in 1 row"
    )
    assert one.score == 0.5
    assert "90210" not in one.got


def test_what_other_rows_call_as_well_can_be_learned(found):
    assert found("unlearnable_calls", rows(("Book", {"id": ["K-90210"]}), ("Now!", {"id": ["K-90210"]}))) == []


def test_what_the_documents_say_can_be_looked_up(found):
    lost = rows(*CLEAR, ("Book for Ann", {"id": ["K-90210"]}), ("Book for Bob", {"id": ["K-90211"]}))
    [one] = found("unlearnable_calls", replace(lost, knowledge="Ann is customer K-90210."))
    assert one.rows.tolist() == [4]
    assert "in neither request, tools nor knowledge" in one.got


def test_what_was_said_or_follows_is_clear(found):
    assert found("unlearnable_calls", rows(*CLEAR)) == []


def test_without_right_calls_it_does_not_apply(why_not):
    assert why_not("unlearnable_calls", rows(CLEAR[2])) == "in no row a call is right"
