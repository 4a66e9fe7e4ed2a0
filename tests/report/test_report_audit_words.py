"""An audit in sentences."""

from dataclasses import replace

import pytest
from report_fits import fit, learnability

from suffice.records.finding import Audit, Finding, NotApplicable, Severity
from suffice.report import audit_sentence, learnability_sentence

DATA = replace(fit().data, n_rows=1_200, label_counts={"a": 700, "b": 500})


def found(*severities: tuple[str, Severity], not_applicable: int = 0) -> Audit:
    findings = (
        Finding(code=code, severity=severity, rule="", where="", rows=(), score=None, message="", fix="")
        for code, severity in severities
    )
    unchecked = (NotApplicable(code=f"c{k}", why="") for k in range(not_applicable))
    return Audit(findings=tuple(findings), not_applicable=tuple(unchecked), allowed=(), learnability=None)


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([], "nothing was found."),
        ([("a", "note")], "1 note."),
        ([("a", "stop")], "1 thing that stops a fit."),
        ([("a", "stop"), ("b", "stop"), ("c", "warn")], "2 things that stop a fit and 1 warning."),
        ([("a", "warn"), ("b", "warn"), ("c", "note")], "2 warnings and 1 note."),
        ([("a", "stop"), ("b", "warn"), ("c", "note")], "1 thing that stops a fit, 1 warning and 1 note."),
        # Two findings of one check are one thing.
        ([("a", "warn"), ("a", "warn")], "1 warning."),
    ],
)
def test_what_was_found_is_counted_by_severity(findings: list[tuple[str, Severity]], said: str) -> None:
    assert audit_sentence(DATA, found(*findings)) == f"1,200 messages with 2 labels: {said}"


def test_checks_that_could_not_run_are_not_read_as_clear() -> None:
    said = audit_sentence(DATA, found(not_applicable=2))
    assert said == "1,200 messages with 2 labels: nothing was found; 2 checks could not run in full."


def test_what_is_learned_is_held_against_chance_and_the_commonest_label() -> None:
    learned = learnability(("a", "b"))
    assert learnability_sentence(learned).startswith(
        "Out of fold on 2,000 messages: chance 50.0%, the commonest label 20.0%, tfidf 95.0% (95.0 to 97.0%), "
        "embed 96.0% (95.0 to 97.0%). To embed the last doubling of the rows brought +0.8 to +2.2 points"
    )
    assert learnability_sentence(learned).endswith("so that more rows still help.")


def test_whether_more_rows_help_is_said_as_it_is_known() -> None:
    learned = learnability(("a", "b"))
    hardly = learnability_sentence(replace(learned, more_rows="hardly"))
    assert hardly.endswith("so that more rows like these would hardly help.")
    without = replace(learned, last_doubling=None, last_doubling_interval=None, more_rows="unclear")
    assert learnability_sentence(without).endswith("; whether more rows would help cannot be said yet.")
