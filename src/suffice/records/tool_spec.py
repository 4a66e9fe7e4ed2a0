"""The section `tools` of the task file: the form in which calls are asked for."""

from __future__ import annotations

from typing import Literal

from suffice.records.section import Section

CallForm = Literal["json", "tagged", "python"]


class ToolSpec(Section):
    """How the calls of a task are asked for."""

    form: CallForm = "json"
    """How a completion writes calls: a JSON list of them and nothing else, each in `<tool_call>` tags, or in Python's
    syntax. Calls that a system gives as `tool_calls` are in form whatever this says."""
