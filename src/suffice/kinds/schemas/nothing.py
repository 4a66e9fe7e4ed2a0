"""Schemas that no value satisfies, as far as that can be seen without trying values."""

from __future__ import annotations

from math import ceil, floor, inf
from typing import Any

from suffice.errors import quoted
from suffice.kinds.schemas.keywords import VALIDATOR, Patience, faults

_TYPES = ("string", "number", "integer", "array", "object", "boolean", "null")


def why_nothing(schema: Any, *, patience: Patience | None = None) -> str | None:
    """Why no value can satisfy a schema; None where some value may.

    Looked at are `false`, choices of which none fits, bounds that cross, required keys that allow nothing, and
    combinations of such. Whether two parts of `allOf` contradict each other is not: in general nobody can tell.
    Choices that would take too long to be held against the rest may fit.

    Args:
        schema: normalised, so that it has no references, and valid itself.
        patience: that is drawn on; None for one of its own.
    """
    patience = patience or Patience()
    if isinstance(schema, bool):
        return None if schema else "it is false"
    if "enum" in schema or "const" in schema:
        return _no_choice(schema, patience)
    combined = _no_combination(schema, patience)
    if combined:
        return combined
    given = schema.get("type", _TYPES)
    found = [_no_value(schema, name, patience) for name in ([given] if isinstance(given, str) else given)]
    return found[0] if all(found) else None


def _no_choice(schema: dict[str, Any], patience: Patience) -> str | None:
    rest = {key: value for key, value in schema.items() if key != "enum"}
    for choice in schema.get("enum", [schema.get("const")]):
        if not faults(choice, rest, validator=VALIDATOR, patience=patience) or patience.is_over:
            return None
    return "none of its choices fits the rest of it"


def _no_combination(schema: dict[str, Any], patience: Patience) -> str | None:
    for key in ("anyOf", "oneOf"):
        branches = schema.get(key, [])
        if branches and all(why_nothing(branch, patience=patience) for branch in branches):
            return f"no branch of its {key} allows anything"
    if any(why_nothing(branch, patience=patience) for branch in schema.get("allOf", [])):
        return "a branch of its allOf allows nothing"
    return "it is not even what is anything" if schema.get("not") in ({}, True) else None


def _no_value(schema: dict[str, Any], name: str, patience: Patience) -> str | None:
    """Why there is no value of one type."""
    if name in {"number", "integer"}:
        return _no_number(schema, whole=name == "integer")
    if name == "string":
        return _crossed(schema, "minLength", "maxLength")
    if name == "array":
        nothing = schema.get("minItems", 0) > len(schema.get("prefixItems", [])) and why_nothing(
            schema.get("items", {}), patience=patience
        )
        return _crossed(schema, "minItems", "maxItems") or (f"its items allow nothing: {nothing}" if nothing else None)
    return _no_object(schema, patience) if name == "object" else None


def _no_number(schema: dict[str, Any], *, whole: bool) -> str | None:
    least, most = schema.get("minimum", -inf), schema.get("maximum", inf)
    above, below = schema.get("exclusiveMinimum", -inf), schema.get("exclusiveMaximum", inf)
    crossed = least > most or above >= below or above >= most or least >= below
    if whole and not crossed:
        first = max(_up(least), _up(above) + (above == _up(above)))
        last = min(_down(most), _down(below) - (below == _down(below)))
        crossed = first > last
    return "its bounds leave no number" if crossed else None


def _up(bound: float) -> float:
    return bound if bound in {-inf, inf} else ceil(bound)


def _down(bound: float) -> float:
    return bound if bound in {-inf, inf} else floor(bound)


def _crossed(schema: dict[str, Any], least: str, most: str) -> str | None:
    return f"its {least} is above its {most}" if schema.get(least, 0) > schema.get(most, inf) else None


def _no_object(schema: dict[str, Any], patience: Patience) -> str | None:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name in schema.get("required", []):
        why = why_nothing(properties.get(name, others), patience=patience)
        if why:
            return f"its required {quoted(name)} allows nothing: {why}"
    return _crossed(schema, "minProperties", "maxProperties")
