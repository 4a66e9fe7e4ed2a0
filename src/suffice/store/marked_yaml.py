"""YAML to plain values that remember where they were written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import yaml

from suffice.errors import Problem, TaskError

KeyPath = tuple[str | int, ...]
"""Keys and positions that lead to a value: `("target", "at_least")`, `("labels", 3)`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """Where a value comes from."""

    where: str
    """`task.yaml:12`, or the option that set it."""
    written: str | None
    """A single value as it is written, quotes apart; None for lists and mappings."""


@dataclass(kw_only=True, slots=True)
class MarkedValue:
    """A value as YAML means it, except for keys, which are names and taken as they are written."""

    value: object = None
    """Dicts, lists, strings, numbers, truth values, dates, None."""
    marks: dict[KeyPath, Mark] = field(default_factory=dict)
    """Where each part of the value is written."""


def read_yaml(text: str, *, where: Callable[[int], str]) -> MarkedValue:
    """Reads one YAML document.

    Args:
        text: the document.
        where: names a line, counted from 1.

    Raises:
        TaskError: it is no YAML, or a key is given twice; every such key at once.
    """
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        reading = _Reading(where)
        value = None if node is None else reading.value(node, path=(), above=())
    except yaml.YAMLError as error:
        raise TaskError(_syntax_problem(error, where=where)) from error
    if reading.problems:
        raise TaskError(reading.problems)
    return MarkedValue(value=value, marks=reading.marks)


class _Reading:
    """One walk over a document's nodes."""

    def __init__(self, where: Callable[[int], str]) -> None:
        self.marks: dict[KeyPath, Mark] = {}
        self.problems: list[Problem] = []
        self._where = where
        self._scalars = yaml.SafeLoader("")

    def value(self, node: yaml.Node, *, path: KeyPath, above: tuple[yaml.Node, ...]) -> object:
        """The node's value; its mark and those below it are kept."""
        where = self._where(node.start_mark.line + 1)
        written = node.value if isinstance(node, yaml.ScalarNode) else None
        self.marks[path] = Mark(where=where, written=written)
        if node in above:
            fix = "write the value out"
            self.problems.append(Problem(where=where, rule="a value must not hold itself", got="an alias", fix=fix))
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path=path, above=(*above, node))
        if isinstance(node, yaml.SequenceNode):
            items = enumerate(node.value)
            return [self.value(item, path=(*path, n), above=(*above, node)) for n, item in items]
        return self._scalars.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, *, path: KeyPath, above: tuple[yaml.Node, ...]) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in values:
                got = f"{key!r} again, first on {self.marks[*path, key].where}"
                rule, fix = "a key must be given once", "take one of the two out"
                self.problems.append(Problem(where=self._where(line), rule=rule, got=got, fix=fix))
                continue
            values[key] = self.value(value_node, path=(*path, key), above=above)
            # A value may begin lines below its key; a person looks for the key.
            written = self.marks[*path, key].written
            self.marks[*path, key] = Mark(where=self._where(line), written=written)
        return values


def _syntax_problem(error: yaml.YAMLError, *, where: Callable[[int], str]) -> Problem:
    """What YAML's own parser says, at its line."""
    line, got = 1, str(error).partition("\n")[0]
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        got = ", ".join(part for part in (error.context, error.problem) if part)
    fix = "correct the line: indent with spaces, close brackets and quotes, quote text that holds a colon"
    return Problem(where=where(line), rule="the task must be YAML", got=got, fix=fix)
