"""What pydantic says of a task, in the person's words and at the person's lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from suffice.errors import Problem, nearest, quoted
from suffice.records.section import BROKEN
from suffice.records.task import Task
from suffice.store.marked_yaml import KeyPath, Mark

RULES = {
    "string_type": "must be text",
    "tuple_type": "must be a list",
    "dict_type": "must be keys with values",
    "model_type": "must be keys with values",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "missing": "must be given",
    "too_short": "must have at least {min_length} entries",
    "string_too_short": "must not be empty",
    "extra_forbidden": "is no key of a task file",
    "string_pattern_mismatch": "must begin with a letter or digit and go on with those, dots, - and _",
}
"""Rule by pydantic's type of error, with what that type counts; other types bring their own words."""
LEAST_PERCENT = 10
"""A number below it, where a fraction is asked for, is no percentage that a person would mean."""
FIXES = {
    "less_than": "give a fraction between 0 and 1",
    "tuple_type": "write it as [one, another]",
    "dict_type": "write keys with values below it, or take it out",
    "model_type": "write keys with values below it, or take it out",
    "string_pattern_mismatch": "write a short name such as support-messages",
    "endpoint_name": "write a short name such as gpt-mini: hosted:gpt-mini is then the rung",
    "variable_name": "put the key into an environment variable, and write the name of that: OPENAI_API_KEY",
    "endpoint_address": "write what the endpoint's documentation calls its base URL; a key goes into api_key_env",
    "value_error": "add or take out a key, so that it holds",
}
"""What to do by type of error, where the value does not matter."""

NOT_SHOWN = "a value that is not shown here: it may be a key"
"""What is told of anything that somebody may have pasted a key into."""
MISSING = {
    "name": "`name: support-messages`",
    "data": "`data:` with `path: messages.csv` below it",
    "target": "`target:` with `at_least: 0.95` below it",
}
"""What to add for each key that must be there."""


def task_problems(error: ValidationError, *, marks: Mapping[KeyPath, Mark], file: str) -> list[Problem]:
    """Every problem of a task, in the order of its keys.

    Args:
        error: from validating a Task.
        marks: where each value of it was written.
        file: the task file's name, for a key that is missing at its top.
    """
    found: dict[KeyPath, list[ErrorDetails]] = {}
    for details in error.errors():
        found.setdefault(_key_path(details, marks), []).append(details)
    # Of a union (one column or several) each branch complains; the one that goes deepest is about what was meant.
    deepest = [path for path in found if not any(other != path and other[: len(path)] == path for other in found)]
    return [_problem(path, found[path], marks=marks, file=file) for path in deepest]


def _key_path(details: ErrorDetails, marks: Mapping[KeyPath, Mark]) -> KeyPath:
    """The keys of the file in pydantic's location, which also names the branches of unions."""
    path: KeyPath = ()
    for part in details["loc"]:
        if (*path, part) in marks:
            path = (*path, part)
    return (*path, details["loc"][-1]) if details["type"] == "missing" else path


def _problem(path: KeyPath, errors: list[ErrorDetails], *, marks: Mapping[KeyPath, Mark], file: str) -> Problem:
    first = errors[0]
    if first["type"] == BROKEN:
        return _broken(path, first, marks=marks, file=file)
    rules = list(dict.fromkeys(_rule(details) for details in errors))
    rule = " or ".join([rules[0], *(rule.removeprefix("must be ") for rule in rules[1:])])
    if first["type"] != "value_error":
        rule = f"{'.'.join(map(str, path))} {rule}"
    mark = marks.get(path)
    written = mark.written if mark else None
    where = _where(path, rule, marks=marks, file=file)
    return Problem(where=where, rule=rule, got=_got(path, first, written), fix=_fix(path, first, written))


def _broken(path: KeyPath, details: ErrorDetails, *, marks: Mapping[KeyPath, Mark], file: str) -> Problem:
    """A rule that says which keys break it: at the first of them, or at the last option among them."""
    keys: tuple[str, ...] = details["ctx"]["keys"]
    lines, told = [], []
    for key in keys:
        at = tuple(key.split("."))
        value = _value_at(at[len(path) :], details["input"])
        if value is not None:
            lines.append(marks[at].where)
            shown = str(value).lower() if isinstance(value, bool) else quoted(value)
            told.append(f"{key}: {shown}" if len(keys) > 1 else shown)
    options = [where for where in lines if not where.startswith(f"{file}:")]
    where = [*options[-1:], *lines][0]
    return Problem(where=where, rule=details["ctx"]["rule"], got=", ".join(told), fix=details["ctx"]["fix"])


