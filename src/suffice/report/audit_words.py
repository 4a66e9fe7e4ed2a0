"""What an audit came to, in plain English sentences: for the top of the page and for the command line."""

from __future__ import annotations

from suffice.records.finding import Audit
from suffice.records.learnability import Learnability, MoreRows
from suffice.records.verdict import DataSummary
from suffice.report.rounding import percent, percent_interval, signed_points
from suffice.text.counted import counted

MORE_ROWS: dict[MoreRows, str] = {
    "helps": "more rows still help",
    "hardly": "more rows like these would hardly help",
    "unclear": "whether more rows would help cannot be said yet",
}


def audit_sentence(data: DataSummary, audit: Audit) -> str:
    """What was found, for somebody who reads nothing else.

    Args:
        data: the rows at a glance.
        audit: what was found.
    """
    rows = f"{counted(data.n_rows, 'message')} with {counted(len(data.label_counts), 'label')}"
    by_severity = {
        severity: len({finding.code for finding in audit.findings if finding.severity == severity})
        for severity in ("stop", "warn", "note")
    }
    if not any(by_severity.values()):
        unchecked = f"; {counted(len(audit.not_applicable), 'check')} could not run" if audit.not_applicable else ""
        return f"{rows}: nothing was found{unchecked}."
    words = {"stop": "thing that stops a fit", "warn": "warning", "note": "note"}
    said = [counted(n, words[severity]) for severity, n in by_severity.items() if n]
    if by_severity["stop"] > 1:
        said[0] = f"{by_severity['stop']} things that stop a fit"
    return f"{rows}: {' and '.join(said) if len(said) < 3 else f'{said[0]}, {said[1]} and {said[2]}'}."


def learnability_sentence(learned: Learnability) -> str:
    """What cheap rungs reach on rows that they did not see, against chance, and whether more rows would help.

    Args:
        learned: of one data version.
    """
    reached = ", ".join(
        f"{reach.rung} {percent(reach.accuracy)} ({percent_interval(reach.interval)})" for reach in learned.rungs
    )
    baseline = f"chance {percent(learned.chance)}, the commonest label {percent(learned.majority)}"
    if learned.last_doubling_interval is None:
        return f"Out of fold on {counted(learned.n, 'message')}: {baseline}, {reached}; {MORE_ROWS[learned.more_rows]}."
    doubled = f"the last doubling of the rows brought {signed_points(learned.last_doubling_interval)} (95% interval)"
    return (
        f"Out of fold on {counted(learned.n, 'message')}: {baseline}, {reached}. To {learned.curve[-1].rung} "
        f"{doubled}, so that {MORE_ROWS[learned.more_rows]}."
    )
