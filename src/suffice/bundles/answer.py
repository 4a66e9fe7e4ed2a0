"""What one message is answered with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Route = Literal["local", "review", "escalated"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One label and the probability of every label."""

    text: str
    """The message."""
    label: str
    """The most probable label; always one of the bundle's."""
    probability: float
    """Its probability."""
    probabilities: dict[str, float]
    """Of every label, in the order of the label set; they sum to 1."""
    out_of_scope: float | None
    """How far the message lies from what the bundle was taught, more is farther; comparable within one version of a
    bundle. None of an empty message, and where the bundle was not calibrated."""
    outside: bool
    """Whether that is farther than the bundle's threshold."""
    route: Route
    """`review` where a person should look: the message was empty, it lies outside of what the bundle was taught, or the
    answer is less sure than what is promised of the bundle's answers. `escalated` where an endpoint was asked instead
    and has said a label, whose probability is the bundle's own all the same. `local` otherwise."""
    truncated: bool
    """Whether the message was longer than the context, and was shortened."""
