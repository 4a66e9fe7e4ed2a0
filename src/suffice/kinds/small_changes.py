"""Rows with a small change that leaves what is right as it is: what an answer needs word for word is never touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from suffice.kinds.extraction.final_answer import named_choices
from suffice.kinds.numbers.known import numbers_said
from suffice.kinds.tools import render
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Question
from suffice.records.free_spec import FreeSpec
from suffice.records.sensitivity import SmallChange
from suffice.records.tool_calls import AcceptedArgument, AcceptedCall, AcceptedObject, ToolRequest
from suffice.text.options import options_of, rotated_options
from suffice.text.retyped import greeted, lowered, mistyped, words_of

LEAST_OF_LONGER = 3
"""Letters of a word from which longer words that begin with it count as forms of it."""
Row: TypeAlias = Question | ToolRequest
"""A row with what is right."""


def changed_row(row: Row, change: SmallChange, *, spec: FreeSpec, seed: int) -> Row:
    """A row that asks the same, changed; the row itself where the change has nothing to change in it.

    Args:
        row: with what is right, whose words are kept.
        change: what to change.
        spec: the task's section of its kind.
        seed: with the row's text, decides slips and greetings.
    """
    if isinstance(row, ToolRequest):
        return _changed_request(row, change, seed=seed)
    assert isinstance(spec, AnswerSpec), "questions are of a task whose kind is answer"
    return _changed_question(row, change, spec=spec, seed=seed)


def changed_text(text: str, change: SmallChange, *, keep: frozenset[str] = frozenset(), seed: int) -> str:
    """A message that says the same, changed; as it is where there is nothing to change, and where options are asked
    for: those of a message belong to nothing that is asked.

    Args:
        text: of the message; options that it ends in stay as they are.
        change: what to change.
        keep: words that must stay, case folded, beside those that are numbers.
        seed: with the text, decides slips and greetings.
    """
    if change == "greeting":
        return greeted(text, seed=seed)
    options = options_of(text)
    end = options[0].start if options else len(text)
    asks, lists = text[:end], text[end:]
    if change == "case":
        return lowered(asks, keeps=lambda word: _is_kept(word, keep)) + lists
    if change == "typo":
        return mistyped(asks, keeps=lambda word: _is_kept(word, keep), seed=seed) + lists
    return text


def _is_kept(word: str, keep: frozenset[str]) -> bool:
    """Whether a word is needed as it is: itself, or what it is a longer form of, as `teaspoons` is of `teaspoon`."""
    folded = word.casefold()
    begins = any(folded.startswith(one) for one in keep if len(one) >= LEAST_OF_LONGER)
    return begins or folded in keep or bool(numbers_said(word))


def _changed_question(question: Question, change: SmallChange, *, spec: AnswerSpec, seed: int) -> Question:
    if change == "options":
        return _rotated_question(question, spec)
    keep = words_of([question.gold.answer, *(spec.options if spec.type == "choice" else ())])
    return replace(question, text=changed_text(question.text, change, keep=keep, seed=seed))


def _rotated_question(question: Question, spec: AnswerSpec) -> Question:
    """With the right letters moved along; what led to the old ones is left out."""
    turned = rotated_options(question.text) if spec.type == "choice" else None
    if turned is None:
        return question
    named = named_choices(question.gold.answer, spec.options)
    letters = [turned.letters.get(choice) for choice in named]
    if all(letter is None for letter in letters) and not any(len(choice) == 1 for choice in named):
        return replace(question, text=turned.text)  # It is named by its words, which have moved as well.
    if not set(letters) <= set(spec.options):
        return question
    answer = ", ".join(sorted(letter for letter in letters if letter is not None))
    return replace(question, text=turned.text, gold=replace(question.gold, answer=answer, trace=None), written=None)


def _changed_request(request: ToolRequest, change: SmallChange, *, seed: int) -> ToolRequest:
    example = request.example
    if change == "options":
        return replace(request, example=replace(example, tools=(*example.tools[-1:], *example.tools[:-1])))
    said = [k for k, message in enumerate(example.messages) if message.role == "user"]
    if not said:
        return request
    keep = words_of(text for call in example.accepted for text in _texts_of_call(call))
    messages, last = list(example.messages), said[-1]
    asks = changed_text(messages[last].content, change, keep=keep, seed=seed)
    messages[last] = replace(messages[last], content=asks)
    return replace(request, example=replace(example, messages=tuple(messages)), text=render(messages).strip())


def _texts_of_call(call: AcceptedCall) -> Iterator[str]:
    """What the arguments of a right call may say word for word."""
    yield call.name
    for argument in call.arguments.values():
        yield from _texts(argument)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, AcceptedArgument):
        yield from _texts(value.values)
    elif isinstance(value, AcceptedObject):
        yield from _texts(tuple(value.keys.values()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
