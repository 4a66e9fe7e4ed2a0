"""All checks on one data version, and the end of a fit on what a person must decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from suffice.audit.ambiguous import AMBIGUOUS
from suffice.audit.check import Audited, Check, Found
from suffice.audit.confusable_labels import CONFUSABLE_LABELS
from suffice.audit.empty_or_boilerplate import EMPTY_OR_BOILERPLATE
from suffice.audit.empty_text import EMPTY_TEXT
from suffice.audit.exact_duplicate import EXACT_DUPLICATE
from suffice.audit.imbalance import IMBALANCE
from suffice.audit.label_conflict import LABEL_CONFLICT
from suffice.audit.label_error import LABEL_ERROR
from suffice.audit.label_name_drift import LABEL_NAME_DRIFT
from suffice.audit.label_not_in_validation import LABEL_NOT_IN_VALIDATION
from suffice.audit.label_only_in_test import LABEL_ONLY_IN_TEST
from suffice.audit.label_only_in_train import LABEL_ONLY_IN_TRAIN
from suffice.audit.label_variants import LABEL_VARIANTS
from suffice.audit.language_mix import LANGUAGE_MIX
from suffice.audit.leakage import LEAKAGE
from suffice.audit.learnability import LEARNABILITY, learnability_of
from suffice.audit.near_duplicate import NEAR_DUPLICATE
from suffice.audit.normalised_duplicate import NORMALISED_DUPLICATE
from suffice.audit.one_label import ONE_LABEL
from suffice.audit.paraphrase import PARAPHRASE
from suffice.audit.personal_data import PERSONAL_DATA
from suffice.audit.places import Places
from suffice.audit.rare_label import RARE_LABEL
from suffice.audit.shortcut import SHORTCUT
from suffice.audit.time_drift import TIME_DRIFT
from suffice.audit.too_long import TOO_LONG
from suffice.audit.unknown_annotation import UNKNOWN_ANNOTATION
from suffice.audit.unknown_label import UNKNOWN_LABEL
from suffice.errors import AuditStop, Problem, TaskError, nearest
from suffice.records.dataset import Dataset
from suffice.records.evidence import Evidence
from suffice.records.finding import Audit, Finding, NotApplicable

CHECKS: tuple[Check, ...] = (
    EMPTY_TEXT,
    ONE_LABEL,
    UNKNOWN_LABEL,
    LABEL_VARIANTS,
    RARE_LABEL,
    LABEL_ONLY_IN_TEST,
    LABEL_ONLY_IN_TRAIN,
    LABEL_NOT_IN_VALIDATION,
    LABEL_NAME_DRIFT,
    IMBALANCE,
    EMPTY_OR_BOILERPLATE,
    PERSONAL_DATA,
    SHORTCUT,
    LANGUAGE_MIX,
    TIME_DRIFT,
    UNKNOWN_ANNOTATION,
    LEAKAGE,
    LABEL_CONFLICT,
    LABEL_ERROR,
    AMBIGUOUS,
    CONFUSABLE_LABELS,
    LEARNABILITY,
    EXACT_DUPLICATE,
    NORMALISED_DUPLICATE,
    NEAR_DUPLICATE,
    PARAPHRASE,
    TOO_LONG,
)
"""Every check: those that stop, those that warn, those that note."""


def audit(audited: Audited, *, allow: Sequence[str]) -> Audit:
    """Holds the rows against every check.

    Allowed findings are found all the same: `stop_on` lets them pass, and a report shows them.

    Args:
        audited: the rows and what is known of them.
        allow: the task's `audit.allow`.

    Raises:
        TaskError: `allow` has a code that no check has.
    """
    _require_known(allow)
    findings: list[Finding] = []
    not_applicable: list[NotApplicable] = []
    places = _places(audited.data)
    for check in _fitting(audited):
        why_not = check.needs(audited)
        if why_not is None:
            findings.extend(_finding(check, found, places) for found in check.look(audited))
            why_not = check.left_out(audited)
        if why_not is not None:
            not_applicable.append(NotApplicable(code=check.code, why=why_not))
    evidence = audited.evidence
    return Audit(
        findings=tuple(findings),
        not_applicable=tuple(not_applicable),
        allowed=tuple(allow),
        learnability=learnability_of(evidence, audited.labels, audited.splits.groups[evidence.rows])
        if isinstance(evidence, Evidence)
        else None,
    )


def stop_on(audited: Audited, *, allow: Sequence[str], where: Callable[[Sequence[str]], str] = lambda ids: "") -> None:
    """Ends a fit on data from which nothing sound can be trained until a person decides.

    Only the checks that may do so look, before any model is asked.

    Args:
        audited: the rows and what is known of them.
        allow: codes of findings that a person has decided to let pass.
        where: ids of rows to where they stand in their files; nothing for what the finding itself says.

    Raises:
        TaskError: `allow` has a code that no check has.
        AuditStop: one problem for each finding of severity `stop` that is not allowed.
    """
    _require_known(allow)
    stopping = [check for check in _fitting(audited) if check.severity == "stop" and check.code not in allow]
    places = _places(audited.data)
    stops = [
        _finding(check, found, places)
        for check in stopping
        if check.needs(audited) is None
        for found in check.look(audited)
        if not found.mild
    ]
    if stops:
        raise AuditStop(
            Problem(where=where(stop.rows) or stop.where, rule=stop.rule, got=stop.message, fix=stop.fix)
            for stop in stops
        )


def _places(data: Dataset) -> Places:
    sources, numbers = data.table["source"].to_pylist(), data.table["row"].to_pylist()
    return Places(name=data.name, ids=data.ids, sources=sources, numbers=numbers)


def _fitting(audited: Audited) -> list[Check]:
    return [check for check in CHECKS if audited.kind in check.kinds]


def _finding(check: Check, found: Found, places: Places) -> Finding:
    way_on = "" if check.allowed is None or found.mild else f"; or `audit.allow=[{check.code}]` {check.allowed}"
    severity = "warn" if found.mild else check.severity
    return places.finding(found, code=check.code, severity=severity, rule=check.rule, way_on=way_on)


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
