"""The section `answer` of the task file: what an answer is, and the form in which it is asked for."""

from __future__ import annotations

from string import ascii_uppercase
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from suffice.records.section import Section, broken_rule

AnswerType = Literal["number", "choice", "text", "expression"]
PLACE = "{answer}"
"""Where the answer stands in `form`."""
LETTERS = tuple(ascii_uppercase[:10])
"""The choices where a task of choices names none."""


class AnswerSpec(Section):
    """What the answers of a task are."""

    type: AnswerType = "number"
    """What an answer is worth: a number, one or several of a set of choices, a short text, an expression in LaTeX."""
    form: str = f"#### {PLACE}"
    """The last line of a completion as it is asked for, with `{answer}` where the answer stands: `#### {answer}`,
    `\\boxed{{answer}}` (anywhere in the last line), `{answer}` (the answer alone)."""
    hold_form: bool = False
    """Whether a completion that ended in another form is made to end in this one: what stands before the answer is
    written behind it, and the model goes on with an answer of the type; an endpoint is shown what it wrote, and asked
    for the answer alone. One that was cut off stays as it is."""
    choices: Annotated[tuple[str, ...], Field(min_length=2)] | None = None
    """What there is to choose from, for `type: choice`; the letters A to J when absent."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.form.count(PLACE) != 1 or "\n" in self.form:
            rule = f"answer.form must be one line with {PLACE} in it once"
            fix = f"write it in quotes with {PLACE} where the answer is to stand: form: '#### {PLACE}'"
            raise broken_rule(rule, keys=("answer.form",), fix=fix)
        return self

    @model_validator(mode="after")
    def _choices_of_a_choice(self) -> Self:
        if self.choices is not None and self.type != "choice":
            keys, fix = ("answer.choices", "answer.type"), "write type: choice below answer, or take choices out"
            raise broken_rule("answer.choices goes with answer.type: choice", keys=keys, fix=fix)
        names = [name.strip().casefold() for name in self.choices or ()]
        if len(set(names)) < len(names) or "" in names:
            rule = "answer.choices must differ from one another in more than case, and none may be empty"
            fix = "keep one of those that are alike, and none without text"
            raise broken_rule(rule, keys=("answer.choices",), fix=fix)
        return self

    @property
    def options(self) -> tuple[str, ...]:
        """The choices that there are."""
        return self.choices or LETTERS

    @property
    def before(self) -> str:
        """What stands in `form` before the answer."""
        return self.form.partition(PLACE)[0]

    @property
    def after(self) -> str:
        """What stands in `form` behind the answer."""
        return self.form.partition(PLACE)[2]
