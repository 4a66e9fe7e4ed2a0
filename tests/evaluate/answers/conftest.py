"""Completions judged beside right answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from judged_answers import judge_all

from suffice.evaluate.answers import JudgedAnswers


@pytest.fixture
def judge() -> Callable[..., JudgedAnswers]:
    """Judges rows of right answer and completion."""
    return judge_all
