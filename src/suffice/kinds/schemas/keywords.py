"""The keywords of JSON Schema that a tool may use, and how values are held against them in bounded work.

Schemas come from strangers, with a request or a data set. `jsonschema` alone would run a `pattern` for ever, fetch what
a `$ref` names, and go over a nest of `unevaluatedProperties` in time that doubles with each level.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from fractions import Fraction
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import create

from suffice.kinds.schemas.nesting import n_values
from suffice.kinds.schemas.patterns import fits, n_states

ONE = ("items", "not", "if", "then", "else", "contains", "propertyNames", "additionalProperties")
"""Keywords with a schema below them."""
SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
"""With a list of schemas."""
NAMED = ("properties", "dependentSchemas")
"""With schemas by name."""
PLAIN = (
    *("type", "enum", "const", "format"),
    *("multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"),
    *("maxLength", "minLength", "pattern"),
    *("maxItems", "minItems", "uniqueItems", "maxContains", "minContains"),
    *("maxProperties", "minProperties", "required", "dependentRequired"),
)
"""With no schema below them. A `format` is told to the model and held to nothing."""
_NAME = "name each key in `properties`, and say in `additionalProperties` what others may be"
_LIST = "list the items in `prefixItems`, and say in `items` what others may be"
REFUSED: Mapping[str, str] = {
    **dict.fromkeys(("$dynamicRef", "$recursiveRef"), "write out as many levels as are needed"),
    **dict.fromkeys(("patternProperties", "unevaluatedProperties"), _NAME),
    "unevaluatedItems": _LIST,
    "dependencies": "write `dependentRequired` or `dependentSchemas`, as JSON Schema 2020-12 does",
}
"""Keywords that no tool may use, since what they ask cannot be told in bounded work, and what to write instead."""
MAX_STEPS = 250_000
"""The work that goes into one completion, row or schema, one keyword on one small value being a step: a few seconds."""
_SIGNS_A_STEP = 100
"""Of a message, and states of a pattern times signs of a text: about a microsecond."""

Check = Callable[[Any, Any, Any, Any], Iterable[ValidationError] | None]


class Patience:
    """The work that is left: counted in steps and not in seconds, so that a verdict is the same on every machine."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        """
        Args:
            steps: that may be taken.
        """
        self._left = steps

    @property
    def is_over(self) -> bool:
        """Whether more was asked than there was; nothing that was found since says anything."""
        return self._left < 0

    def spend(self, steps: int) -> bool:
        """Takes some steps; whether there were so many.

        Args:
            steps: at least 0.
        """
        self._left -= steps
        return self._left >= 0


_PATIENCE: ContextVar[Patience] = ContextVar("_PATIENCE")


def faults(value: Any, schema: Any, *, validator: Any, patience: Patience) -> list[ValidationError]:
    """What a schema forbids about a value; not all of it where the patience is over by then.

    Args:
        value: as JSON gives it, nested at most `MAX_DEPTH` deep.
        schema: normalised.
        validator: `VALIDATOR`, or a class that extends it.
        patience: that is drawn on.
    """
    token = _PATIENCE.set(patience)
    try:
        return list(validator(schema).iter_errors(value))
    finally:
        _PATIENCE.reset(token)


def _bounded(check: Check) -> Check:
    """A keyword that is paid for, and finds nothing once patience is over."""

    def bounded(validator: Any, asked: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        patience = _PATIENCE.get()
        if patience.spend(1 + _width(asked) + _width(instance)):
            for error in check(validator, asked, instance, schema) or ():
                if not patience.spend(1 + len(error.message) // _SIGNS_A_STEP):
                    return
                yield error

    return bounded


def _width(value: Any) -> int:
    return len(value) if isinstance(value, list | dict) else 0


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
    """One that would take too long does not fit."""
    if isinstance(instance, str):
        can_pay = _PATIENCE.get().spend(n_states(pattern) * len(instance) // _SIGNS_A_STEP)
        if not can_pay or not fits(pattern, instance):
            yield ValidationError(f"does not match {pattern!r}")


def _unique(_: Any, asked: bool, instance: Any, __: Any) -> Iterator[ValidationError]:
    """As `jsonschema` does, but in one pass: it compares all pairs where items cannot be sorted."""
    can_tell = asked and isinstance(instance, list) and _PATIENCE.get().spend(n_values(instance))
    if can_tell and len({json.dumps(one, sort_keys=True) for one in instance}) < len(instance):
        yield ValidationError("has non-unique elements")


def _one_of(keyword: str) -> Check:
    """As `jsonschema` does; a value may have to be compared with each choice to its last part."""

    def check(validator: Any, asked: Any, instance: Any, schema: Any) -> Iterable[ValidationError]:
        n_choices = len(asked) if keyword == "enum" else 1
        can_pay = _width(instance) == 0 or _PATIENCE.get().spend(n_choices * n_values(instance))
        found: Iterable[ValidationError] = _THEIRS[keyword](validator, asked, instance, schema) if can_pay else ()
        return found

    return check


def _multiple(validator: Any, step: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """As `jsonschema` does, which divides by a fraction as if every whole number were a float."""
    try:
        yield from _THEIRS["multipleOf"](validator, step, instance, schema)
    except OverflowError:
        if (Fraction(instance) / Fraction(step)).denominator != 1:
            yield ValidationError(f"is not a multiple of {step}")


def _refused(*_: Any) -> Iterator[ValidationError]:
    """Nothing fits, nothing is looked up: a normalised schema has none of these."""
    yield ValidationError("is held to a keyword that is not supported")


_THEIRS = Draft202012Validator.VALIDATORS
_OURS: dict[str, Check] = {
    "required": _required,
    "additionalProperties": _additional,
    "pattern": _pattern,
    "uniqueItems": _unique,
    "multipleOf": _multiple,
    **{key: _one_of(key) for key in ("enum", "const")},
    **dict.fromkeys(("$ref", *REFUSED), _refused),
}
VALIDATOR = create(
    Draft202012Validator.META_SCHEMA,
    {
        key: _bounded(_OURS.get(key) or _THEIRS[key])
        for key in (*ONE, *SEVERAL, *NAMED, *PLAIN, *_OURS)
        if key in _OURS or key in _THEIRS
    },
    type_checker=Draft202012Validator.TYPE_CHECKER,
)
"""JSON Schema 2020-12 with these keywords alone. Use it through `faults`."""
