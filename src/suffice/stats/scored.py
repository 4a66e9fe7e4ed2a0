"""Nothing scored is an error, never a zero."""

from __future__ import annotations

from suffice.errors import DataError, Problem


def require_rows(n: float, *, what: str = "scored rows") -> None:
    """Refuses to make a figure of nothing.

    Args:
        n: rows at hand.
        what: what the rows are, for the message.

    Raises:
        DataError: there are no rows.
    """
    if n <= 0:
        raise DataError(
            Problem(
                where=what,
                rule="a figure needs at least one row",
                got="0 rows",
                fix="check that the split has rows, or give more labelled data",
            )
        )
