"""What an engine may be held to while it answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Constraint:
    """What a completion may be at all; one of these, or none where the text is free."""

    choices: tuple[str, ...] | None = None
    """The whole completions that may come out."""
    schema: str | None = None
    """A JSON schema, as JSON text: the completion is a value that it allows, written as `json.dumps` writes it."""
    pattern: str | None = None
    """A regular expression, in the syntax of Rust's `regex`, that the whole completion matches."""

    def __post_init__(self) -> None:
        asked = [one for one in (self.choices, self.schema, self.pattern) if one is not None]
        assert len(asked) <= 1, "a completion is held to one thing at a time"
