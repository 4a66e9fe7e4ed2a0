"""What an audit check says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from suffice.records.learnability import Learnability

Severity = Literal["stop", "warn", "note"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something about the data that a person should know."""

    code: str
    """Stable name: `empty_text`."""
    severity: Severity
    """`stop` ends `fit` with exit code 2 unless `audit.allow` names the code."""
    rule: str
    """What must hold: `every message must show something`."""
    where: str
    """Data version and the first rows, 0-based: `raw-1f3a (messages.csv: row 16)`."""
    rows: tuple[str, ...]
    """Ids of the rows it speaks of; empty where it speaks of no rows, or of all."""
    score: float | None
    """How strong, higher is worse; None where the check does not grade."""
    message: str
    """What was found, with counts and examples; never a message's text, which may be a test row's."""
    fix: str
    """What to do, and which option lets one go on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotApplicable:
    """A check that could not run, or not all of it; never to be read as clear."""

    code: str
    """Name of the check: `leakage`."""
    why: str
    """What it would have needed: `no row stands in test`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Audit:
    """Everything that the checks say of one data version."""

    findings: tuple[Finding, ...]
    """In the order of the checks."""
    not_applicable: tuple[NotApplicable, ...]
    """Checks that could not run, or not all of them."""
    allowed: tuple[str, ...]
    """Codes that the task's `audit.allow` lets pass, whatever their severity."""
    learnability: Learnability | None
    """What can be learned from the rows; None where no model could be asked."""
