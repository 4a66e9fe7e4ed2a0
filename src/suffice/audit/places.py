"""Where rows stand, as findings tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from suffice.audit.check import Found
from suffice.records.finding import Finding, Severity

_EXAMPLES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """What findings tell of N rows, read once for all of them."""

    name: str
    """Of the rows as a whole: the data version, or the task."""
    ids: Sequence[str]
    sources: Sequence[str]
    """Name of the file that each row came from."""
    numbers: Sequence[int]
    """0-based position of each row in its source."""

    def where(self, rows: Sequence[int]) -> str:
        """The name and the first rows; counted from 0, as lines of a file are something else.

        Args:
            rows: positions.
        """
        by_source: dict[str, list[str]] = {}
        for row in rows[:_EXAMPLES]:
            by_source.setdefault(self.sources[row], []).append(str(self.numbers[row]))
        places = [f"{source}: row{'s' * (len(n) > 1)} {', '.join(n)}" for source, n in by_source.items()]
        more = f" and {len(rows) - _EXAMPLES:,} more" if len(rows) > _EXAMPLES else ""
        return f"{self.name} ({'; '.join(places)}{more})" if places else self.name

    def finding(self, found: Found, *, code: str, severity: Severity, rule: str, way_on: str = "") -> Finding:
        """What a check found, with the rows by id and place.

        Args:
            found: of one check.
            code: of the check.
            severity: of what was found.
            rule: what must hold.
            way_on: what is said behind the fix: how one goes on all the same.
        """
        positions = found.rows.tolist()
        return Finding(
            code=code,
            severity=severity,
            rule=rule,
            where=self.where(positions),
            rows=tuple(self.ids[row] for row in positions),
            score=found.score,
            message=found.got,
            fix=found.fix + way_on,
        )
