"""Tool calls, parsed and judged, in the shape that every layer reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.completions.judged import Judged, JudgedRow
from suffice.kinds.calls.judge import judge
from suffice.kinds.calls.match import matched
from suffice.kinds.calls.parse import parse, parse_tool_calls
from suffice.kinds.calls.rows import accepted_json, gold_calls
from suffice.kinds.schemas.tools import spelled
from suffice.kinds.tools import in_form, render_calls
from suffice.records.answers import Submission
from suffice.records.tool_calls import (
    TOOL_CLASSES,
    ParsedCalls,
    Tool,
    ToolCall,
    ToolJudgement,
    ToolRequest,
)
from suffice.records.tool_spec import ToolSpec


def judged_calls(
    requests: Sequence[ToolRequest],
    completions: Sequence[Submission],
    groups: NDArray[np.int64],
    *,
    spec: ToolSpec,
    seed: int,
    done: Callable[[int], None],
) -> Judged:
    """Parses every completion, without a look at the right calls, and judges what it calls.

    Args:
        requests: N rows.
        completions: of the same rows, in the same order.
        groups: group of each row, shape [N].
        spec: the form in which calls were asked for.
        seed: of all shuffles.
        done: told the rows that were judged since the last call.

    Raises:
        DataError: there are no rows.
    """
    rows, calls = list[JudgedRow](), list[tuple[ToolCall, ...]]()
    for request, completion in zip(requests, completions, strict=True):
        assert request.id == completion.id, "rows are the same"
        written = parse(completion.text, names=[tool.name for tool in request.example.tools])
        given = _given_apart(request, completion, written)
        parsed = given or written
        calls.append(tuple(replace(call, name=spelled(call.name, request.example.tools)) for call in parsed.calls))
        beside = given is not None and bool(written.calls or written.fault)
        rows.append(_row(request, completion, parsed, spec, given=given is not None, says_other=beside))
        done(1)

    def fits(row: int, other: int) -> bool:
        example = requests[other].example
        if len(calls[row]) != len(example.accepted):
            return False
        return None not in matched(calls[row], example.accepted, {tool.name: tool for tool in example.tools})

    return Judged(rows=tuple(rows), classes=TOOL_CLASSES, groups=groups, fits=fits, same=str.__eq__, seed=seed)


def _given_apart(request: ToolRequest, completion: Submission, written: ParsedCalls) -> ParsedCalls | None:
    """What `tool_calls` say beside a text that does not say it itself; None where the text alone is what was said.

    `suffice answer` writes the calls that it found in a completion beside it, and some servers do so as well. Such a
    line is judged as the completion alone is: whether its calls are in form is seen in the text.
    """
    if completion.tool_calls is None:
        return None
    given = parse_tool_calls(list(completion.tool_calls), content=completion.text)
    if not completion.text.strip() or given.fault:
        return given
    tools = request.example.tools
    return given if given.calls and _called(given, tools) != _called(written, tools) else None


def _called(parsed: ParsedCalls, tools: Sequence[Tool]) -> str | None:
    """The calls, each tool under its own name; None where they cannot be read."""
    named = [{"name": spelled(one.name, tools), "arguments": one.arguments} for one in parsed.calls]
    return None if parsed.fault else _json(named)


def _row(
    request: ToolRequest,
    completion: Submission,
    parsed: ParsedCalls,
    spec: ToolSpec,
    *,
    given: bool,
    says_other: bool,
) -> JudgedRow:
    example, called = request.example, _called(parsed, request.example.tools)
    judgement = judge(parsed, example, truncated=completion.truncated)
    right = judgement.outcome == "right"
    as_asked = given or in_form(parsed, spec)
    gold = gold_calls(example.accepted)
    return JudgedRow(
        id=request.id,
        class_=judgement.outcome,
        strict=right and as_asked,
        lenient=right,
        verified=right,
        truncated=completion.truncated,
        ends_known=completion.stop_reason is not None,
        gave_up=False,
        in_form=as_asked,
        stated=bool(parsed.calls),
        asked=request.text,
        text="\n".join(part for part in (completion.text, called if given else None) if part),
        gold_text=render_calls(gold or ()).strip(),
        answer=called,
        gold=_json(accepted_json(example.accepted)),
        gold_impossible=gold is None,
        says_other=says_other,
        wrong=None if right else _wrong(judgement),
        features={
            "right tool": tuple(dict.fromkeys(one.name for one in example.accepted)),
            "right calls": (str(len(example.accepted)),),
            "tools": (str(len(example.tools)),),
        },
        faults={"argument": () if judgement.argument is None else (judgement.argument,)},
    )


def _wrong(judgement: ToolJudgement) -> str | None:
    """Which call and argument, what was found there, and what would have been right."""
    place = [f"call {judgement.call}"] if judgement.call is not None else []
    place += [judgement.argument] if judgement.argument is not None else []
    found = [judgement.got] if judgement.got is not None else []
    right = [f"right: {' or '.join(judgement.accepted)}"] if judgement.accepted else []
    where = [", ".join(place)] if place else []
    return "; ".join([": ".join([*where, *found]), *right]).removeprefix("; ") or None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
