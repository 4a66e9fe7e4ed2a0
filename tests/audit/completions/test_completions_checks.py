from suffice.audit.completions import ANSWER_CHECKS, CALL_CHECKS, held
from suffice.audit.places import Places

PLACES = Places(name="sums", ids=["a", "b"], sources=["x.jsonl", "y.jsonl"], numbers=[3, 5])


def test_findings_name_rows_by_id_and_place_and_checks_that_could_not_run_say_why(calls):
    audit = held(CALL_CHECKS, calls(("area?", [{"nope": {}}]), ("area?", [])), PLACES)
    assert [(one.code, one.severity, one.rows) for one in audit.findings] == [
        ("gold_calls", "warn", ("a",)),
        ("conflicting_calls", "warn", ("a", "b")),
    ]
    assert audit.findings[1].where == "sums (x.jsonl: row 3; y.jsonl: row 5)"
    unchecked = held(CALL_CHECKS, calls(("area?", []), ("sing", [])), PLACES).not_applicable
    assert [one.code for one in unchecked] == ["gold_calls", "call_in_request", "unlearnable_calls"]
    assert {one.why for one in unchecked} == {"in no row a call is right"}


def test_no_two_checks_of_a_kind_have_one_code_and_none_stops_a_fit():
    for checks in (ANSWER_CHECKS, CALL_CHECKS):
        assert len({check.code for check in checks}) == len(checks)
        assert {check.severity for check in checks} <= {"warn", "note"}
