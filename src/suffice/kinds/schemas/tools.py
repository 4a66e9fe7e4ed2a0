"""Tools as people write them, in OpenAI's form or in BFCL's dialect, to one form that can be validated and enforced."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from suffice.errors import DataError, Problem, nearest, quoted
from suffice.kinds.schemas.keywords import NAMED, ONE, REFUSED, SEVERAL, Patience
from suffice.kinds.schemas.nesting import MAX_DEPTH, deeper_than
from suffice.kinds.schemas.nothing import why_nothing
from suffice.kinds.schemas.patterns import MAX_CHARACTERS as MAX_PATTERN
from suffice.kinds.schemas.patterns import why_unreadable
from suffice.records.tool_calls import JsonSchema, Tool

MAX_WRITTEN = 4 * MAX_DEPTH
"""Levels of a list of tools as it is written: each schema takes up to three, for a keyword, a name and itself."""
MAX_SCHEMAS = 10_000
"""How many schemas the tools of a row may have once their references are written out: each may double the number."""
MAX_CHARACTERS = 1_000_000
"""How much text they may be by then: a reference that is written out repeats all that it leads to."""
MAX_KEPT = 10_000
"""Characters of a schema of which it is kept whether it is one: rows of a task have the same tools over and over."""

_TYPES = {name: name for name in ("string", "number", "integer", "boolean", "array", "object", "null")} | {
    "dict": "object",
    "float": "number",
    "double": "number",
    "tuple": "array",
    "list": "array",
    "int": "integer",
    "bool": "boolean",
    "str": "string",
}
"""JSON Schema's own names and those of Python. `any`, in BFCL's dialect, is no restriction."""
_LEFT_OUT = {
    *("$ref", "$defs", "definitions", "$id", "$schema", "$anchor", "$comment", "$vocabulary"),
    *("$dynamicAnchor", "$recursiveAnchor", "contentSchema"),
}
"""What names schemas, or tells of one that nothing is held to."""
_WALKED = (*ONE, *SEVERAL, *NAMED)


@dataclass(kw_only=True, slots=True)
class _Size:
    """What the schemas of a row have become so far, so that references that double end in an error, and the work that
    may still go into telling whether they allow anything.
    """

    n_schemas: int = 0
    n_characters: int = 0
    patience: Patience = field(default_factory=Patience)

    def add(self, schema: Mapping[str, Any], *, where: str) -> None:
        """Counts a schema without those below it.

        Raises:
            DataError: they are more than can be enforced, or a number in it is not finite.
        """
        names = [name for key in NAMED if isinstance(schema.get(key), Mapping) for name in schema[key]]
        own = {key: value for key, value in schema.items() if key not in _WALKED and key not in _LEFT_OUT}
        self.n_schemas += 1
        self.n_characters += len(as_json([own, names], where=where))
        for n, most, what in (
            (self.n_schemas, MAX_SCHEMAS, "parts"),
            (self.n_characters, MAX_CHARACTERS, "characters"),
        ):
            if n > most:
                rule = "the schemas of a row's tools must be of a size that can be enforced"
                got = f"more than {most:,} {what} once references are written out"
                raise _refusal(where, rule, got, "make the schemas smaller, or offer fewer tools")


def read_tools(raw: Any, *, where: str) -> tuple[Tool, ...]:
    """Tools of a row.

    Args:
        raw: a list; each tool `{"type": "function", "function": {...}}`, or that inner object alone.
        where: how errors name the place: `calls.jsonl:18: tools`.

    Raises:
        DataError: there is no tool, one has no name or no schema, two have one name, or a schema is not valid, refers
            to itself or elsewhere, is too deep or too large, or allows nothing; everything at once.
    """
    if deeper_than(raw, MAX_WRITTEN):
        fix = "flatten the arguments"
        raise DataError(Problem(where=where, rule=f"nests at most {MAX_WRITTEN} deep", got="deeper values", fix=fix))
    if not isinstance(raw, list) or not raw:
        rule, fix = "must be a list of at least one tool", "give the tools that may be called"
        raise DataError(Problem(where=where, rule=rule, got=quoted(raw), fix=fix))
    if len(raw) > MAX_SCHEMAS:
        raise _refusal(where, f"at most {MAX_SCHEMAS:,} tools", f"{len(raw):,}", "offer fewer tools")
    tools: dict[str, Tool] = {}
    problems: list[Problem] = []
    size = _Size()
    for number, one in enumerate(raw):
        try:
            tool = _tool(one, where=f"{where}[{number}]", known=tools, size=size)
            tools[wire_name(tool.name)] = tool
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return tuple(tools.values())


def normalised(schema: Any, *, where: str) -> JsonSchema:
    """A schema of arguments as JSON Schema 2020-12, all references written out.

    An object that lists its properties and says nothing of others allows no others, as BFCL judges and as OpenAI's
    strict mode asks: JSON Schema itself would let every invented argument pass. So does a tool that lists none, while
    an argument that is an object without a list is open. Parts of `allOf` stay as they are, since each would forbid
    what another one lists.

    Args:
        schema: as a person wrote it; its references may only be into itself.
        where: how errors name the place.

    Raises:
        DataError: see `read_tools`.
    """
    return _normalised(schema, where=where, size=_Size())


def _normalised(schema: Any, *, where: str, size: _Size) -> JsonSchema:
    if not isinstance(schema, Mapping):
        raise _refusal(where, "a tool needs a schema of its arguments, an object", quoted(schema), _NO_SCHEMA)
    whole = dict(schema)
    if "type" not in whole and not any(key in whole for key in ("$ref", *SEVERAL)):
        whole["type"] = "object"
    found: JsonSchema = _Written(root=whole, where=where, size=size).out(whole, path="", refs=(), depth=0, closed=True)
    text = as_json(found, where=where)
    fault = _kept_fault(text) if len(text) <= MAX_KEPT else _fault(text)
    if fault:
        place, message = fault
        raise _refusal(where, f"{place} must be valid JSON Schema", quoted(message), "correct the schema")
    if found.get("type", "object") != "object":
        raise _refusal(
            where, "arguments are an object", f"type {found['type']!r}", "name each argument in `properties`"
        )
    why = why_nothing(found, patience=size.patience)
    if why:
        raise _refusal(where, "the schema must allow some arguments", why, "correct the schema, or leave the tool out")
    return found


def as_json(value: Any, *, where: str) -> str:
    """JSON text of a value.

    Args:
        value: not deep.
        where: how errors name the place.

    Raises:
        DataError: a number in it is not finite.
    """
    try:
        return json.dumps(value, default=str, allow_nan=False)
    except ValueError as error:
        raise _refusal(where, "every number is finite", "NaN or an infinity", "leave it out, or write null") from error


def wire_name(name: str) -> str:
    """A tool's name as OpenAI's protocol carries it, which allows no dots.

    Args:
        name: of the tool.
    """
    return name.replace(".", "_")


def spelled(name: str, tools: Sequence[Tool]) -> str:
    """A tool's own name for what was called, if that is one of them, in either spelling.

    Args:
        name: as called.
        tools: that there are.
    """
    return next((tool.name for tool in tools if name in {tool.name, wire_name(tool.name)}), name)


def _fault(schema: str) -> tuple[str, str] | None:
    """Where a schema, as JSON, is none, and why. Formats are left out: of them it is the pattern's that could matter,
    and that is not read by the engine that patterns are held to.
    """
    try:
        Draft202012Validator.check_schema(json.loads(schema), format_checker=None)
    except SchemaError as error:
        return ".".join(map(str, error.absolute_path))[:200] or "the schema", error.message
    return None


_kept_fault = lru_cache(maxsize=4096)(_fault)
"""One look takes some milliseconds."""
_NO_SCHEMA = 'give `parameters`; {"type": "object", "properties": {}} for a tool that takes none'


def _tool(raw: Any, *, where: str, known: Collection[str], size: _Size) -> Tool:
    inner = raw.get("function", raw) if isinstance(raw, Mapping) else raw
    if not isinstance(inner, Mapping) or not isinstance(inner.get("name"), str) or not inner["name"].strip():
        raise _refusal(where, "a tool is an object with a name", quoted(raw), 'write {"name": ..., "parameters": ...}')
    name, description = inner["name"], inner.get("description") or ""
    where = f"{where} ({name[:40]})"
    if wire_name(name) in known:
        rule = "no two tools have one name, a dot and an underscore being the same"
        raise _refusal(where, rule, quoted(name), "rename one, or leave one out")
    if not isinstance(description, str):
        raise _refusal(where, "a description is text", quoted(description), "write it as a string")
    parameters = _normalised(inner.get("parameters"), where=where, size=size)
    return Tool(name=name, description=description, parameters=parameters)


@dataclass(kw_only=True, slots=True)
class _Written:
    """A schema being written out."""

    root: Mapping[str, Any]
    where: str
    size: _Size

    def out(self, schema: Any, *, path: str, refs: tuple[str, ...], depth: int, closed: bool) -> Any:
        if isinstance(schema, bool):
            return schema
        self._check(schema, path=path, depth=depth)
        if "$ref" in schema:
            return self._referred(schema, path=path, refs=refs, depth=depth, closed=closed)
        found = {key: value for key, value in schema.items() if key not in _LEFT_OUT}
        if isinstance(found.get("items"), list):
            found["prefixItems"] = found.pop("items")
            if "additionalItems" in found:
                found["items"] = found["additionalItems"]
        found.pop("additionalItems", None)
        self._name_types(found, path)
        _choose_items(found)
        alone = closed and not any(key in found for key in SEVERAL[:3])
        for key in _WALKED:
            if key in found:
                found[key] = self._within(key, found[key], path=path, refs=refs, depth=depth, closed=closed)
        if alone and (depth == 0 or found.get("properties")):
            found.setdefault("additionalProperties", False)
        return found

    def _check(self, schema: Any, *, path: str, depth: int) -> None:
        place = self._place(path)
        if not isinstance(schema, Mapping):
            raise _refusal(place, "a schema is an object, true or false", quoted(schema), "correct the schema")
        if depth > MAX_DEPTH or any(deeper_than(schema.get(key), MAX_DEPTH) for key in ("enum", "const")):
            raise _refusal(place, f"schemas nest at most {MAX_DEPTH} deep", "deeper ones", "flatten the arguments")
        self.size.add(schema, where=self.where)
        for key, fix in REFUSED.items():
            if key in schema:
                raise _refusal(place, f"`{key}` is not supported", quoted(schema[key]), fix)
        why = why_unreadable(schema["pattern"]) if isinstance(schema.get("pattern"), str) else None
        if why:
            rule = f"a pattern has at most {MAX_PATTERN:,} characters, no look-around and no references back"
            raise _refusal(place, rule, quoted(why), "write it so, or leave `pattern` out")

    def _within(self, key: str, value: Any, *, path: str, refs: tuple[str, ...], depth: int, closed: bool) -> Any:
        """The schemas below one keyword."""
        closed = closed and (key in {"items", "prefixItems", "properties", "additionalProperties", "anyOf", "oneOf"})
        if key in SEVERAL and isinstance(value, list):
            return [
                self.out(one, path=f"{path}.{key}[{k}]", refs=refs, depth=depth + 1, closed=closed)
                for k, one in enumerate(value)
            ]
        if key in NAMED and isinstance(value, Mapping):
            return {
                name: self.out(one, path=f"{path}.{name[:40]}", refs=refs, depth=depth + 1, closed=closed)
                for name, one in value.items()
            }
        return self.out(value, path=f"{path}.{key}", refs=refs, depth=depth + 1, closed=closed)

    def _referred(
        self, schema: Mapping[str, Any], *, path: str, refs: tuple[str, ...], depth: int, closed: bool
    ) -> Any:
        ref = schema["$ref"]
        if isinstance(ref, str) and ref in refs:
            fix = "write out as many levels as are needed"
            raise _refusal(self._place(path), "a schema must not refer to itself", f"$ref {quoted(ref)}", fix)
        target, beside = self._target(ref, path), {key: schema[key] for key in schema if key not in _LEFT_OUT}
        found = self.out(target, path=path, refs=(*refs, ref), depth=depth + 1, closed=closed)
        if not beside:
            return found
        if isinstance(found, dict) and beside.keys() <= {"title", "description", "default", "examples"}:
            return {**found, **beside}
        rest = self.out(beside, path=path, refs=refs, depth=depth + 1, closed=False)
        return {**rest, "allOf": [*rest.get("allOf", []), found]}

    def _target(self, ref: Any, path: str) -> Any:
        found: Any = self.root
        if not isinstance(ref, str) or not (ref == "#" or ref.startswith("#/")):
            fix = "put what it names into the schema's own `$defs`"
            raise _refusal(self._place(path), "a reference is into the schema itself", f"$ref {quoted(ref)}", fix)
        for step in ref.split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Mapping) or key not in found:
                known = found if isinstance(found, Mapping) and len(key) < 40 else ()
                raise _refusal(
                    self._place(path),
                    "a reference must lead somewhere",
                    f"$ref {quoted(ref)}{nearest(key, known)}",
                    "correct it",
                )
            found = found[key]
        return found

    def _name_types(self, found: dict[str, Any], path: str) -> None:
        """JSON Schema's names for the dialect's types, in place."""
        if "type" not in found:
            return
        several = found["type"] if isinstance(found["type"], list) else [found["type"]]
        if "any" in several:
            del found["type"]
            return
        for name in several:
            if not isinstance(name, str) or name not in _TYPES:
                got = f"{quoted(name)}{nearest(name, _TYPES) if isinstance(name, str) and len(name) < 40 else ''}"
                raise _refusal(self._place(path), "a type is one of JSON Schema's", got, f"one of {', '.join(_TYPES)}")
        named = list(dict.fromkeys(_TYPES[name] for name in several))
        found["type"] = named if isinstance(found["type"], list) else named[0]

    def _place(self, path: str) -> str:
        return f"{self.where}: parameters{path}" if len(path) < 200 else f"{self.where}: parameters{path[:200]}..."


def _choose_items(found: dict[str, Any]) -> None:
    """Choices beside `array` that are no lists are meant for its items, in place: BFCL has rows written so, of which
    nothing else would fit.
    """
    items, choices = found.get("items", {}), found.get("enum")
    meant_of_items = isinstance(choices, list) and not any(isinstance(choice, list) for choice in choices)
    if found.get("type") == "array" and isinstance(items, Mapping) and meant_of_items:
        found["items"] = {"enum": found.pop("enum"), **items}


def _refusal(where: str, rule: str, got: str, fix: str) -> DataError:
    return DataError(Problem(where=where, rule=rule, got=got, fix=fix))
