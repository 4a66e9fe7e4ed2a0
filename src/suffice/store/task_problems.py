"""What pydantic says of a task, in the person's words and at the person's lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from suffice.errors import Problem, nearest, quoted
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
    "extra_forbidden": "is no key of a task file",
    "string_pattern_mismatch": "must begin with a letter or digit and go on with those, dots, - and _",
}
"""Rule by pydantic's type of error; other types bring their own words."""
FIXES = {
    "tuple_type": "write it as [one, another]",
    "dict_type": "write keys with values below it, or take it out",
    "model_type": "write keys with values below it, or take it out",
    "string_pattern_mismatch": "write a short name such as support-messages",
    "value_error": "add or take out a key, so that it holds",
}
"""What to do by type of error, where the value does not matter."""


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
    rules = list(dict.fromkeys(_rule(details) for details in errors))
    rule = " or ".join([rules[0], *(rule.removeprefix("must be ") for rule in rules[1:])])
    if first["type"] != "value_error":
        rule = f"{'.'.join(map(str, path))} {rule}"
    mark = marks.get(path)
    written = mark.written if mark else None
    where = _where(path, rule, marks=marks, file=file)
    return Problem(where=where, rule=rule, got=_got(path, first, written), fix=_fix(path, first, written))


def _where(path: KeyPath, rule: str, *, marks: Mapping[KeyPath, Mark], file: str) -> str:
    """Where the key is written, or the key above a missing one; for a rule about a section, the option it speaks of."""
    spoken_of = [marks[key].where for key in marks if key[:-1] == path and ".".join(map(str, key)) in rule]
    options = [where for where in spoken_of if not where.startswith(f"{file}:")]
    at = next((marks[path[:n]].where for n in range(len(path), 0, -1) if path[:n] in marks), file)
    return options[-1] if options else at


def _rule(details: ErrorDetails) -> str:
    if details["type"] in RULES:
        return RULES[details["type"]]
    return details["msg"].removeprefix("Value error, ").replace("Input should be", "must be")


def _got(path: KeyPath, details: ErrorDetails, written: str | None) -> str:
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
    if kind == "missing":
        return f"add {MISSING.get(str(path[-1]), f'`{path[-1]}:`')}"
    if kind == "extra_forbidden":
        return f"correct the key or take it out; known here are {', '.join(_known_keys(path[:-1]))}"
    if kind == "literal_error":
        return f"write {details['ctx']['expected']}"
    if kind == "string_type" and value is not None:
        plain = "put quotes around the text: colons and brackets mean something else in YAML"
        return f'quote it: "{written}"' if written else plain
    if kind == "less_than" and isinstance(value, int | float) and 1 < value <= 100:
        return f"write it as a fraction: {value / 100:g}"
    return FIXES.get(kind, "give a value for which that holds, or take the key out")


def _known_keys(section: KeyPath) -> list[str]:
    """The keys that may stand in a section of the task file."""
    model: Any = Task
    for name in section:
        # A mapping of names that the person gives has sections as its values.
        is_mapping = get_origin(model) is dict
        model = get_args(model)[1] if is_mapping else model.model_fields[str(name)].annotation
    assert issubclass(model, BaseModel), "only sections forbid keys"
    return [field.alias or name for name, field in model.model_fields.items()]


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return f"the truth value {'true' if value else 'false'}"
    return f"the number {value}" if isinstance(value, int | float) else f"a {type(value).__name__}"
