"""Questions with their right answers, what was answered, and what is said of each answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

AnswerClass = Literal[
    "right",
    "right_value_wrong_form",
    "truncated_without_answer",
    "no_answer",
    "right_form_wrong_value",
    "wrong_form_wrong_value",
]
ANSWER_CLASSES: tuple[AnswerClass, ...] = get_args(AnswerClass)
"""The waterfall of an answer: the first that fits."""
CUT_OFF = frozenset({"length", "max_tokens", "max_output_tokens", "max_length", "model_length"})
"""Reasons to stop that say that the text was cut off, as OpenAI, Anthropic, vLLM, TGI and Mistral name them."""


def behind(context: str | None, text: str) -> str:
    """A question with what is to be read before it.

    Args:
        context: what it is to be answered from; None or empty for nothing.
        text: the question.
    """
    return f"{context}\n\n{text}" if context else text


def context_of(found: str | None, own: str | None) -> str | None:
    """What is read before a question: what was found for it, and behind that what its row brings itself.

    Args:
        found: passages of knowledge; None or empty for nothing.
        own: the row's; None or empty for nothing.
    """
    return "\n\n".join(part for part in (found, own) if part) or None


@dataclass(frozen=True, kw_only=True, slots=True)
class Gold:
    """The right answer to a question, as the data gives it."""

    answer: str
    """The answer alone."""
    trace: str | None
    """What leads to it; None where the data has none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A row of a task whose kind is `answer`."""

    id: str
    """Unique among the rows: the row's own, or one made of source, row and text."""
    source: str
    """Name of the file that the row came from."""
    row: int
    """0-based position in the source."""
    text: str
    """The question."""
    gold: Gold
    """Its right answer."""
    group: str | None
    """Customer, thread or template: its rows are no independent ones."""
    split: str | None
    """The split that the data itself brought."""
    written: str | None = None
    """The right answer as the data writes it, trace, mark and all; None where that is not known any more."""
    context: str | None = None
    """What was given to answer from, beside the question; None where nothing was."""
    links: tuple[str, ...] = ()
    """Gold links: what names the passages of knowledge that answer it; empty where nobody says."""

    @property
    def given(self) -> str:
        """All that whoever answers is given: the context, where there is one, and the question behind it."""
        return behind(self.context, self.text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What a system wrote for one row, as it is handed in to be judged."""

    id: str
    """The row's id."""
    text: str
    """All that it wrote."""
    stop_reason: str | None
    """Why it ended, as the system says; None where it does not say."""
    tool_calls: tuple[Any, ...] | None = None
    """Calls as the system gave them beside its text, in OpenAI's form and unchecked; None where it gave text alone."""

    @property
    def truncated(self) -> bool:
        """Whether it is known to have been cut off; where nobody says why it ended, that is not claimed."""
        return self.stop_reason is not None and self.stop_reason.casefold() in CUT_OFF


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedAnswer:
    """What a completion answers, found without a look at the right answer."""

    strict: str | None
    """What stands in the form that was asked for; None where the form is another."""
    lenient: str | None
    """The last thing in the text that could be an answer, `strict` where that is one; None where nothing could."""
    answer: str | None
    """What it answers, whatever the form; None where no answer was found."""
    stated: bool
    """Whether it says that this is its answer, by the form asked for or any other sign, rather than merely ending in
    something that could be one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerVerdict:
    """What three graders say of one answer."""

    strict: bool
    """The form that was asked for holds the right answer, letter by letter but for case, currency, commas, and what the
    data writes beside a number and the form does not take."""
    lenient: bool
    """The last thing that could be an answer is the right one, letter by letter but for the same; so is what is right
    by `strict`."""
    verified: bool
    """What it answers has the same value as the right answer."""
    gave_up: bool
    """Whether the values were too long or too slow to be held against each other; `verified` is then False."""
