"""`kind: classify`: a message goes in, one label of a closed set comes out."""

from __future__ import annotations

from collections.abc import Sequence

from suffice.kinds.prompts import ChatMessage, Example, Prompt, Wording
from suffice.records.labels import INVENTED, LabelSet

MAX_LISTED = 20
"""Longer label lists stay out of the default instruction: a tuned model has learned them, and they cost tokens."""


def spoken_names(labels: LabelSet) -> tuple[str, ...]:
    """What a language model reads and says for each label, length K: a blank for an underscore, on one line.

    Where two labels would then read the same, all names stay as they are.

    Args:
        labels: the task's labels.
    """
    spoken = tuple(" ".join(name.replace("_", " ").split()) for name in labels.names)
    return spoken if len(set(spoken)) == len(spoken) else labels.names


def default_instruction(labels: LabelSet, *, most_listed: int = MAX_LISTED) -> str:
    """What a language model is told when the task file says nothing.

    Args:
        labels: the task's labels.
        most_listed: the most labels that are listed; more are counted.
    """
    if len(labels) > most_listed:
        return _unlisted_instruction(labels)
    return f"Sort the message into one of these categories: {_listed(labels)}. Answer with the category only."


def wordings(labels: LabelSet, *, most_listed: int = MAX_LISTED) -> tuple[Wording, ...]:
    """The default instruction, five others of the same meaning, and none at all: reliance on a wording is measured so.

    Every one of the six names the same labels, or their number, and asks for the label alone, so that nothing but the
    wording changes. They are fixed: a figure over wordings is a figure over these.

    Args:
        labels: the task's labels.
        most_listed: the most labels that are listed; more are counted, as in `default_instruction`.
    """
    listed = _listed(labels) if len(labels) <= most_listed else ""
    one_of = f"one of these categories: {listed}" if listed else f"one of {len(labels)} categories"
    there_are = f"Categories: {listed}." if listed else f"There are {len(labels)} categories."
    said = {
        "default": default_instruction(labels, most_listed=most_listed),
        "question": f"The message belongs to {one_of}. Which one is it? Say nothing but the category.",
        "role": f"You are a clerk who assigns each message to {one_of}. Reply with the category only.",
        "short": f"Classify the message as {one_of}. Category only.",
        "polite": f"Please read the message and tell me {one_of}, the one that fits. Please give only the category.",
        "labels_first": f"{there_are} Choose the one that fits the message. Answer with that category only.",
        "none": "",
    }
    return tuple(Wording(name=name, instruction=instruction) for name, instruction in said.items())


def render(text: str) -> str:
    """A message as it stands in the prompt, between `before` and `after`.

    Args:
        text: the message.
    """
    return f" {text.strip()}"


def render_answer(answer: str) -> str:
    """An answer as it stands in the prompt, behind `after`.

    Args:
        answer: as `spoken_names` writes it.
    """
    return f" {answer}"


def prompt(instruction: str, *, examples: Sequence[Example] = ()) -> Prompt:
    """The frame of every message of a task.

    Args:
        instruction: what the model is told; empty for nothing at all.
        examples: messages with their answers, each in the shape in which the message itself stands; a blank line
            follows each answer.
    """
    told = f"{instruction.strip()}\n\n" if instruction.strip() else ""
    first, after = "Message:", "\nCategory:"
    shown = "".join(f"{first}{render(one.text)}{after}{render_answer(one.answer)}\n\n" for one in examples)
    return Prompt(before=f"{told}{shown}{first}", after=after)


def _listed(labels: LabelSet) -> str:
    return ", ".join(spoken_names(labels))


def chat(text: str, *, instruction: str, labels: LabelSet) -> tuple[ChatMessage, ...]:
    """What a chat model is told that was not trained for the task: instruction and labels, then the message alone.

    The labels are spelled as they must be answered, and everything that is the same for all messages comes first, so
    that an endpoint can keep what it computed of it.

    Args:
        text: the message.
        instruction: as in the task file; empty for the default.
        labels: the task's labels.
    """
    told = instruction.strip() or _unlisted_instruction(labels)
    listed = "\n".join(labels.names)
    asked = "Answer with one of these categories, exactly as it is written here, and with nothing else."
    system = f"{told}\n\nCategories:\n{listed}\n\n{asked}"
    return (ChatMessage(role="system", content=system), ChatMessage(role="user", content=text.strip()))


def label_said(said: str, labels: LabelSet) -> int:
    """The label that an answer is, or `INVENTED`.

    An answer is a label if it is spelled so, or so but for case, blanks and underscores, where that leaves one label.
    Whatever else it says is never turned into a label: a sentence with a label in it is not the answer asked for.

    Args:
        said: what the model answered.
        labels: the task's labels.
    """
    if said in labels.names:
        return labels.names.index(said)
    plain = [k for k, name in enumerate(labels.names) if _bare(name) == _bare(said)]
    return plain[0] if len(plain) == 1 and _bare(said) else INVENTED


def _unlisted_instruction(labels: LabelSet) -> str:
    return f"Sort the message into one of {len(labels)} categories. Answer with the category only."


def _bare(name: str) -> str:
    return "".join(sign for sign in name.casefold() if not sign.isspace() and sign != "_")
