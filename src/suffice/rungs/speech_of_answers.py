"""How `kind: answer` is asked for and said: a question, and text that ends in an answer."""

from __future__ import annotations

from dataclasses import replace

from suffice.kinds.answer import (
    conversation,
    default_instruction,
    end_in_form,
    parse,
    prompt,
    render,
    render_answer,
    up_to_form,
)
from suffice.kinds.prompts import ChatPrompt, Example
from suffice.kinds.traces.steps import steps_of
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Question
from suffice.records.completion import Completion
from suffice.records.task import Learned
from suffice.rungs.answering import AnyAsked, AnyRow
from suffice.rungs.speech import HeldTo

FORM_TOKENS = 64
"""The most tokens of an answer that a model is held to behind what it wrote."""


class SpeechOfAnswers:
    """Questions and answers; as in `speech.Speech`."""

    next_turn = "\nQuestion:"

    def __init__(self, spec: AnswerSpec) -> None:
        """
        Args:
            spec: what an answer is and in which form it is asked for.
        """
        self._spec = spec

    def default_instruction(self) -> str:
        """Step by step, with the last line that is asked for."""
        return default_instruction(self._spec)

    def said(self, row: AnyRow, *, target: Learned = "trace") -> str:
        """The trace, where the row has one and it is asked for, and the answer in its form."""
        gold = _question(row).gold
        return render_answer(gold if target == "trace" else replace(gold, trace=None), self._spec)

    def explains(self, row: AnyRow) -> bool:
        """Whether it has a trace."""
        return _question(row).gold.trace is not None

    def n_steps(self, row: AnyRow) -> int:
        """Steps of the trace; 0 without one."""
        return len(steps_of(_question(row).gold.trace or "").steps)

    def example(self, row: AnyRow) -> Example:
        """With its trace."""
        return Example(text=row.given, answer=self.said(row))

    def prompt(self, asked: AnyAsked, *, told: str, examples: tuple[Example, ...]) -> ChatPrompt:
        """A conversation, or a text to go on with."""
        around = prompt(told, examples=examples)
        return ChatPrompt(
            messages=conversation(asked.text, told=told, examples=examples),
            plain=f"{around.before}{render(asked.text)}{around.after}",
        )

    def constraint(self, asked: AnyAsked) -> None:
        """Free: what is held from its first token is held in what it thinks."""
        del asked

    def held(self, asked: AnyAsked, own: Completion) -> HeldTo | None:
        """Behind what was written stands the beginning of the form; what follows is an answer of the type. What was cut
        off had not come to its answer: it is too long, and no other form.
        """
        del asked
        if own.stop_reason == "length" or parse(own.text, self._spec).strict is not None:
            return None
        before = up_to_form(own.text, self._spec)
        return HeldTo(constraint=end_in_form(self._spec), behind=before, most=FORM_TOKENS)


def _question(row: AnyRow) -> Question:
    assert isinstance(row, Question), "rows of kind answer are questions"
    return row
