"""Which column of a file of questions is what: as the task file names it, or found by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from suffice.dataset.chunk import Chunk
from suffice.dataset.columns import Column
from suffice.dataset.search import Search, has_earlier_turns
from suffice.errors import DataError
from suffice.records.task import DataSpec

QuestionShape = Literal["a table", "instruction/output pairs (Alpaca)", "OpenAI chats", "ShareGPT conversations"]
"""What kind of file was recognised."""
QUESTION_NAMES = ("question", "problem", "query", "prompt", "text", "message", "input")
"""Names of the question's column, likeliest first."""
ANSWER_NAMES = (
    "answer", "final_answer", "gold", "target", "solution", "response", "output", "completion", "label",
)  # fmt: skip
"""Names of the right answer's column, likeliest first: an answer by itself before a text that ends in one."""
TRACE_NAMES = ("trace", "rationale", "reasoning", "explanation", "steps", "cot", "solution")
"""Names of the trace's column, likeliest first; a solution is one where another column has the answer by itself."""
CONTEXT_NAMES = ("context",)
"""The name of the column of what is given to answer from."""
ID_NAMES = ("id",)
"""The name of the id's column. It is found by name, unlike that of messages: completions are matched by it."""
INSTRUCTION, INPUT, OUTPUTS = "instruction", "input", ("output", "response")
"""Columns of instructions with what they are to be followed on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionColumns:
    """What the columns of a file of questions mean."""

    shape: QuestionShape
    """What kind of file was recognised."""
    text: Column
    """Where the question is read from; of a chat, the whole of it."""
    answer: Column
    """Where the right answer is read from."""
    trace: Column | None
    """Where what leads to it is read from; None where it is part of the answer, or there is none."""
    context: Column | None
    """Where what is given to answer from is read; None where nothing is."""
    links: Column | None
    """Where gold links into the knowledge are read; None where there are none."""
    id: Column | None
    """None: ids are made of source, row and text."""
    group: Column | None
    split: Column | None
    """None where the data brings no split by row."""
    notes: tuple[str, ...]
    """Sentences about what was seen and not used."""

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns to read, each once."""
        used = (self.text, self.answer, self.trace, self.context, self.links, self.id, self.group, self.split)
        return tuple(dict.fromkeys(name for column in used if column for name in column.names))


def find_question_columns(data: DataSpec, *, chunk: Chunk, source: str, split_by_file: bool) -> QuestionColumns:
    """Decides what is read from which column; names given in the task file are followed, never replaced by a guess.

    Args:
        data: what the task file says.
        chunk: the first rows, with all columns.
        source: the file's name, for errors.
        split_by_file: the split is known from the file's name, and no column may say otherwise.

    Raises:
        DataError: a named column is missing, or no question or answer was found.
    """
    search = _QuestionSearch(data, chunk=chunk, source=source)
    shape, text, answer = search.conversations() or search.instructions() or ("a table", search.text(), search.answer())
    trace = search.trace(answer) if shape == "a table" else None
    context = search.by_name_or_found("context", CONTEXT_NAMES)
    id_, group, links = search.by_name_or_found("id", ID_NAMES), search.named("group"), search.named("links")
    split = search.split(split_by_file=split_by_file)
    if shape == "a table" and text and answer:
        search.keep_apart(text, answer)
    if search.problems or text is None or answer is None:
        raise DataError(search.problems)
    return QuestionColumns(
        shape=shape,
        text=text,
        answer=answer,
        trace=trace,
        context=context,
        links=links,
        id=id_,
        group=group,
        split=split,
        notes=tuple(search.notes),
    )


class _QuestionSearch(Search):
    """Columns of questions and right answers."""

    def conversations(self) -> tuple[QuestionShape, Column, Column] | None:
        """Shape and column of chats; None where the task file or the cells say that there are none."""
        shapes: dict[str, QuestionShape] = {"messages": "OpenAI chats", "conversations": "ShareGPT conversations"}
        name = self.first(tuple(shapes)) if self.data.text is None and self.data.label is None else None
        values = self.chunk.columns[name] if name is not None else ()
        if name is None or not any(
            isinstance(value, list) and value and isinstance(value[0], dict) for value in values
        ):
            return None
        if any(has_earlier_turns(value) for value in values):
            self.notes.append("system messages, and turns before the last question, are not read")
        text = Column(names=(name,), why="the last question of each chat")
        return shapes[name.strip().casefold()], text, Column(names=(name,), why="the assistant's answer to it")

    def instructions(self) -> tuple[QuestionShape, Column, Column] | None:
        """Columns of instructions with their outputs; None where the task file or the names say that there are none."""
        output = self.first(OUTPUTS)
        if self.data.text is not None or self.data.label is not None or INSTRUCTION not in self.by_name or not output:
            return None
        asked = [self.by_name[name] for name in (INSTRUCTION, INPUT) if name in self.by_name]
        shape: QuestionShape = "instruction/output pairs (Alpaca)"
        why = f"recognised in {shape}"
        return shape, Column(names=tuple(asked), why=why), Column(names=(output,), why=why)

    def text(self) -> Column | None:
        """The column or columns of the question."""
        given = self.data.text
        if given is not None:
            return self.as_named("text", (given,) if isinstance(given, str) else given)
        return self.found("text", QUESTION_NAMES, fix="say which one holds the question: data.text=COLUMN")

    def answer(self) -> Column | None:
        """The column of the right answer."""
        if self.data.label is not None:
            return self.as_named("label", (self.data.label,))
        return self.found("label", ANSWER_NAMES, fix="say which one holds the right answer: data.label=COLUMN")

    def trace(self, answer: Column | None) -> Column | None:
        """The column of what leads to the answer; a trace that is part of the answer needs none."""
        if self.data.trace is not None:
            return self.as_named("trace", (self.data.trace,))
        found = self.first(TRACE_NAMES)
        return Column(names=(found,), why="found by name") if found and answer and found not in answer.names else None

    def keep_apart(self, text: Column, answer: Column) -> None:
        """Refuses one column as question and answer."""
        both = [name for name in answer.names if name in text.names]
        if both:
            rule, fix = "question and answer must be different columns", "correct data.text or data.label"
            self.problem(rule, got=f"{both[0]!r} for both", fix=fix)
