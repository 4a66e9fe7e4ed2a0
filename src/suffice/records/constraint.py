"""What an engine may be held to while it answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Constraint:
    """What a completion may be at all."""

    choices: tuple[str, ...] | None
    """The whole completions that may come out; None where the text is free."""
