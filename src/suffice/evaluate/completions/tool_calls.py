"""Tool calls, parsed and judged, in the shape that every layer reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suffice.evaluate.completions.judged import Judged, JudgedRow
from suffice.kinds.tool_calls import parse, parse_tool_calls
from suffice.kinds.tool_judge import judge
from suffice.kinds.tool_match import matched
from suffice.kinds.tool_rows import accepted_json, gold_calls
from suffice.kinds.tool_schema import spelled
from suffice.kinds.tools import in_form, render_calls
from suffice.records.answers import Submission
from suffice.records.tool_calls import (
    TOOL_CLASSES,
    ParsedCalls,
    ToolCall,
    ToolJudgement,
    ToolRequest,
    WrittenAs,
)
from suffice.records.tool_spec import CallForm, ToolSpec

READ_AS: Mapping[CallForm, frozenset[WrittenAs]] = {
    "json": frozenset({"json", "fenced", "tagged"}),
    "tagged": frozenset({"json", "fenced", "tagged"}),
    "python": frozenset({"python", "fenced"}),
}
"""How calls may be written that a lenient reader of a form finds: in its syntax, whatever stands around them."""


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
        parsed = _parsed(request, completion)
        calls.append(tuple(replace(call, name=spelled(call.name, request.example.tools)) for call in parsed.calls))
        rows.append(_row(request, completion, parsed, calls[-1], spec))
        done(1)

    def fits(row: int, other: int) -> bool:
        example = requests[other].example
        if len(calls[row]) != len(example.accepted):
            return False
        return None not in matched(calls[row], example.accepted, {tool.name: tool for tool in example.tools})

    return Judged(rows=tuple(rows), classes=TOOL_CLASSES, groups=groups, fits=fits, same=str.__eq__, seed=seed)


def _parsed(request: ToolRequest, completion: Submission) -> ParsedCalls:
    if completion.tool_calls is not None:
        return parse_tool_calls(list(completion.tool_calls), content=completion.text)
    return parse(completion.text, names=[tool.name for tool in request.example.tools])


def _row(
    request: ToolRequest,
    completion: Submission,
    parsed: ParsedCalls,
    calls: tuple[ToolCall, ...],
    spec: ToolSpec,
) -> JudgedRow:
    example, given = request.example, completion.tool_calls is not None
    judgement = judge(parsed, example, truncated=completion.truncated)
    right = judgement.outcome == "right"
    as_asked = given or in_form(parsed, spec)
    readable = given or parsed.form in READ_AS[spec.form] or not parsed.calls
    called = None if parsed.fault else _json([{"name": one.name, "arguments": one.arguments} for one in calls])
    return JudgedRow(
        id=request.id,
        class_=judgement.outcome,
        strict=right and as_asked,
        lenient=right and readable,
        verified=right,
        truncated=completion.truncated,
        ends_known=completion.stop_reason is not None,
        gave_up=False,
        in_form=as_asked,
        stated=bool(calls),
        asked=request.text,
        text="\n".join(part for part in (completion.text, called if given else None) if part),
        gold_text=render_calls(gold_calls(example.accepted) or ()).strip(),
        answer=called,
        gold=_json(accepted_json(example.accepted)),
        wrong=None if right else _wrong(judgement),
        features={
            "right tool": tuple(dict.fromkeys(one.name for one in example.accepted)),
            "right calls": (str(len(example.accepted)),),
            "tools": (str(len(example.tools)),),
        },
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
