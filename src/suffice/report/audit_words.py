"""What an audit came to, in plain English sentences: for the top of the page and for the command line."""

from __future__ import annotations

from suffice.records.completion_audit import AskedSummary
from suffice.records.finding import Audit
from suffice.records.learnability import Learnability, MoreRows
from suffice.records.verdict import DataSummary
from suffice.text.counted import counted
from suffice.text.rounding import percent, percent_interval, signed_points

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
    return found_sentence(f"{counted(data.n_rows, 'message')} with {counted(len(data.label_counts), 'label')}", audit)


def asked_sentence(data: AskedSummary) -> str:
    """Rows of questions or requests at a glance: `1,200 questions (1,150 with a trace)`.

    Args:
        data: the rows.
    """
    rows = counted(data.n_rows, "request" if data.kind == "tools" else "question")
    beside = ", ".join(f"{n:,} with {words}" for words, n in data.n_with.items())
    return f"{rows} ({beside})" if beside else rows


def found_sentence(rows: str, audit: Audit) -> str:
    """What was found in some rows.

    Args:
        rows: what they are, in words.
        audit: what was found.
    """
    codes = {
        severity: {finding.code for finding in audit.findings if finding.severity == severity}
        for severity in ("stop", "warn", "note")
    }
    n_stops, n_allowed = len(codes["stop"] - set(audit.allowed)), len(codes["stop"] & set(audit.allowed))
    found = {
        "1 thing that stops a fit" if n_stops == 1 else f"{n_stops} things that stop a fit": n_stops,
        f"{counted(n_allowed, 'finding')} let pass by audit.allow": n_allowed,
        counted(len(codes["warn"]), "warning"): len(codes["warn"]),
        counted(len(codes["note"]), "note"): len(codes["note"]),
    }
    said = [words for words, n in found.items() if n]
    if not said:
        left_out = counted(len({one.code for one in audit.not_applicable}), "check")
        unchecked = f"; {left_out} could not run in full" if audit.not_applicable else ""
        return f"{rows}: nothing was found{unchecked}."
    *first, last = said
    return f"{rows}: {', '.join(first)}{' and ' if first else ''}{last}."


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
