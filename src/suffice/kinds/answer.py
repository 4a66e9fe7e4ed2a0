"""`kind: answer`: a question goes in, text comes out that ends in an answer which can be checked."""

from __future__ import annotations

from suffice.kinds.classify import ChatMessage, Example, Prompt
from suffice.kinds.equality import same_letters, same_value
from suffice.kinds.final_answer import parse
from suffice.records.answer_spec import PLACE, AnswerSpec
from suffice.records.answers import AnswerVerdict, Gold, ParsedAnswer
from suffice.records.constraint import Constraint

__all__ = ["chat", "constraint", "default_instruction", "judge", "parse", "prompt", "render", "render_answer"]

NOUNS = {
    "number": "the number",
    "choice": "your choice",
    "text": "the answer in a few words",
    "expression": "the expression in LaTeX",
}
"""What stands in the place of the answer when the form is shown, by type."""


def default_instruction(spec: AnswerSpec) -> str:
    """What a language model is told when the task file says nothing.

    Args:
        spec: what an answer is and how it is asked for.
    """
    shown = spec.form.replace(PLACE, f"<{NOUNS[spec.type]}>")
    told = f"Answer the question step by step. End with a line that reads: {shown}"
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

    Args:
        gold: the right answer.
        spec: the form.
    """
    last = spec.form.replace(PLACE, gold.answer)
    return f" {gold.trace.strip()}\n{last}" if gold.trace else f" {last}"


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
    told = instruction.strip() or default_instruction(spec)
    return (ChatMessage(role="system", content=told), ChatMessage(role="user", content=question.strip()))


def constraint(spec: AnswerSpec, *, with_trace: bool) -> Constraint:
    """What an engine may be held to: one of the choices in its form, where no trace comes before it.

    Args:
        spec: what an answer is and how it is asked for.
        with_trace: whether steps are to be written before the answer.
    """
    if spec.type != "choice" or with_trace:
        return Constraint(choices=None)
    return Constraint(choices=tuple(spec.form.replace(PLACE, option) for option in spec.options))


def judge(parsed: ParsedAnswer, gold: str, spec: AnswerSpec) -> AnswerVerdict:
    """What three graders say of an answer.

    Args:
        parsed: what was answered.
        gold: the right answer.
        spec: what an answer is.
    """
    verified = False if parsed.answer is None else same_value(gold, parsed.answer, spec)
    return AnswerVerdict(
        strict=parsed.strict is not None and same_letters(gold, parsed.strict),
        lenient=parsed.lenient is not None and same_letters(gold, parsed.lenient),
        verified=bool(verified),
        gave_up=verified is None,
    )
