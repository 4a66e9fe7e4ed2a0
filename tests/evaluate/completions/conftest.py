"""Completions judged beside right answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from judged_answers import judge_all

from suffice.evaluate.completions import Judged


@pytest.fixture
def judge() -> Callable[..., Judged]:
    """Judges rows of right answer and completion."""
    return judge_all
