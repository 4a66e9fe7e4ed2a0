"""Lines of JSON to requests with tools, and what was called back to lines that `suffice evaluate` reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from suffice.bundles.calls import FreeCalls
from suffice.dataset.cells import Fault, id_of
from suffice.errors import MAX_SHOWN, DataError, Problem, quoted
from suffice.kinds.calls.rows import read_request
from suffice.rungs.answering import AskedRequest


def read_request_lines(lines: Iterable[str], *, name: str, whole: bool) -> Iterator[AskedRequest]:
    """The requests of a stream, one by one; those without an id go by the number of their row, from 0.

    Args:
        lines: text with line ends; each a JSON object with `messages` and `tools`, and perhaps an `id`.
        name: what errors call the stream.
        whole: whether the stream is all there. It is read to its end then for whatever else is wrong with it; one whose
            next line may be long in coming ends with its first bad line.

    Raises:
        DataError: lines that are none, with their numbers; the requests before the first have been given.
    """
    n_read, problems, n_more = 0, list[Problem](), 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            asked = _request(line, where=f"{name}:{number}", row=n_read)
        except DataError as error:
            every = [*problems, *error.problems]
            problems, n_more = every[:MAX_SHOWN], n_more + len(every[MAX_SHOWN:])
            if not whole:
                break
            continue
        n_read += 1
        if not problems:
            yield asked
    if problems:
        raise DataError(problems, n_more=n_more)


def line_of(asked: AskedRequest, found: FreeCalls) -> str:
    """What was called as a line of JSON. Calls that cannot be read are left out, so that whoever scores the line reads
    them in what was written.

    Args:
        asked: the request.
        found: what was called.
    """
    told = {
        "id": asked.id,
        "request": found.request,
        "completion": found.completion,
        "tool_calls": None if found.calls is None else found.tool_calls(),
        "fault": found.fault,
        "in_form": found.in_form,
        "stop_reason": found.stop_reason,
        "n_tokens": found.n_tokens,
        "passages": [asdict(one) for one in found.passages],
    }
    return json.dumps(told, ensure_ascii=False)


def _request(line: str, *, where: str, row: int) -> AskedRequest:
    fix = 'write {"id": ..., "messages": [...], "tools": [...]}'
    try:
        record = json.loads(line)
        given = record.get("id") if isinstance(record, dict) else None
        id_ = str(row) if given is None else id_of(given)
    except Fault as fault:
        raise DataError(Problem(where=where, rule=f"the id {fault.rule}", got=fault.got, fix=fault.fix)) from None
    except (ValueError, RecursionError):
        rule = "every line must be JSON"
        raise DataError(Problem(where=where, rule=rule, got=quoted(line.rstrip("\n")), fix=fix)) from None
    example = read_request(record, where=where)
    return AskedRequest(id=id_, messages=example.messages, tools=example.tools)
