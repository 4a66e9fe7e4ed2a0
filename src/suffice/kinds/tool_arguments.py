"""Whether arguments keep to their tool's schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import regex
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from suffice.records.tool_calls import JsonSchema

PATTERN_SECONDS = 0.2
"""The longest that one `pattern` of a schema may take: what runs over counts as not fitting, and nothing hangs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """Where arguments do not keep to the schema."""

    argument: str | None
    """The argument at the top; None where the rule is about all of them together."""
    place: str
    """With the place within it: `area.width`, `points[2]`; empty for all of them."""
    rule: str
    """What does not hold, as `jsonschema` says it, shortened."""


def violations(arguments: Mapping[str, Any], schema: JsonSchema) -> tuple[Violation, ...]:
    """Everything about arguments that their schema forbids.

    A number with a fraction of zero is not an integer here, although JSON Schema says so: BFCL and every function that
    is typed in Python take 5.0 for something other than 5.

    Args:
        arguments: by name.
        schema: of a tool, normalised.
    """
    found = [_violation(error) for error in _VALIDATOR(schema).iter_errors(dict(arguments))]
    return tuple(sorted(found, key=lambda one: one.place))


def _violation(error: ValidationError) -> Violation:
    path = list(error.absolute_path)
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
    rule = error.message if len(error.message) <= 200 else f"{error.message[:197]}..."
    return Violation(argument=str(path[0]) if path else None, place=place, rule=rule)


def _required(_: Any, names: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    """As `jsonschema` does, with the name in the path."""
    for name in names if isinstance(instance, dict) else ():
        if name not in instance:
            yield ValidationError("is required", path=[name])


def _additional(validator: Any, others: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """As `jsonschema` does without `patternProperties`, with the name in the path."""
    for name in instance if isinstance(instance, dict) else ():
        if name in schema.get("properties", {}):
            continue
        if others is False:
            yield ValidationError("is not an argument that there is", path=[name])
        else:
            yield from validator.descend(instance[name], others, path=name)


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str):
        try:
            fits = regex.search(pattern, instance, timeout=PATTERN_SECONDS) is not None
        except (TimeoutError, regex.error):
            fits = False
        if not fits:
            yield ValidationError(f"does not match {pattern!r}")


def _unique(_: Any, asked: bool, instance: Any, __: Any) -> Iterator[ValidationError]:
    """As `jsonschema` does, but in one pass: it compares all pairs where items cannot be sorted."""
    if (
        asked
        and isinstance(instance, list)
        and len({json.dumps(one, sort_keys=True) for one in instance}) < len(instance)
    ):
        yield ValidationError("has non-unique elements")


_VALIDATOR = extend(
    Draft202012Validator,
    {
        "required": _required,
        "additionalProperties": _additional,
        "pattern": _pattern,
        "uniqueItems": _unique,
    },
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    ),
)
