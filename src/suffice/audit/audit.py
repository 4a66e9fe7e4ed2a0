"""All checks on one data version, and the end of a fit on what a person must decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from suffice.audit.check import Audited, Check, Found
from suffice.audit.empty_text import EMPTY_TEXT
from suffice.audit.exact_duplicate import EXACT_DUPLICATE
from suffice.audit.label_not_in_validation import LABEL_NOT_IN_VALIDATION
from suffice.audit.label_only_in_test import LABEL_ONLY_IN_TEST
from suffice.audit.label_variants import LABEL_VARIANTS
from suffice.audit.leakage import LEAKAGE
from suffice.audit.normalised_duplicate import NORMALISED_DUPLICATE
from suffice.audit.one_label import ONE_LABEL
from suffice.audit.rare_label import RARE_LABEL
from suffice.audit.unknown_label import UNKNOWN_LABEL
from suffice.errors import AuditStop, Problem, TaskError, nearest
from suffice.records.dataset import Dataset
from suffice.records.finding import Audit, Finding, NotApplicable
from suffice.records.labels import LabelSet
from suffice.records.splits import Splits

CHECKS: tuple[Check, ...] = (
    EMPTY_TEXT,
    ONE_LABEL,
    UNKNOWN_LABEL,
    LABEL_VARIANTS,
    RARE_LABEL,
    LABEL_ONLY_IN_TEST,
    LABEL_NOT_IN_VALIDATION,
    LEAKAGE,
    EXACT_DUPLICATE,
    NORMALISED_DUPLICATE,
)
"""Every check: those that stop, those that warn, those that note."""

_EXAMPLES = 3


def audit(data: Dataset, splits: Splits, labels: LabelSet, *, allow: Sequence[str]) -> Audit:
    """Holds the rows against every check.

    Allowed findings are found all the same: `stop_on` lets them pass, and a report shows them.

    Args:
        data: rows of one data version, at least one.
        splits: their splits.
        labels: the task's label set, declared or that of the data.
        allow: the task's `audit.allow`.

    Raises:
        TaskError: `allow` has a code that no check has.
    """
    _require_known(allow)
    audited = Audited.of(data, splits, labels)
    findings: list[Finding] = []
    not_applicable: list[NotApplicable] = []
    for check in CHECKS:
        why_not = check.needs(audited)
        if why_not is None:
            findings.extend(_finding(check, found, data) for found in check.look(audited))
        else:
            not_applicable.append(NotApplicable(code=check.code, why=why_not))
    return Audit(findings=tuple(findings), not_applicable=tuple(not_applicable))


def stop_on(audit: Audit, *, allow: Sequence[str], where: Callable[[Sequence[str]], str] = lambda ids: "") -> None:
    """Ends a fit on data from which nothing sound can be trained until a person decides.

    Args:
        audit: what was found.
        allow: codes of findings that a person has decided to let pass.
        where: ids of rows to where they stand in their files; nothing for what the finding itself says.

    Raises:
        AuditStop: one problem for each finding of severity `stop` that is not allowed.
    """
    stops = [finding for finding in audit.findings if finding.severity == "stop" and finding.code not in allow]
    if stops:
        raise AuditStop(
            Problem(where=where(stop.rows) or stop.where, rule=stop.rule, got=stop.message, fix=stop.fix)
            for stop in stops
        )


def _finding(check: Check, found: Found, data: Dataset) -> Finding:
    rows = data.take(found.rows)
    way_on = "" if check.allowed is None else f"; or `audit.allow=[{check.code}]` {check.allowed}"
    return Finding(
        code=check.code,
        severity=check.severity,
        rule=check.rule,
        where=_where(rows),
        rows=tuple(rows.ids),
        score=found.score,
        message=found.got,
        fix=found.fix + way_on,
    )


def _where(rows: Dataset) -> str:
    """The data version and the first rows; counted from 0, as lines of a file are something else."""
    examples = [f"{row.source}: row {row.row}" for row in rows.take(range(min(_EXAMPLES, len(rows))))]
    return f"{rows.name} ({', '.join(examples)})" if examples else rows.name


def _require_known(allow: Sequence[str]) -> None:
    """Refuses a code that allows nothing: a slip of the pen would otherwise look like a decision.

    Raises:
        TaskError: every code that no check has.
    """
    known = [check.code for check in CHECKS if check.severity == "stop"]
    unknown = [code for code in allow if code not in known]
    if unknown:
        fix = f"use codes of {', '.join(known)}"
        rule = "audit.allow names checks that stop a fit"
        raise TaskError(
            Problem(where="audit.allow", rule=rule, got=f"{code!r}{nearest(code, known)}", fix=fix) for code in unknown
        )
