"""What becomes of a text that is longer than a model's context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from suffice.errors import DataError, Problem, quoted
from suffice.records.task import TooLong


@dataclass(frozen=True, kw_only=True, slots=True)
class Budgeted:
    """Token ids within the budget."""

    ids: tuple[int, ...]
    """At most `limit` token ids."""
    truncated: bool
    """Whether anything was left out."""


def within_budget(ids: Sequence[int], *, limit: int, policy: TooLong, text: str) -> Budgeted:
    """Shortens token ids to a limit by the task's policy.

    Args:
        ids: token ids of one text.
        limit: the most tokens that fit, at least 1.
        policy: `error`, `head` (keep the beginning) or `head_tail` (keep beginning and end, three quarters to one).
        text: the text itself, named in the error.

    Raises:
        DataError: the text is too long and the policy is `error`.
    """
    assert limit > 0, "a budget holds at least one token"
    if len(ids) <= limit:
        return Budgeted(ids=tuple(ids), truncated=False)
    if policy == "error":
        raise DataError(
            Problem(
                where="too_long",
                rule=f"a text must fit the model's context of {limit:,} tokens",
                got=f"{len(ids):,} tokens: {quoted(text)}",
                fix="shorten the text, or set too_long=head_tail (or head) to go on with part of it, flagged",
            )
        )
    n_tail = limit // 4 if policy == "head_tail" else 0
    kept = (*ids[: limit - n_tail], *(ids[len(ids) - n_tail :] if n_tail else ()))
    return Budgeted(ids=kept, truncated=True)
