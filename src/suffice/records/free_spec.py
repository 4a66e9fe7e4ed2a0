"""What free answers of a task are and how they are asked for, by its kind."""

from __future__ import annotations

from typing import TypeAlias

from suffice.records.answer_spec import AnswerSpec
from suffice.records.tool_spec import ToolSpec

FreeSpec: TypeAlias = AnswerSpec | ToolSpec
"""The section `answer` of a task of that kind; the section `tools` of one whose answers are calls."""


def is_held(spec: FreeSpec) -> bool:
    """Whether language models are held to the form: `answer.hold_form` or, of those that run here, `tools.held`.

    Args:
        spec: the section of the kind.
    """
    return spec.held if isinstance(spec, ToolSpec) else spec.hold_form


def held(spec: FreeSpec) -> FreeSpec:
    """The same with that key set; calls are held to the one form that can be.

    Args:
        spec: the section of the kind.
    """
    if isinstance(spec, ToolSpec):
        return spec.model_copy(update={"held": True, "form": "json"})
    return spec.model_copy(update={"hold_form": True})
