"""Whether arguments keep to their tool's schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import ValidationError
from jsonschema.validators import extend

from suffice.kinds.schemas.keywords import VALIDATOR, Patience, faults
from suffice.records.tool_calls import JsonSchema


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """Where arguments do not keep to the schema."""

    argument: str | None
    """The argument at the top; None where the rule is about all of them together."""
    place: str
    """With the place within it: `area.width`, `points[2]`; empty for all of them."""
    rule: str
    """What does not hold, as `jsonschema` says it, shortened."""


def violations(
    arguments: Mapping[str, Any], schema: JsonSchema, *, patience: Patience | None = None
) -> tuple[Violation, ...]:
    """Everything about arguments that their schema forbids. Those that cannot be held against it in bounded work do not
    keep to it.

    A number with a fraction of zero is not an integer here, although JSON Schema says so: BFCL and every function that
    is typed in Python take 5.0 for something other than 5.

    Args:
        arguments: by name.
        schema: of a tool, normalised.
        patience: that is drawn on, where several calls share it; None for one of their own.
    """
    patience = patience or Patience()
    found = [_violation(error) for error in faults(dict(arguments), schema, validator=_STRICT, patience=patience)]
    if patience.is_over and not found:
        found = [Violation(argument=None, place="", rule="takes too long to be held against the schema")]
    return tuple(sorted(found, key=lambda one: one.place))


def _violation(error: ValidationError) -> Violation:
    path = list(error.absolute_path)
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
    rule = error.message if len(error.message) <= 200 else f"{error.message[:197]}..."
    return Violation(argument=str(path[0]) if path else None, place=place, rule=rule)


_STRICT = extend(
    VALIDATOR,
    type_checker=VALIDATOR.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)
