"""What another engine has to do to answer as a bundle does: the exact prompt, and the answers to choose from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from suffice.errors import BundleError, Problem
from suffice.rungs.causal import SavedCausal
from suffice.store import strict_json

CONTRACT = "suffice.json"
"""Its name in an export."""
FormName = Literal["peft", "merged", "vllm"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contract:
    """Stands in every export, as `suffice.json`."""

    before: str
    """The prompt up to the message."""
    after: str
    """The prompt behind the message; the answer is the next token. A message stands between both after one blank,
    without white space at its ends."""
    labels: tuple[str, ...]
    """The labels, in order."""
    answers: tuple[str, ...]
    """What is answered for each label: one token each, with its leading blank."""
    answer_ids: tuple[int, ...]
    """Ids of these tokens."""
    temperature: float
    """Divides the logits of the answers before the softmax over them."""
    context_tokens: int
    """The most tokens of a message with what follows it."""
    precision: str
    """What the bundle was measured in."""
    base: str
    """Name of the base model."""
    fingerprint: str
    """Of the base model: hash over weights and tokenizer."""
    form: FormName
    """What it was written for."""

    @property
    def is_merged(self) -> bool:
        """Whether the adapter is part of the weights."""
        return self.form != "peft"

    def prompt(self, text: str) -> str:
        """A message as the model reads it.

        Args:
            text: the message.
        """
        return f"{self.before} {text.strip()}{self.after}"


def contract_of(saved: SavedCausal, labels: tuple[str, ...], *, temperature: float, form: FormName) -> Contract:
    """The contract of a tuned language model.

    Args:
        saved: what puts it together.
        labels: its labels in order.
        temperature: of its bundle.
        form: what it is written for.

    Raises:
        BundleError: it answers with a head, which no other engine reads.
    """
    if saved.tokens is None:
        raise BundleError(
            Problem(
                where="label_output",
                rule="other engines read an answer token, not a head over hidden states",
                got="a bundle that answers with a head",
                fix="fit again with train.label_output=tokens",
            )
        )
    return Contract(
        before=saved.before,
        after=saved.after,
        labels=labels,
        answers=saved.tokens.strings,
        answer_ids=saved.tokens.ids,
        temperature=temperature,
        context_tokens=saved.context_tokens,
        precision=saved.precision,
        base=saved.base.name,
        fingerprint=saved.base.fingerprint,
        form=form,
    )


def read_contract(folder: Path) -> Contract:
    """The contract of an export.

    Args:
        folder: what `export_bundle` wrote.

    Raises:
        BundleError: there is none, or it was changed.
    """
    return strict_json.read(folder / CONTRACT, Contract)
