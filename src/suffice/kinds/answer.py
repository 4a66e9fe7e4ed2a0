"""`kind: answer`: a question goes in, text comes out that ends in an answer which can be checked."""

from __future__ import annotations

import json
import re
from typing import Any

from suffice.kinds.extraction.final_answer import parse
from suffice.kinds.extraction.in_form import in_form
from suffice.kinds.gold.equality import same_letters, same_value
from suffice.kinds.prompts import ChatMessage, Example, Prompt, Wording
from suffice.records.answer_spec import PLACE, AnswerSpec
from suffice.records.answers import AnswerVerdict, Gold, ParsedAnswer
from suffice.records.constraint import Constraint

__all__ = [
    "answer_given",
    "answer_schema",
    "chat",
    "conversation",
    "default_instruction",
    "end_in_form",
    "form_demanded",
    "judge",
    "parse",
    "prompt",
    "render",
    "render_answer",
    "up_to_form",
    "wordings",
]

ANSWER = "answer"
"""The key of `answer_schema`."""
NOUNS = {
    "number": "the number",
    "choice": "your choice",
    "text": "the answer in a few words",
    "expression": "the expression in LaTeX",
}
"""What stands in the place of the answer when the form is shown, by type."""
_ENDS = {
    "number": r"-?[0-9]{1,15}(\.[0-9]{1,8})?(/[0-9]{1,8})?",
    "text": r"[^\n ][^\n]{0,79}",
    "expression": r"[^\n ][^\n]{0,159}",
}
"""What an answer is held to where a model is made to give one in the form asked for, by type; choices hold it to
themselves."""


def default_instruction(spec: AnswerSpec) -> str:
    """What a language model is told when the task file says nothing.

    Args:
        spec: what an answer is and how it is asked for.
    """
    shown = spec.form.replace(PLACE, f"<{NOUNS[spec.type]}>")
    return _with_choices(f"Answer the question step by step. End with a line that reads: {shown}", spec)


def wordings(spec: AnswerSpec) -> tuple[Wording, ...]:
    """The default instruction, three others of the same meaning, and none at all: reliance on a wording is measured so.

    Each of the four asks for steps and names the same last line, so that nothing but the wording changes. They are
    fixed: a figure over wordings is a figure over these.

    Args:
        spec: what an answer is and how it is asked for.
    """
    shown = spec.form.replace(PLACE, f"<{NOUNS[spec.type]}>")
    said = {
        "role": f"You are a careful teacher. Work the question out in steps. Your last line must be: {shown}",
        "short": f"Solve it in steps, and end with the line {shown}",
        "form_first": f"The last line of your reply must read {shown}. Before that line, work out the answer in steps.",
    }
    told = {"default": default_instruction(spec)} | {name: _with_choices(one, spec) for name, one in said.items()}
    return tuple(Wording(name=name, instruction=instruction) for name, instruction in (told | {"none": ""}).items())


def _with_choices(told: str, spec: AnswerSpec) -> str:
    if spec.type != "choice" or spec.choices is None:
        return told
    return f"{told}\nThe choices are: {', '.join(spec.choices)}."


def render(question: str) -> str:
    """A question as it stands in the prompt.

    Args:
        question: its text.
    """
    return f" {question.strip()}"


def render_answer(gold: Gold, spec: AnswerSpec) -> str:
    """A right answer as a completion: its trace, where it has one, and the answer in the form that is asked for.

    The strict grader takes it for right: what is taught is not the answer as the data writes it, with a unit perhaps,
    but the same as the form takes it.

    Args:
        gold: the right answer.
        spec: what an answer is and how it is asked for.
    """
    last = spec.form.replace(PLACE, in_form(gold.answer, spec))
    return f" {_thought_out(gold.trace).strip()}\n{last}" if gold.trace else f" {last}"


def prompt(instruction: str, *, examples: tuple[Example, ...] = ()) -> Prompt:
    """The frame of every question of a task.

    Args:
        instruction: what the model is told; empty for nothing at all.
        examples: questions with their answers as `render_answer` writes them.
    """
    told = f"{instruction.strip()}\n\n" if instruction.strip() else ""
    first, after = "Question:", "\nAnswer:"
    shown = "".join(f"{first}{render(one.text)}{after}{one.answer}\n\n" for one in examples)
    return Prompt(before=f"{told}{shown}{first}", after=after)


