"""Gold calls of BFCL said otherwise: some are still right and some are not, which only the two judges tell."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tool_corruptions import Case, Gold, written

from suffice.records.tool_calls import ToolCall

SIGNS = " ,./-_*^'"


def variants(golds: Sequence[Gold], *, n: int, seed: int) -> list[Case]:
    """So many completions, every argument of each call said in one other way, the ways in turn.

    Args:
        golds: all rows.
        n: completions.
        seed: of every draw.
    """
    draw = random.Random(seed)  # noqa: S311 - variants, not secrets
    asked = [gold for gold in golds if gold.calls]
    cases: list[Case] = []
    while len(cases) < n:
        kind, gold = list(WAYS)[len(cases) % len(WAYS)], draw.choice(asked)
        calls = [_varied(call, gold.row["accepted_calls"][k], draw, kind) for k, call in enumerate(gold.calls or ())]
        if repr(calls) == repr(list(gold.calls or ())):  # by letters: 5 and 5.0 are equal in Python
            continue
        syntax = draw.choice(("json", "python"))
        cases.append(
            Case(
                row=gold.row,
                example=gold.example,
                kind=kind,
                expected=None,
                text=written(calls, syntax),
                syntax=syntax,
            )
        )
    return cases


def _varied(call: ToolCall, accepted: dict[str, dict[str, list[Any]]], draw: random.Random, kind: str) -> ToolCall:
    ((_, values),) = accepted.items()
    if kind == "another accepted value":
        plain = {name: [one for one in right if one != "" and not _holds_object(one)] for name, right in values.items()}
        return replace(call, arguments=dict(call.arguments) | {k: draw.choice(v) for k, v in plain.items() if v})
    if kind == "optional left out":
        return replace(call, arguments={name: one for name, one in call.arguments.items() if "" not in values[name]})
    return replace(call, arguments={name: _deep(one, WAYS[kind], draw) for name, one in call.arguments.items()})


def _holds_object(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_holds_object, value)))


def _deep(value: Any, change: Callable[[Any, random.Random], Any], draw: random.Random) -> Any:
    if isinstance(value, dict):
        return {key: _deep(one, change, draw) for key, one in value.items()}
    return [_deep(one, change, draw) for one in value] if isinstance(value, list) else change(value, draw)


def _spelled(value: Any, draw: random.Random) -> Any:
    if not isinstance(value, str) or not value:
        return value
    at = draw.randrange(len(value) + 1)
    text = value[:at] + draw.choice(SIGNS[:-1]) + value[at:]
    return draw.choice((text, text.upper(), text.title(), value.replace("'", '"')))


def _whole(value: Any, _: random.Random) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _with_fraction(value: Any, _: random.Random) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _same(value: Any, _: random.Random) -> Any:
    return value


WAYS: dict[str, Callable[[Any, random.Random], Any]] = {
    "another accepted value": _same,
    "optional left out": _same,
    "spelled otherwise": _spelled,
    "whole numbers": _whole,
    "numbers with a fraction": _with_fraction,
}
