"""Which requests are worth a label: flagged and disputed ones, to train on, and some by chance, to judge by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from suffice.split.keyed import keyed_fractions
from suffice.store.requests import Entry

ONE_IN = 200
Why = Literal["random", "disputed", "review", "escalated"]
RANK: tuple[Why | None, ...] = (None, "escalated", "review", "disputed", "random")
"""Of a message that came several times, the latest of these is why it is wanted; of equals, the first time counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A request to be labelled."""

    entry: Entry
    why: Why
    """`random` whatever else it is: only such rows may enter validation or calibration. `disputed` where an endpoint
    named another label than the bundle, in time or not; `escalated` where it named the same one, and in ledgers of
    before, which do not tell."""


def is_drawn(ids: Sequence[str], *, one_in: int) -> list[bool]:
    """Whether each request is one of the few that chance draws.

    Its own id decides, which was made before anything was answered: the draw knows nothing of the answer, is the same
    whenever it is made, and the draw of a larger number is part of that of a smaller one.

    Args:
        ids: of requests.
        one_in: how many requests there are to one that is drawn.
    """
    return [fraction * one_in < 1.0 for fraction in keyed_fractions(ids, seed=0, purpose="label").tolist()]


def wanted(entries: Sequence[Entry], *, one_in: int) -> list[Wanted]:
    """Requests worth a label, each message once, in order of time.

    Args:
        entries: of the ledger.
        one_in: of how many requests one is drawn by chance.
    """
    found: dict[str, Wanted] = {}
    ordered = sorted(entries, key=lambda one: (one.at, one.id))
    for entry, drawn in zip(ordered, is_drawn([one.id for one in ordered], one_in=one_in), strict=True):
        why, before = _why(entry, drawn=drawn), found.get(entry.text_hash)
        if why is not None and RANK.index(why) > RANK.index(before.why if before else None):
            found[entry.text_hash] = Wanted(entry=entry, why=why)
    return sorted(found.values(), key=lambda one: (one.entry.at, one.entry.id))


def _why(entry: Entry, *, drawn: bool) -> Why | None:
    if drawn:
        return "random"
    if entry.disputed:
        return "disputed"
    if entry.route == "escalated":
        return "escalated"
    return None if entry.route == "local" else "review"