def _value_at(below: KeyPath, section: Any) -> object:
    """What is written there; None where nothing is."""
    for part in below:
        section = section.get(part) if isinstance(section, dict) else None
    return section


def _where(path: KeyPath, rule: str, *, marks: Mapping[KeyPath, Mark], file: str) -> str:
    """Where the key is written, or the key above a missing one; for a rule about a section, the option it speaks of."""
    spoken_of = [marks[key].where for key in marks if key[: len(path)] == path and ".".join(map(str, key)) in rule]
    options = [where for where in spoken_of if not where.startswith(f"{file}:")]
    at = next((marks[path[:n]].where for n in range(len(path), 0, -1) if path[:n] in marks), file)
    found = options[-1] if options else at
    is_option = not found.startswith(f"{file}:") and found != file
    return f"{found.partition('=')[0]}=..." if is_option and path[:1] == ("hosted",) else found


def _rule(details: ErrorDetails) -> str:
    if details["type"] in RULES:
        return RULES[details["type"]].format(**details.get("ctx", {}))
    return details["msg"].removeprefix("Value error, ").replace("Input should be", "must be")


def _got(path: KeyPath, details: ErrorDetails, written: str | None) -> str:
    return _without_secrets(path, details) if _is_of_endpoint(path) else _value_told(path, details, written)


def _is_of_endpoint(path: KeyPath) -> bool:
    return path[:1] == ("hosted",) and path[-1] in {"api_key_env", "base_url"}


def _without_secrets(path: KeyPath, details: ErrorDetails) -> str:
    """Of a value into which somebody may have pasted a key, no more than can hold none."""
    if details["type"] == "missing":
        return "no such key"
    if path[-1] == "api_key_env":
        return NOT_SHOWN
    return quoted(re.sub(r"//.*@", "//***@", str(details["input"])).partition("?")[0].partition("#")[0])


def _value_told(path: KeyPath, details: ErrorDetails, written: str | None) -> str:
    value, kind = details["input"], details["type"]
    if kind == "missing":
        return "no such key"
    if kind == "extra_forbidden":
        return f"{path[-1]!r}{nearest(str(path[-1]), _known_keys(path[:-1]))}"
    if kind == "value_error":
        return f"the keys {', '.join(value)}" if value else "no key"
    if value is None:
        return "nothing"
    if kind == "string_type" and written:
        return f"{written}, which YAML reads as {_kind(value)}"
    return quoted(value)


def _fix(path: KeyPath, details: ErrorDetails, written: str | None) -> str:
    value, kind = details["input"], details["type"]
    if _is_of_endpoint(path) and kind == "string_type":
        kind = {"api_key_env": "variable_name", "base_url": "endpoint_address"}[str(path[-1])]
    if kind == "missing":
        return f"add {MISSING.get(str(path[-1]), f'`{path[-1]}:`')}"
    if kind == "extra_forbidden":
        return f"correct the key or take it out; known here are {', '.join(_known_keys(path[:-1]))}"
    if kind == "literal_error":
        return f"write {details['ctx']['expected']}"
    if kind == "string_type" and value is not None:
        plain = "put quotes around the text: colons and brackets mean something else in YAML"
        return f'quote it: "{written}"' if written else plain
    if kind == "less_than" and isinstance(value, int | float) and LEAST_PERCENT <= value <= 100:
        return f"write it as a fraction: {value / 100:g}"
    return FIXES.get(kind, "give a value for which that holds, or take the key out")


def _known_keys(section: KeyPath) -> list[str]:
    """The keys that may stand in a section of the task file."""
    model: Any = Task
    for name in section:
        # Sections by a name of the person's own are read by the same keys, whatever that name is.
        is_section = isinstance(model, type) and issubclass(model, BaseModel)
        model = _section_in(model.model_fields[str(name)].annotation) if is_section else get_args(model)[1]
    assert get_origin(model) is None, "what has any key has no unknown one"
    assert issubclass(model, BaseModel), "only sections forbid keys"
    return [field.alias or name for name, field in model.model_fields.items()]


def _section_in(annotation: Any) -> Any:
    """The section of a key that may be left out altogether; any other annotation as it is."""
    if not isinstance(annotation, UnionType):
        return annotation
    sections = (one for one in get_args(annotation) if isinstance(one, type) and issubclass(one, BaseModel))
    return next(sections, annotation)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return f"the truth value {'true' if value else 'false'}"
    return f"the number {value}" if isinstance(value, int | float) else f"a {type(value).__name__}"
