"""How a bundle tells messages that it was not taught to answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Measure = Literal["logit", "distance"]
"""`logit`: the largest score of a label before scores are made probabilities, taken from 0. `distance`: how much
farther what a message is for the model lies from the nearest label's training rows than from all of them, in variances.
"""
OutsideBy = Literal["out_of_scope", "held_out"]
"""Messages with the data's out-of-scope label, or those of labels that were held out in turn."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScopeRecord:
    """A threshold on how far messages lie from what a bundle was taught, and what it does on unseen rows."""

    measure: Measure
    """What is measured; more is farther."""
    max_refused: float
    """The most messages in scope that may be taken for outside, a fraction."""
    threshold: float | None
    """Messages that lie farther are outside; None: none are."""
    n_inside: int
    """Messages in scope that neither fitting nor a choice has seen."""
    n_refused: int
    """Of them, how many lie farther than the threshold."""
    outside_by: OutsideBy
    """What stood for messages that are outside."""
    n_outside: int
    """How many of these there were."""
    n_caught: int
    """Of them, how many lie farther than the threshold."""
    separation: float | None
    """How likely one of these lies farther than one in scope, 0.5 by chance; None without either."""
    why: str | None = None
    """Why there is no threshold; None where there is one."""
