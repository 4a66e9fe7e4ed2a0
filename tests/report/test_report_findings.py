"""Findings of one check are told together, the worst of them first."""

from dataclasses import replace

from suffice.records.finding import Finding
from suffice.report.findings import MAX_TOLD, told


def finding(code: str, *, rows: tuple[str, ...] = (), score: float | None = None, fix: str = "clean") -> Finding:
    return Finding(
        code=code,
        severity="note",
        rule=f"the rule of {code}",
        where="raw-1f3a",
        rows=rows,
        score=score,
        message=f"found {score}",
        fix=fix,
    )


def test_findings_are_told_by_code_in_the_order_of_the_checks() -> None:
    one, other = told([finding("b", rows=("r1", "r2")), finding("a"), finding("b", rows=("r2", "r3"))])
    assert (one.code, one.n_findings, one.n_rows, one.rule, one.severity) == ("b", 2, 3, "the rule of b", "note")
    assert (other.code, other.n_findings, other.n_rows, other.n_more) == ("a", 1, 0, 0)


def test_what_stops_and_what_only_warns_are_told_apart() -> None:
    stop, warn = told([finding("a"), replace(finding("a"), severity="stop"), finding("a")][1:])
    assert (stop.severity, stop.n_findings, warn.severity, warn.n_findings) == ("stop", 1, "note", 1)


def test_the_worst_come_first_and_the_rest_is_counted() -> None:
    (one,) = told([finding("a", score=score) for score in (0.1, None, 0.5, 0.3, 0.2, 0.9, 0.4)])
    assert [first.score for first in one.first] == [0.9, 0.5, 0.4, 0.3, 0.2]
    assert (len(one.first), one.n_more) == (MAX_TOLD, 2)


def test_findings_without_a_score_keep_their_order() -> None:
    (one,) = told([finding("a", rows=(row,)) for row in ("r1", "r2", "r3")])
    assert [first.rows for first in one.first] == [("r1",), ("r2",), ("r3",)]


def test_those_that_say_the_same_of_different_rows_stand_under_one_message_and_the_worst_message_first() -> None:
    (one,) = told([finding("a", score=score, rows=(row,)) for row, score in (("r1", 0.1), ("r2", 0.2), ("r3", 0.1))])
    rows = {message: [found.rows for found in alike] for message, alike in one.by_message.items()}
    assert list(rows.items()) == [("found 0.2", [("r2",)]), ("found 0.1", [("r1",), ("r3",)])]


def test_what_to_do_is_said_once_also_for_those_that_are_only_counted() -> None:
    fixes = ["merge", "clean", "merge", "clean", "merge", "review", "label"]
    (one,) = told([finding("a", score=10 - k, fix=fix) for k, fix in enumerate(fixes)])
    assert one.fixes == ("merge", "clean", "review")


def test_nothing_found_is_nothing_told() -> None:
    assert told([]) == ()
