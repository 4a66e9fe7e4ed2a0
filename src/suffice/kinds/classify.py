"""`kind: classify`: a message goes in, one label of a closed set comes out."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.records.labels import LabelSet

MAX_LISTED = 20
"""Longer label lists stay out of the default instruction: a tuned model has learned them, and they cost tokens."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """What stands around a message. No tokenizer merges the message with what is before it, so that one pass over
    `before` serves every message. What is after it may be merged with its last sign (Qwen has one token for a question
    mark and a line break): whoever encodes takes the message and `after` together.
    """

    before: str
    """The instruction and the words that introduce the message: the same for every message."""
    after: str
    """What follows the message; the next token is the answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """The constraint that the engine enforces: one of these, nothing else."""

    labels: LabelSet
    """The closed set."""


def default_instruction(labels: LabelSet) -> str:
    """What a language model is told when the task file says nothing.

    Args:
        labels: the task's labels.
    """
    if len(labels) > MAX_LISTED:
        return f"Sort the message into one of {len(labels)} categories. Answer with the category only."
    listed = ", ".join(name.replace("_", " ") for name in labels.names)
    return f"Sort the message into one of these categories: {listed}. Answer with the category only."


def render(text: str) -> str:
    """A message as it stands in the prompt, between `before` and `after`.

    Args:
        text: the message.
    """
    return f" {text.strip()}"


def prompt(instruction: str) -> Prompt:
    """The frame of every message of a task.

    Args:
        instruction: what the model is told.
    """
    return Prompt(before=f"{instruction.strip()}\n\nMessage:", after="\nCategory:")


def constraint(labels: LabelSet) -> Choices:
    """What an answer may be.

    Args:
        labels: the task's labels.
    """
    return Choices(labels=labels)
