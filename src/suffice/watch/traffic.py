"""Entries of the ledger to the requests that statistics are made of: in order of time, copies collapsed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from suffice.store.requests import Entry

DAY_S, HOUR_S = 86_400.0, 3_600.0
COPY_S = HOUR_S
"""A message that comes again within so long of the last time that it counted counts as one request: a client that
tries again is one event. Not for ever, or a message that is often sent would be in the baseline alone."""
MOSTLY = 0.9
"""Share of requests that must have a number for it to be watched: an empty message has none, and an old ledger less."""
NOT_MEASURED = frozenset({"at", "probability", "latency_ms", "cost", "hosted", "own_probability"})
"""Numbers of an entry that tell nothing of its message, or have a statistic of their own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Traffic:
    """N requests to one bundle, in order of time."""

    entries: tuple[Entry, ...]
    at: NDArray[np.float64]
    """Seconds since 1970, shape [N]."""
    confidence: NDArray[np.float64]
    """How sure the bundle was of its own answer, shape [N]; where that is not known of all that was sent on, all that
    was flagged or sent on counts as the least sure answer that was given."""
    local: NDArray[np.bool_]
    """Whether the bundle's own answer was given and not flagged, shape [N]."""
    outside: NDArray[np.bool_] | None
    """Whether the bundle took the message for out of scope, shape [N]; None where it tells none."""
    codes: NDArray[np.int64]
    """Label of the bundle's own answer, shape [N]; where that is not known, of what went out."""
    n_labels: int
    """Labels that `codes` count."""
    scores: Mapping[str, NDArray[np.float64]]
    """Further numbers of each request, by name, shape [N] each: the higher, the stranger."""
    n_copies: int
    """Entries that were collapsed."""
    n_narrowed: int
    """Entries that were left out, since their request left labels out: what was answered is not what the bundle would
    have said, nor as sure."""

    @property
    def hours(self) -> NDArray[np.int64]:
        """Hour of the day of each request, of UTC, shape [N]."""
        return np.asarray((self.at % DAY_S) // HOUR_S, dtype=np.int64)

    def first(self, n: int) -> Traffic:
        """The first requests alone.

        Args:
            n: how many.
        """
        return replace(
            self,
            entries=self.entries[:n],
            at=self.at[:n],
            confidence=self.confidence[:n],
            local=self.local[:n],
            outside=None if self.outside is None else self.outside[:n],
            codes=self.codes[:n],
            scores={name: values[:n] for name, values in self.scores.items()},
        )


def traffic_of(entries: Sequence[Entry], scores: Mapping[str, NDArray[np.float64]] | None = None) -> Traffic:
    """Requests of entries.

    Any number of an entry that is there for every one of them, beside time, probability, latency and money, becomes a
    score.

    Args:
        entries: of one bundle, in any order, at least one of which was not narrowed.
        scores: further numbers of each entry, shape [entries]: the higher, the stranger.
    """
    order = sorted(
        (i for i, one in enumerate(entries) if not one.narrowed), key=lambda i: (entries[i].at, entries[i].id)
    )
    kept = _once(entries, order)
    mine = [entries[i] for i in kept]
    given = dict(scores or {}) | _numbers(entries)
    said = [one.label if one.own_label is None else one.own_label for one in mine]
    labels = {label: code for code, label in enumerate(sorted(set(said)))}
    local = np.array([one.route == "local" for one in mine], dtype=np.bool_)
    return Traffic(
        entries=tuple(mine),
        at=np.array([one.at for one in mine], dtype=np.float64),
        confidence=_confidence(mine, local),
        local=local,
        outside=_outside(mine),
        codes=np.array([labels[label] for label in said], dtype=np.int64),
        n_labels=len(labels),
        scores={name: values[kept] for name, values in given.items()},
        n_copies=len(order) - len(kept),
        n_narrowed=len(entries) - len(order),
    )


def _once(entries: Sequence[Entry], order: Sequence[int]) -> list[int]:
    """Positions without those of a message that has counted within the hour before."""
    counted: dict[str, float] = {}
    kept = []
    for i in order:
        one = entries[i]
        if one.at - counted.get(one.text_hash, -np.inf) >= COPY_S:
            counted[one.text_hash] = one.at
            kept.append(i)
    return kept


def _confidence(entries: Sequence[Entry], local: NDArray[np.bool_]) -> NDArray[np.float64]:
    """In ledgers of before, an escalated entry has the probability of the endpoint's label alone, and an endpoint that
    rests must not look like other messages: as soon as one such is there, all that was flagged or sent on counts alike.
    """
    own = (one.probability if one.own_probability is None else one.own_probability for one in entries)
    said = np.array([*own], dtype=np.float64)
    if any(one.route == "escalated" and one.own_probability is None for one in entries):
        said[~local] = said[local].min() if local.any() else 0.0
    return said


def _outside(entries: Sequence[Entry]) -> NDArray[np.bool_] | None:
    """Only a bundle that has a measure of it tells what is out of scope, and it has none of an empty message."""
    if not any(one.scope is not None for one in entries):
        return None
    return np.array([one.why == "outside" for one in entries], dtype=np.bool_)


def _numbers(entries: Sequence[Entry]) -> dict[str, NDArray[np.float64]]:
    names = [one.name for one in fields(Entry) if one.name not in NOT_MEASURED]
    found = {}
    for name in names:
        values = [getattr(one, name) for one in entries]
        known = [value for value in values if isinstance(value, float)]
        if len(known) >= MOSTLY * len(values) and known:
            middle = float(np.median(known))
            found[name] = np.array([middle if value is None else value for value in values], dtype=np.float64)
    return found
