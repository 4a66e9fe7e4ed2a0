"""What free answers of a task are and how they are asked for, by its kind."""

from __future__ import annotations

from typing import TypeAlias

from suffice.records.answer_spec import AnswerSpec
from suffice.records.tool_spec import ToolSpec

FreeSpec: TypeAlias = AnswerSpec | ToolSpec
"""The section `answer` of a task of that kind; the section `tools` of one whose answers are calls."""
