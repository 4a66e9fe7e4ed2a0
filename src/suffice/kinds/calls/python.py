"""Calls in Python's syntax: `[weather(city="Paris", days=2)]`. Nothing is ever evaluated."""

from __future__ import annotations

import ast
import warnings
from math import isfinite
from typing import Any

from suffice.kinds.schemas.nesting import MAX_DEPTH, deeper_than
from suffice.records.tool_calls import ToolCall


class UnreadableCall(Exception):
    """What was meant as a call and is none."""

    def __init__(self, what: str, *, at: int) -> None:
        """
        Args:
            what: is wrong, in a few words.
            at: 0-based sign of the text where it is.
        """
        super().__init__(what)
        self.what, self.at = what, at


def python_calls(text: str) -> tuple[ToolCall, ...]:
    """The calls of a text that is nothing but calls: one, several on lines of their own, or a list of them.

    A bare name as an argument is read as its own text, as `bfcl-eval` does, which accepts names of variables so.
    Anything that would have to be computed is refused, and so is an argument without a name.

    Args:
        text: without surrounding blanks.

    Raises:
        UnreadableCall: it is not that.
    """
    nodes: list[ast.expr] = []
    for statement in _tree(text).body:
        if not isinstance(statement, ast.Expr):
            raise UnreadableCall("a statement that is no call", at=_at(text, statement))
        within = statement.value
        nodes += within.elts if isinstance(within, ast.List | ast.Tuple) else [within]
    return tuple(_call(text, node) for node in nodes)


def _tree(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an unknown escape in a string is no business of ours
            return ast.parse(text)
    except SyntaxError as error:
        at = _sign(text, error.lineno or 1, max((error.offset or 1) - 1, 0))
        raise UnreadableCall(str(error.msg).partition(";")[0], at=at) from error
    except (RecursionError, MemoryError) as error:
        raise UnreadableCall("nested too deep", at=0) from error
    except ValueError as error:  # a null byte, half of a surrogate pair
        raise UnreadableCall(f"not Python's syntax: {error}", at=0) from error


def _call(text: str, node: ast.expr) -> ToolCall:
    if not isinstance(node, ast.Call):
        raise UnreadableCall("something that is no call", at=_at(text, node))
    if node.args:
        raise UnreadableCall("an argument without a name", at=_at(text, node.args[0]))
    arguments: dict[str, Any] = {}
    for keyword in node.keywords:
        if keyword.arg is None or keyword.arg in arguments:
            what = "** instead of named arguments" if keyword.arg is None else f"argument {keyword.arg!r} twice"
            raise UnreadableCall(what, at=_at(text, keyword.value))
        arguments[keyword.arg] = _literal(text, keyword.value)
    if deeper_than(arguments, MAX_DEPTH):
        raise UnreadableCall("nested too deep", at=_at(text, node))
    return ToolCall(name=_name(text, node.func), arguments=arguments)


def _name(text: str, node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise UnreadableCall("a call of something that has no name", at=_at(text, node))
    return ".".join([node.id, *reversed(parts)])


def _literal(text: str, node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=str() | bool() | int() | None as value):
            return _writable(text, node, value)
        case ast.Constant(value=float() as value) if isfinite(value):
            return value
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=ast.Constant(value=int() | float() as value)):
            return -_literal(text, node.operand) if isinstance(sign, ast.USub) else _literal(text, node.operand)
        case ast.List(elts=within) | ast.Tuple(elts=within):
            return [_literal(text, one) for one in within]
        case ast.Dict(keys=keys, values=values):
            return _object(text, keys, values)
        case ast.Name(id=name):
            return name
    raise UnreadableCall("a value that is no literal", at=_at(text, node))


def _writable(text: str, node: ast.expr, value: str | bool | int | None) -> str | bool | int | None:
    """The value, unless it is a number that cannot be written down: in base 16, 8 or 2 Python reads one of any length.

    The limit is Python's own on decimal digits, which holds for numbers in JSON as well.
    """
    try:
        str(value)
    except ValueError as error:
        raise UnreadableCall("a number of too many digits", at=_at(text, node)) from error
    return value


def _object(text: str, keys: list[ast.expr | None], values: list[ast.expr]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in zip(keys, values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            raise UnreadableCall("a key that is no string", at=_at(text, key or value))
        if key.value in found:
            raise UnreadableCall(f"key {key.value!r} twice", at=_at(text, key))
        found[key.value] = _literal(text, value)
    return found


def _at(text: str, node: ast.expr | ast.stmt) -> int:
    """Where a node begins; Python counts its column in bytes."""
    line = text.splitlines()[node.lineno - 1] if node.lineno <= len(text.splitlines()) else ""
    return _sign(text, node.lineno, len(line.encode(errors="replace")[: node.col_offset].decode(errors="replace")))


def _sign(text: str, line: int, column: int) -> int:
    """0-based sign of a 1-based line and 0-based column; never beyond the text."""
    before = sum(len(one) for one in text.splitlines(keepends=True)[: line - 1])
    return min(before + column, len(text))
