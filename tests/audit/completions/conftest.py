from __future__ import annotations

import pytest

from suffice.audit.completions import ANSWER_CHECKS, CALL_CHECKS, AnswerRows, CallRows
from suffice.kinds.calls.rows import read_row

_CHECKS = {check.code: check for check in (*ANSWER_CHECKS, *CALL_CHECKS)}.values()
TOOLS = [
    {
        "name": "geo.area",
        "parameters": {
            "type": "object",
            "properties": {"radius": {"type": "integer"}, "unit": {"type": "string"}},
            "required": ["radius"],
        },
    },
    {"name": "weather", "parameters": {"type": "object", "properties": {}}},
]


@pytest.fixture
def calls():
    def made(*rows):
        """Rows of (request, accepted calls)."""
        examples = [
            read_row(
                {"messages": [{"role": "user", "content": asked}], "tools": TOOLS, "accepted_calls": accepted},
                where="row",
            )
            for asked, accepted in rows
        ]
        return CallRows(questions=tuple(asked for asked, _ in rows), examples=tuple(examples))

    return made


def rows_of(rows):
    """Rows of (question, trace or None, answer); completions end in `#### answer`."""
    questions, traces, answers = zip(*rows, strict=True)
    completions = tuple(f"{trace}\n#### {answer}" if trace else f"#### {answer}" for _, trace, answer in rows)
    return AnswerRows(questions=questions, traces=traces, answers=answers, completions=completions)


@pytest.fixture
def found():
    def look(code, rows):
        [check] = [one for one in _CHECKS if one.code == code]
        given = rows if isinstance(rows, AnswerRows | CallRows) else rows_of(rows)
        assert check.needs(given) is None
        return list(check.look(given))

    return look


@pytest.fixture
def why_not():
    def ask(code, rows):
        [check] = [one for one in _CHECKS if one.code == code]
        return check.needs(rows if isinstance(rows, AnswerRows | CallRows) else rows_of(rows))

    return ask
