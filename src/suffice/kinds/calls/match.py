"""Whether a call is one that is right, decided as BFCL's checker of syntax trees decides it.

Source: bfcl-eval 2026.3.23, `eval_checker/ast_eval/ast_checker.py`, the Python categories. Java's and JavaScript's
values are strings of code there, and are not read here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from suffice.records.tool_calls import AcceptedArgument, AcceptedCall, AcceptedObject, JsonSchema, Tool, ToolCall

_NOT_COMPARED = re.compile(r"[ ,./\-_*^]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """An argument that is not what it should be."""

    argument: str
    """Its name."""
    place: str
    """Its name with the place within it, where that can be told: `area.width`, `points[2]`."""
    given: bool
    """Whether it was given at all."""
    got: Any
    """What was given there; None where nothing was."""
    accepted: tuple[Any, ...]
    """What is right there; empty where the argument should not be there."""


def differences(call: ToolCall, accepted: AcceptedCall, tool: Tool | None) -> tuple[Difference, ...]:
    """What keeps a call of the right tool from being right, the arguments in their order, missing ones last.

    An argument that the schema requires is missed even where the gold would let it be left out.

    Args:
        call: of the tool that `accepted` names.
        accepted: what is right.
        tool: its schema says which numbers may be whole; None where it is unknown.
    """
    parameters = tool.parameters if tool else {}
    schemas, required = parameters.get("properties", {}), parameters.get("required", ())
    found: list[Difference] = []
    for name, value in call.arguments.items():
        right = accepted.arguments.get(name)
        if right is None or (tool and not _known(name, parameters)):
            found.append(Difference(argument=name, place=name, given=True, got=value, accepted=()))
        elif not any(_same(value, one, schemas.get(name, {})) for one in right.values):
            found.append(replace(_closer(name, value, right, schemas.get(name, {})), argument=name))
    for name, right in accepted.arguments.items():
        if name not in call.arguments and (name in required or not right.optional):
            found.append(Difference(argument=name, place=name, given=False, got=None, accepted=right.values))
    missed = [name for name in required if name not in call.arguments and name not in accepted.arguments]
    return (*found, *(Difference(argument=name, place=name, given=False, got=None, accepted=()) for name in missed))


def matched(
    calls: Sequence[ToolCall], accepted: Sequence[AcceptedCall], tools: Mapping[str, Tool]
) -> tuple[int | None, ...]:
    """Which right call each call is, each used once and as many as can be; None for a call that is none of them.

    Taking the first that fits, as BFCL does, can leave a call without its own where what is accepted overlaps.

    Args:
        calls: in any order.
        accepted: in any order.
        tools: by name.
    """
    fits = np.array(
        [[a.name == c.name and not differences(c, a, tools.get(c.name)) for a in accepted] for c in calls], dtype=bool
    )
    if not fits.any():
        return (None,) * len(calls)
    columns = maximum_bipartite_matching(csr_array(fits), perm_type="column")
    return tuple(None if column < 0 else int(column) for column in columns)


def _known(name: str, parameters: JsonSchema) -> bool:
    return name in parameters.get("properties", {}) or parameters.get("additionalProperties", True) is not False


def _same(value: Any, accepted: Any, schema: Any, *, in_list: bool = False) -> bool:
    """Whether a value is an accepted one.

    Strings are compared without case and without the signs that BFCL leaves out, an apostrophe as a quotation mark. A
    whole number stands for one with a fraction where the schema says number, but not within a list, where BFCL asks
    for the type of what is accepted. True is not 1.
    """
    schema = schema if isinstance(schema, dict) else {}
    if isinstance(accepted, AcceptedObject):
        return isinstance(value, Mapping) and _same_object(value, accepted, schema)
    if isinstance(accepted, list | tuple):
        items = schema.get("items", {})
        return (
            isinstance(value, list | tuple)
            and len(value) == len(accepted)
            and all(_same(one, other, items, in_list=True) for one, other in zip(value, accepted, strict=True))
        )
    if isinstance(accepted, str):
        return isinstance(value, str) and _plain(value) == _plain(accepted)
    if isinstance(accepted, bool) or accepted is None or isinstance(value, bool):
        return type(value) is type(accepted) and bool(value == accepted)
    return isinstance(value, int | float) and value == accepted and _fits(value, accepted, schema, in_list=in_list)


def _fits(value: float, accepted: float, schema: JsonSchema, *, in_list: bool) -> bool:
    if type(value) is type(accepted):
        return True
    return not in_list if isinstance(value, int) else schema.get("type") == "number"


def _same_object(value: Mapping[str, Any], accepted: AcceptedObject, schema: JsonSchema) -> bool:
    properties = schema.get("properties", {})
    given = all(
        name in accepted.keys
        and any(_same(one, other, properties.get(name, {})) for other in accepted.keys[name].values)
        for name, one in value.items()
    )
    return given and all(right.optional or name in value for name, right in accepted.keys.items())


def _plain(text: str) -> str:
    """A string as BFCL compares it: `standardize_string`."""
    return _NOT_COMPARED.sub("", text).lower().replace("'", '"')


def _closer(name: str, value: Any, right: AcceptedArgument, schema: Any) -> Difference:
    """The one key or item that differs, where a single accepted value has the shape of what was given."""
    whole = Difference(argument=name, place=name, given=True, got=value, accepted=right.values)
    schema = schema if isinstance(schema, dict) else {}
    if len(right.values) != 1:
        return whole
    (only,) = right.values
    if isinstance(only, AcceptedObject) and isinstance(value, Mapping):
        return _closer_key(name, value, only, schema.get("properties", {}))
    if isinstance(only, list | tuple) and isinstance(value, list | tuple) and len(only) == len(value):
        items = schema.get("items", {})
        for at, (one, other) in enumerate(zip(value, only, strict=True)):
            if not _same(one, other, items, in_list=True):
                return _closer(f"{name}[{at}]", one, AcceptedArgument(values=(other,), optional=False), items)
    return whole


def _closer_key(name: str, value: Mapping[str, Any], only: AcceptedObject, properties: Mapping[str, Any]) -> Difference:
    for key, one in value.items():
        right = only.keys.get(key)
        if right is None:
            return Difference(argument=name, place=f"{name}.{key}", given=True, got=one, accepted=())
        if not any(_same(one, other, properties.get(key, {})) for other in right.values):
            return _closer(f"{name}.{key}", one, right, properties.get(key, {}))
    missing = next(key for key, right in only.keys.items() if key not in value and not right.optional)
    return Difference(
        argument=name, place=f"{name}.{missing}", given=False, got=None, accepted=only.keys[missing].values
    )
