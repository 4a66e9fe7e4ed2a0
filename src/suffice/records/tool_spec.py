"""The section `tools` of the task file: the form in which calls are asked for."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from suffice.records.section import Section, broken_rule

CallForm = Literal["json", "tagged", "python"]


class ToolSpec(Section):
    """How the calls of a task are asked for."""

    form: CallForm = "json"
    """How a completion writes calls: a JSON list of them and nothing else, each in `<tool_call>` tags, or in Python's
    syntax. Calls that a system gives as `tool_calls` are in form whatever this says."""
    held: bool = False
    """Whether a language model that runs here is held to the tools of each request while it writes: no other tool can
    come out, and no argument against its schema."""

    @model_validator(mode="after")
    def _held_to_json(self) -> Self:
        if self.held and self.form != "json":
            rule = "tools.held goes with tools.form: json, which is what completions are held to"
            fix = "write form: json below tools, or take held out"
            raise broken_rule(rule, keys=("tools.held", "tools.form"), fix=fix)
        return self
