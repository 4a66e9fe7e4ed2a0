"""Findings by their code: what a check says once, and the first of what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from suffice.records.finding import Finding, Severity

MAX_TOLD, MAX_FIXES = 5, 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Everything of one severity that one check found."""

    code: str
    """Name of the check: `empty_text`."""
    severity: Severity
    """Of all that it found."""
    rule: str
    """What must hold."""
    n_findings: int
    """Groups of rows, pairs of labels, or whatever the check finds."""
    n_rows: int
    """Rows that any of them speaks of."""
    first: tuple[Finding, ...]
    """The worst of them, at most `MAX_TOLD`."""
    fixes: tuple[str, ...]
    """What to do, each sentence once, the worst finding's first; at most `MAX_FIXES`."""

    @property
    def by_message(self) -> dict[str, list[Finding]]:
        """Those shown, the worst first, and under one message where they say the same of different rows."""
        alike: dict[str, list[Finding]] = {}
        for finding in self.first:
            alike.setdefault(finding.message, []).append(finding)
        return alike

    @property
    def n_more(self) -> int:
        """Findings that are not shown."""
        return self.n_findings - len(self.first)


def told(findings: Sequence[Finding]) -> tuple[Told, ...]:
    """Findings by code, in the order of the checks.

    Args:
        findings: of one audit.
    """
    alike: dict[tuple[str, Severity], list[Finding]] = {}
    for finding in findings:
        alike.setdefault((finding.code, finding.severity), []).append(finding)
    return tuple(_told(found) for found in alike.values())


def _told(found: Sequence[Finding]) -> Told:
    worst = sorted(found, key=lambda finding: -(finding.score or 0.0))
    return Told(
        code=found[0].code,
        severity=found[0].severity,
        rule=found[0].rule,
        n_findings=len(found),
        n_rows=len({row for finding in found for row in finding.rows}),
        first=tuple(worst[:MAX_TOLD]),
        fixes=tuple(dict.fromkeys(finding.fix for finding in worst))[:MAX_FIXES],
    )
