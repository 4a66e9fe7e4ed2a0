from __future__ import annotations

import pytest

from suffice.audit.answers import CHECKS, AnswerRows


def rows_of(rows):
    """Rows of (question, trace or None, answer); completions end in `#### answer`."""
    questions, traces, answers = zip(*rows, strict=True)
    completions = tuple(f"{trace}\n#### {answer}" if trace else f"#### {answer}" for _, trace, answer in rows)
    return AnswerRows(questions=questions, traces=traces, answers=answers, completions=completions)


@pytest.fixture
def found():
    def look(code, rows):
        [check] = [one for one in CHECKS if one.code == code]
        given = rows if isinstance(rows, AnswerRows) else rows_of(rows)
        assert check.needs(given) is None
        return list(check.look(given))

    return look


@pytest.fixture
def why_not():
    def ask(code, rows):
        [check] = [one for one in CHECKS if one.code == code]
        return check.needs(rows_of(rows))

    return ask
