"""Completions of BFCL's rows made wrong in one way each, so that it is known what is wrong with them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from suffice.kinds.calls.rows import gold_calls, read_row
from suffice.records.tool_calls import ToolCall, ToolClass, ToolExample


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A completion to be judged."""

    row: dict[str, Any]
    """As BFCL has it."""
    example: ToolExample
    """As we read it."""
    kind: str
    """What was done to the gold: `wrong value`."""
    expected: ToolClass | None
    """The class that this should be; None where only the two judges tell."""
    text: str
    syntax: str
    """`json` or `python`."""
    truncated: bool = False
    """Whether it is said to have been cut off."""


class NotHereError(Exception):
    """A row that cannot be made wrong in this way."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gold:
    """A row with its gold calls."""

    row: dict[str, Any]
    example: ToolExample
    calls: tuple[ToolCall, ...] | None
    """None where no call is right although one is asked for."""


def gold_of(row: dict[str, Any]) -> Gold:
    """A row, read.

    Args:
        row: of BFCL.
    """
    example = read_row(row, where=row["id"])
    return Gold(row=row, example=example, calls=gold_calls(example.accepted))


def gold_cases(golds: Sequence[Gold]) -> list[Case]:
    """The gold calls in both syntaxes; where there are none, a guess with an empty list for what has no right value."""
    cases: list[Case] = []
    for gold in golds:
        calls, expected = gold.calls, "right"
        if calls is None:
            calls, expected = tuple(_guess(one) for one in gold.row["accepted_calls"]), "wrong_arguments_value"
        cases += [_case(gold, "gold", expected, written(calls, syntax), syntax) for syntax in ("json", "python")]
    return cases


def corrupted(golds: Sequence[Gold], *, n: int, seed: int) -> list[Case]:
    """So many completions, the ways to be wrong in turn, rows and syntax drawn.

    Args:
        golds: all rows.
        n: completions.
        seed: of every draw.
    """
    draw = random.Random(seed)  # noqa: S311 - corruptions, not secrets
    asked = [gold for gold in golds if gold.calls]
    none_right = [gold for gold in golds if not gold.example.accepted]
    cases: list[Case] = []
    for number in range(n):
        kind = list(KINDS)[number % len(KINDS)]
        while len(cases) == number:
            gold = draw.choice(none_right if kind in FOR_NONE else asked)
            try:
                cases.append(KINDS[kind](gold, draw, kind))
            except NotHereError:
                continue
    return cases


def written(calls: Sequence[ToolCall], syntax: str) -> str:
    """Calls as a completion.

    Args:
        calls: in order.
        syntax: `json` or `python`.
    """
    if syntax == "json":
        return json.dumps([{"name": call.name, "arguments": call.arguments} for call in calls], ensure_ascii=False)
    told = (", ".join(f"{name}={value!r}" for name, value in call.arguments.items()) for call in calls)
    return "[" + ", ".join(f"{call.name}({one})" for call, one in zip(calls, told, strict=True)) + "]"


def _guess(accepted: dict[str, Any]) -> ToolCall:
    ((name, arguments),) = accepted.items()
    return ToolCall(name=name, arguments={key: values[0] if values else [] for key, values in arguments.items()})


def _case(gold: Gold, kind: str, expected: ToolClass, text: str, syntax: str, *, truncated: bool = False) -> Case:
    return Case(
        row=gold.row, example=gold.example, kind=kind, expected=expected, text=text, syntax=syntax, truncated=truncated
    )


def _changed(gold: Gold, draw: random.Random, kind: str, expected: ToolClass, calls: Sequence[ToolCall]) -> Case:
    syntax = draw.choice(("json", "python"))
    return _case(gold, kind, expected, written(calls, syntax), syntax)


def _one(gold: Gold, draw: random.Random, change: Callable[[ToolCall], ToolCall]) -> list[ToolCall]:
    """The gold calls with one of them changed."""
    calls = list(gold.calls or ())
    at = draw.randrange(len(calls))
    calls[at] = change(calls[at])
    return calls


def _invented(gold: Gold, draw: random.Random, kind: str) -> Case:
    names = {tool.name for tool in gold.example.tools}
    name = draw.choice([f"{name}_v2" for name in sorted(names)] + ["run_anything"])
    return _changed(gold, draw, kind, "invented_tool", _one(gold, draw, lambda call: replace(call, name=name)))


def _other_tool(gold: Gold, draw: random.Random, kind: str) -> Case:
    wanted = {call.name for call in gold.calls or ()}
    others = [tool.name for tool in gold.example.tools if tool.name not in wanted]
    if not others:
        raise NotHereError
    name = draw.choice(others)
    return _changed(gold, draw, kind, "wrong_tool", _one(gold, draw, lambda call: replace(call, name=name)))


def _argument(
    gold: Gold,
    draw: random.Random,
    kind: str,
    expected: ToolClass,
    change: Callable[[Any, dict[str, Any], list[Any]], Any],
) -> Case:
    """One argument changed: `change` is given its value, its schema and what BFCL accepts."""
    at = draw.randrange(len(gold.calls or ()))
    call, accepted = (gold.calls or ())[at], next(iter(gold.row["accepted_calls"][at].values()))
    tool = next(tool for tool in gold.example.tools if tool.name == call.name)
    if not call.arguments:
        raise NotHereError
    name = draw.choice(sorted(call.arguments))
    value = change(call.arguments[name], tool.parameters["properties"][name], accepted[name])
    calls = list(gold.calls or ())
    calls[at] = replace(call, arguments={**call.arguments, name: value})
    return _changed(gold, draw, kind, expected, calls)


def _wrong_type(gold: Gold, draw: random.Random, kind: str) -> Case:
    def change(value: Any, schema: dict[str, Any], accepted: list[Any]) -> Any:
        others = {
            "string": [7, True, [value]],
            "integer": [str(value), f"{value} units", [value]] + ([value + 0.5] if isinstance(value, int) else []),
            "number": [str(value), [value], True],
            "boolean": [str(value).lower(), "yes", 1],
            "array": [str(value), {"items": value}],
            "object": [str(value), [value]],
        }.get(schema.get("type", ""))
        if not others or value is None or any(type(one) not in _TYPES[schema["type"]] for one in accepted if one != ""):
            raise NotHereError
        return draw.choice(others)

    return _argument(gold, draw, kind, "wrong_arguments_schema", change)


_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def _wrong_value(gold: Gold, draw: random.Random, kind: str) -> Case:
    def change(value: Any, schema: dict[str, Any], accepted: list[Any]) -> Any:
        new = _other_value(value, schema, draw)
        if (
            new is None
            or schema.get("type") not in _TYPES
            or new in accepted
            or type(value) not in _TYPES[schema["type"]]
        ):
            raise NotHereError
        return new

    return _argument(gold, draw, kind, "wrong_arguments_value", change)


def _other_value(value: Any, schema: dict[str, Any], draw: random.Random) -> Any:
    """Another value of the same type; None where there is none that keeps to the schema."""
    if "enum" in schema:
        words = [one for one in schema["enum"] if _bare(one) != _bare(value)]
        return draw.choice(words) if words and isinstance(value, str) else None
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + draw.choice((1, -1, 10)) if value + 10 <= schema.get("maximum", value + 10) else None
    if isinstance(value, str):
        return f"{value} zq" if value else None
    if isinstance(value, list):
        return [*value, value[0]] if value else None
    return {**value, next(iter(value)): "zq"} if value and "properties" not in schema else None


def _bare(word: Any) -> str:
    return "".join(sign for sign in str(word).lower() if sign.isalnum())


def _missing(gold: Gold, draw: random.Random, kind: str) -> Case:
    """An argument left out that the schema requires, or that only the gold asks for."""
    required_kind = kind == "missing required"

    def change(call: ToolCall) -> ToolCall:
        tool = next(tool for tool in gold.example.tools if tool.name == call.name)
        required = set(tool.parameters.get("required", ()))
        at = (gold.calls or ()).index(call)
        accepted = next(iter(gold.row["accepted_calls"][at].values()))
        names = [
            name
            for name in call.arguments
            if (name in required if required_kind else name not in required and "" not in accepted[name])
        ]
        if not names:
            raise NotHereError
        left_out = draw.choice(names)
        return replace(call, arguments={name: value for name, value in call.arguments.items() if name != left_out})

    expected = "wrong_arguments_schema" if required_kind else "wrong_arguments_value"
    return _changed(gold, draw, kind, expected, _one(gold, draw, change))


def _extra(gold: Gold, draw: random.Random, kind: str) -> Case:
    def change(call: ToolCall) -> ToolCall:
        tool = next(tool for tool in gold.example.tools if tool.name == call.name)
        if tool.parameters.get("additionalProperties", True) is not False:
            raise NotHereError
        return replace(call, arguments={**call.arguments, "verbosity_level": draw.choice((1, "high", True))})

    return _changed(gold, draw, kind, "wrong_arguments_schema", _one(gold, draw, change))


def _broken(gold: Gold, draw: random.Random, kind: str) -> Case:
    """A bracket left out, or a sign that does not belong: chosen so that no reader could close it."""
    syntax = draw.choice(("json", "python"))
    text = written(gold.calls or (), syntax)
    if syntax == "python":
        return _case(gold, kind, "broken_syntax", draw.choice((text[:-2] + "]", text.replace("(", "((", 1))), syntax)
    cut = (text[:-1], text[:-2] + "]", text.replace('"arguments": ', '"arguments" ', 1), text.replace('"', "'"))
    return _case(gold, kind, "broken_syntax", draw.choice(cut), syntax)


def _order(gold: Gold, draw: random.Random, kind: str) -> Case:
    calls = list(gold.calls or ())
    if len(calls) < 2:
        raise NotHereError
    draw.shuffle(calls)
    return _changed(gold, draw, kind, "right", calls)


def _number(gold: Gold, draw: random.Random, kind: str) -> Case:
    calls = list(gold.calls or ())
    at = draw.randrange(len(calls))
    fewer = [call for k, call in enumerate(calls) if k != at]
    return _changed(
        gold, draw, kind, "wrong_number_of_calls", draw.choice([[*calls, calls[at]], *([fewer] if fewer else [])])
    )


def _silent(gold: Gold, draw: random.Random, kind: str) -> Case:
    said = draw.choice(("I am sorry, I cannot help with that.", "Which of the two do you mean?", ""))
    return _case(gold, kind, "silent", said, draw.choice(("json", "python")))


def _truncated(gold: Gold, draw: random.Random, kind: str) -> Case:
    syntax = draw.choice(("json", "python"))
    text = written(gold.calls or (), syntax)
    return _case(gold, kind, "truncated", text[: draw.randrange(1, len(text) - 2)], syntax, truncated=True)


def _uncalled_for(gold: Gold, draw: random.Random, kind: str) -> Case:
    tool = draw.choice(gold.example.tools)
    call = ToolCall(name=tool.name, arguments=dict.fromkeys(tool.parameters.get("required", ()), 1))
    return _changed(gold, draw, kind, "called_when_none_right", [call])


def _words(gold: Gold, draw: random.Random, kind: str) -> Case:
    said = draw.choice(("None of the tools can do that.", "[]", "The area is 25 square metres (half of 50)."))
    return _case(gold, kind, "right", said, draw.choice(("json", "python")))


KINDS: dict[str, Callable[[Gold, random.Random, str], Case]] = {
    "invented tool": _invented,
    "other tool": _other_tool,
    "wrong type": _wrong_type,
    "wrong value": _wrong_value,
    "missing required": _missing,
    "missing asked for": _missing,
    "extra argument": _extra,
    "broken syntax": _broken,
    "order": _order,
    "number of calls": _number,
    "silent": _silent,
    "truncated": _truncated,
    "called for nothing": _uncalled_for,
    "words where no call is right": _words,
}
FOR_NONE = ("called for nothing", "words where no call is right")
"""Ways that need a row where no call is right."""