def chat(question: str, *, instruction: str, spec: AnswerSpec) -> tuple[ChatMessage, ...]:
    """What a chat model is told that was not trained for the task: what is to be done, then the question alone.

    Args:
        question: its text.
        instruction: as in the task file; empty for the default.
        spec: what an answer is and how it is asked for.
    """
    return conversation(question, told=instruction.strip() or default_instruction(spec))


def conversation(question: str, *, told: str, examples: tuple[Example, ...] = ()) -> tuple[ChatMessage, ...]:
    """What a chat model is told: what is to be done, questions that were answered so, then the question alone.

    Args:
        question: its text.
        told: the instruction, taken as it is; empty for none.
        examples: questions with their answers as `render_answer` writes them.
    """
    first = [ChatMessage(role="system", content=told.strip())] if told.strip() else []
    shown = [
        turn
        for one in examples
        for turn in (
            ChatMessage(role="user", content=one.text.strip()),
            ChatMessage(role="assistant", content=one.answer.strip()),
        )
    ]
    return (*first, *shown, ChatMessage(role="user", content=question.strip()))


def up_to_form(text: str, spec: AnswerSpec) -> str:
    """A completion that does not end in the form asked for, up to where the answer would have to stand.

    Thoughts that never ended are ended: nobody reads an answer inside them.

    Args:
        text: all that was written.
        spec: the form.
    """
    written = _thought_out(text)
    return f"{written}\n{spec.before}" if written else spec.before


def _thought_out(text: str) -> str:
    """A text with its thoughts ended, where they have no end."""
    opened = text.count("<think>") > text.count("</think>")
    return f"{text.rstrip()}\n</think>" if opened else text.rstrip()


def end_in_form(spec: AnswerSpec) -> Constraint:
    """What an engine is held to behind `up_to_form`: an answer of the type, and what the form has behind it.

    Args:
        spec: what an answer is and how it is asked for.
    """
    if spec.type == "choice":
        return Constraint(choices=tuple(f"{option}{spec.after}" for option in spec.options))
    return Constraint(pattern=f"({_ENDS[spec.type]}){re.escape(spec.after)}")


def form_demanded(spec: AnswerSpec) -> str:
    """What a chat model is told that has ended in another form, where it cannot be made to go on from its beginning.

    Args:
        spec: what an answer is and how it is asked for.
    """
    shown = spec.form.replace(PLACE, f"<{NOUNS[spec.type]}>")
    return f"Give your final answer again, with nothing else, in a line that reads: {shown}"


def answer_schema(spec: AnswerSpec) -> dict[str, Any]:
    """The JSON schema of an answer alone, for endpoints that hold a reply to one.

    Args:
        spec: what an answer is.
    """
    one: dict[str, Any] = {"type": "string", "description": f"{NOUNS[spec.type]}, alone"}
    if spec.type == "choice":
        one["enum"] = list(spec.options)
    return {"type": "object", "properties": {ANSWER: one}, "required": [ANSWER], "additionalProperties": False}


def answer_given(reply: str, spec: AnswerSpec) -> str | None:
    """The answer in a reply to `form_demanded`, whether it keeps to the schema or to the words; None where it has none.

    Args:
        reply: all that was said.
        spec: what an answer is and how it is asked for.
    """
    said = reply.strip()
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        said = str(found.get(ANSWER, "")).strip()
    answer = parse(said, spec).answer if said else None
    return None if answer is None or "\n" in answer else answer


def judge(parsed: ParsedAnswer, gold: str, spec: AnswerSpec) -> AnswerVerdict:
    """What three graders say of an answer.

    Args:
        parsed: what was answered.
        gold: the right answer.
        spec: what an answer is.
    """
    verified = False if parsed.answer is None else same_value(gold, parsed.answer, spec)
    return AnswerVerdict(
        strict=parsed.strict is not None and _spelt_alike(gold, parsed.strict, spec),
        lenient=parsed.lenient is not None and _spelt_alike(gold, parsed.lenient, spec),
        verified=bool(verified),
        gave_up=verified is None,
    )


def _spelt_alike(gold: str, said: str, spec: AnswerSpec) -> bool:
    """Whether an answer is spelt as the right one is, or as the form takes that one: of `18 dollars` it takes 18."""
    if same_letters(gold, said):
        return True
    # Values are compared first since they are quick to compare, and most answers that are spelt otherwise are wrong.
    return spec.type == "number" and bool(same_value(gold, said, spec)) and same_letters(in_form(gold, spec), said)
