"""What a person decided about a row, and why the row was shown to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Action = Literal["keep", "relabel", "ambiguous", "drop", "undo"]
ACTIONS: tuple[Action, ...] = get_args(Action)
Why = Literal["suspicious", "random", "asked"]
Stratum = Literal["top", "top_5", "next_5", "rest", "validation", "test", "fix_first", "asked"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """Why a row was put before a person, and what was beside it."""

    why: Why
    """`suspicious`: its turn by suspicion; `random`: drawn within its stratum; `asked`: the person named it."""
    stratum: Stratum
    """`top`: the most suspicious rows, shown one and all; `top_5`, `next_5`, `rest`: the others of the most suspicious
    twentieth of the training rows, of the twentieth after it, and of all below; `validation` and `test`: those splits;
    `fix_first`: order of suspicion alone; `asked`: rows that the person named."""
    inclusion_probability: float
    """Chance that a row of its stratum is in a queue of this length; 1.0 where all of them are."""
    rank: int | None
    """Place by suspicion among the training rows, from 1; None where the row was shown blind."""
    suggested: str | None
    """Label that the models would give; None where the row was shown blind."""
    blind: bool
    """Whether nothing of the models was shown: neither suggestion nor neighbours."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """One line of the decisions file."""

    who: str
    """Name of the person."""
    when: str
    """ISO 8601, UTC."""
    source: str
    """Name of the file that the row came from."""
    row: int
    """0-based position in the source."""
    text_sha256: str
    """Hash of the message: a row that has moved is found by it."""
    id: str
    """Id of the row when it was decided."""
    was: str
    """Its label then."""
    action: Action
    """`undo` takes back what the same person last decided about the row."""
    became: str | None
    """The label given, for `relabel`; None otherwise."""
    shown: Shown
    """Why it was shown."""
