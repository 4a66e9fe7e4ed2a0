"""What an audit check says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["stop", "warn", "note"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something about the data that a person should know."""

    code: str
    """Stable name: `empty_text`."""
    severity: Severity
    """`stop` ends `fit` with exit code 2 unless `audit.allow` names the code."""
    rows: tuple[str, ...]
    """Ids of the rows it speaks of."""
    score: float | None
    """How strong, higher is worse; None where the check does not grade."""
    message: str
    """What was found, with counts."""
    fix: str
    """What to do, and which option lets one go on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotApplicable:
    """A check that could not run; never to be read as clear."""

    code: str
    why: str
