from dataclasses import replace

import pytest

from suffice.audit import stop_on
from suffice.audit.audit import CHECKS
from suffice.audit.check import Check, always
from suffice.errors import AuditStop, TaskError

CLEAR = [
    (f"{k} {label} of {split}", label, split)
    for label in "ab"
    for split in ("train", "validation", "test")
    for k in ("one", "another", "whoever", "nobody", "somebody")
]
BAD = [("", "a", "train"), ("x", "A", "train"), ("y", "b", "train"), ("z", "b", "test"), (" ", "c", "test")]


def test_rows_without_fault_have_no_finding(run_audit, audited):
    assert run_audit(CLEAR).findings == ()
    stop_on(audited(CLEAR), allow=())


def test_every_stop_is_told_at_once_and_once(audited):
    with pytest.raises(AuditStop) as told:
        stop_on(audited(BAD), allow=())
    assert [problem.rule for problem in told.value.problems] == [
        "every message must show something",
        "labels must differ by more than case, white space or Unicode form",
        # 'A', 'a' and 'b' have one row each in train.
        *["every label needs rows to learn it from and rows to judge it by"] * 3,
        "every label in test must have rows in train",
    ]


def test_an_allowed_finding_is_found_and_does_not_stop(run_audit, audited):
    allow = ["empty_text", "label_variants", "rare_label", "label_only_in_test"]
    assert run_audit(BAD, allow=allow) == replace(run_audit(BAD), allowed=tuple(allow))
    stop_on(audited(BAD), allow=allow)
    with pytest.raises(AuditStop, match=r"allow=\[empty_text\]") as told:
        stop_on(audited(BAD), allow=allow[1:])
    assert len(told.value.problems) == 1


def test_a_stop_stands_where_its_rows_stand_in_their_files(audited):
    places = {"id0": "m.csv:2", "id4": "m.csv:6"}
    with pytest.raises(AuditStop) as told:
        stop_on(audited(BAD), allow=(), where=lambda ids: ", ".join(places.get(i, "?") for i in ids))
    # What speaks of a label without a row in train says where by itself.
    assert told.value.problems[0].where == "m.csv:2, m.csv:6"


def test_warnings_and_notes_never_stop(run_audit, audited):
    rows = [*CLEAR, ("one a of train", "a", "test"), ("one b of train", "b", "train")]
    assert {finding.severity for finding in run_audit(rows).findings} == {"warn", "note"}
    stop_on(audited(rows), allow=())


def test_three_rows_stand_as_examples_and_all_are_named(run_audit):
    rows = [*CLEAR, *[("", "a", "train")] * 5]
    finding = next(one for one in run_audit(rows).findings if one.code == "empty_text")
    assert finding.where == "raw-1f3a (m.csv: rows 30, 31, 32 and 2 more)"
    assert finding.rows == tuple(f"id{row}" for row in range(30, 35))


def test_no_finding_quotes_a_message(run_audit):
    secret = "sealed words"
    rows = [(f"{secret} {k % 2}", label, split) for k, (_, label, split) in enumerate([*BAD, *CLEAR])]
    said = run_audit([*rows, (f"{secret.upper()} 1", "d", "test")])
    assert {"leakage", "exact_duplicate", "normalised_duplicate"} <= {finding.code for finding in said.findings}
    assert secret not in repr(said).lower()


def test_codes_that_allow_nothing_are_errors_that_name_the_nearest(run_audit):
    with pytest.raises(
        TaskError, match=r"got: 'rare_lable' \(nearest: 'rare_label'\)\n  fix: use codes of empty_text, "
    ):
        run_audit(CLEAR, allow=["one_label", "rare_lable"])
    # A warning needs no leave.
    with pytest.raises(TaskError, match="got: 'leakage'"):
        run_audit(CLEAR, allow=["leakage"])


def test_codes_are_distinct_and_stops_come_first():
    assert len({check.code for check in CHECKS}) == len(CHECKS)
    order = ["stop", "warn", "note"]
    assert [check.severity for check in CHECKS] == sorted((check.severity for check in CHECKS), key=order.index)


@pytest.mark.parametrize(("severity", "allowed"), [("stop", None), ("note", "keeps them")])
def test_a_stop_and_only_a_stop_says_what_allowing_it_does(severity, allowed):
    with pytest.raises(AssertionError, match="a stop, and only a stop, can be allowed"):
        Check(code="x", severity=severity, rule="", look=lambda audited: (), needs=always, allowed=allowed)


def test_no_rows_are_our_own_fault(run_audit):
    with pytest.raises(AssertionError, match="has rows"):
        run_audit([], declared=["a"])
