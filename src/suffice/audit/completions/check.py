"""The shape of a check of answers or calls: what it reads, what it may find, when it cannot run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from suffice.audit.check import Found
from suffice.kinds.traces.trace import check_trace
from suffice.records.answer_spec import AnswerSpec
from suffice.records.finding import Severity
from suffice.records.tool_calls import ToolExample
from suffice.records.trace import TraceCheck


class AskedRows(Protocol):
    """N rows of either kind."""

    @property
    def questions(self) -> tuple[str, ...]:
        """What was asked. No finding quotes one: a test row that was shown proves nothing any more."""
        ...


@dataclass(frozen=True, kw_only=True)
class AnswerRows:
    """N rows of a task whose answers can be checked: what every check of answers reads. Not slotted: it keeps what it
    computed of the traces, which several checks read.
    """

    questions: tuple[str, ...]
    """What was asked."""
    traces: tuple[str | None, ...]
    """What leads to each answer; None where the data has nothing that does."""
    answers: tuple[str, ...]
    """The right answers, alone."""
    completions: tuple[str, ...]
    """Each right answer as the data writes it, trace, mark and all: what a model would be taught to say."""
    spec: AnswerSpec = field(default_factory=AnswerSpec)
    """What an answer is."""
    contexts: tuple[str | None, ...] | None = None
    """What was given to answer from beside each question; None where no row has anything."""
    knowledge: str = ""
    """All that the task's documents say; empty where it has none."""

    def __post_init__(self) -> None:
        n = len(self.questions)
        assert len(self.traces) == len(self.answers) == len(self.completions) == n > 0, "one of each for each row"

    @cached_property
    def given(self) -> tuple[str, ...]:
        """Each question, with its context where there is one."""
        contexts = self.contexts or (None,) * len(self.questions)
        return tuple(
            question if context is None else f"{context}\n\n{question}"
            for question, context in zip(self.questions, contexts, strict=True)
        )

    @cached_property
    def checked(self) -> dict[int, TraceCheck]:
        """Each row that has a trace, with the trace computed anew."""
        rows = enumerate(zip(self.traces, self.given, self.answers, strict=True))
        return {
            row: check_trace(trace, question=question, answer=answer)
            for row, (trace, question, answer) in rows
            if trace is not None
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRows:
    """N rows of a task whose answers are calls of tools: what every check of calls reads."""

    questions: tuple[str, ...]
    """What was asked."""
    examples: tuple[ToolExample, ...]
    """What may be called, and what is right."""
    knowledge: str = ""
    """All that the task's documents say; empty where it has none."""

    def __post_init__(self) -> None:
        assert len(self.questions) == len(self.examples) > 0, "one of each for each row"


Rows_contra = TypeVar("Rows_contra", bound=AskedRows, contravariant=True)


def positions(rows: Iterable[int]) -> NDArray[np.int64]:
    """Rows as a finding holds them.

    Args:
        rows: positions, ascending.
    """
    return np.array(list(rows), dtype=np.int64)


def without_traces(rows: AnswerRows) -> str | None:
    """For checks that read traces: that there are none; None where there are some."""
    return None if any(trace is not None for trace in rows.traces) else "no row has a trace"


def without_calls(rows: CallRows) -> str | None:
    """For checks that read right calls: that there are none; None where there are some."""
    return None if any(example.accepted for example in rows.examples) else "in no row a call is right"


def without_two_rows(rows: AskedRows) -> str | None:
    """For checks that hold rows against one another: that there are fewer than two; None where there are two."""
    return None if len(rows.questions) > 1 else "there are fewer than two rows"


def always(rows: AskedRows) -> str | None:
    """For checks that can run on any rows: a single one shows all that they look for."""
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class RowCheck(Generic[Rows_contra]):
    """One thing that the audit looks at in answers or calls; each file of this room has one."""

    code: str
    """Stable name: `trace_arithmetic`."""
    severity: Severity
    """Of all that it finds."""
    rule: str
    """What must hold."""
    look: Callable[[Rows_contra], Iterable[Found]]
    """What is found; nothing where the rows are clear."""
    needs: Callable[[Rows_contra], str | None]
    """Why it cannot run on these rows; None where it can."""
