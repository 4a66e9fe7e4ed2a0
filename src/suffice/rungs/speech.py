"""How a kind of free text is asked for and said: all that a rung which answers freely has to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from suffice.kinds.prompts import ChatPrompt, Example
from suffice.records.completion import Completion
from suffice.records.constraint import Constraint
from suffice.records.task import Learned
from suffice.rungs.answering import AnyAsked, AnyRow


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldTo:
    """How a completion that has not the form asked for is brought to it."""

    constraint: Constraint
    """What the model is held to."""
    behind: str | None
    """What was written, with the beginning of the form behind it: the model goes on from there. None where it writes
    anew."""
    most: int | None
    """The most tokens that it may write; None for as many as any completion."""


class Speech(Protocol):
    """One kind, with its section of the task file."""

    next_turn: str
    """What a model without a chat template writes where it goes on to a row of its own: the completion ends there."""

    def default_instruction(self) -> str:
        """What a language model is told when the task file says nothing."""
        ...

    def said(self, row: AnyRow, *, target: Learned = "trace") -> str:
        """What is right to write for a row, behind a blank.

        Args:
            row: of the kind.
            target: whether what leads there is written as well; calls have nothing that does.
        """
        ...

    def explains(self, row: AnyRow) -> bool:
        """Whether it shows how what is right comes about: such examples are shown first.

        Args:
            row: of the kind.
        """
        ...

    def n_steps(self, row: AnyRow) -> int:
        """What makes a row hard where easy ones come first: its steps, or its calls.

        Args:
            row: of the kind.
        """
        ...

    def example(self, row: AnyRow) -> Example:
        """A row as it is shown in a prompt.

        Args:
            row: of the kind.
        """
        ...

    def prompt(self, asked: AnyAsked, *, told: str, examples: tuple[Example, ...]) -> ChatPrompt:
        """What is asked, in every form in which models take it.

        Args:
            asked: of the kind.
            told: the instruction, taken as it is; empty for none.
            examples: as `example` made them.
        """
        ...

    def constraint(self, asked: AnyAsked) -> Constraint | None:
        """What a completion is held to from its first token; None where it is free.

        Args:
            asked: of the kind.
        """
        ...

    def held(self, asked: AnyAsked, own: Completion) -> HeldTo | None:
        """How a completion is brought to the form that is asked for; None where it has it, or is to stay as it is.

        Args:
            asked: what it was written for.
            own: as it was written.
        """
        ...
