"""Traffic for the benchmark of drift: answers of a rung, asked again in days that have hours, bursts and copies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.watch.traffic import DAY_S, Traffic

PER_DAY = 10_000
CYCLE = 0.8
"""The busiest hour has (1 + c) / (1 - c) = nine times the requests of the quietest."""
MIX = 0.5
"""At its own hour a label is exp(2 m) = 2.7 times as common as twelve hours later; each label has its own hour."""
BURSTS_A_DAY, BURST_S, BURST_SHARE = 2.0, 2_700.0, 0.3
"""For three quarters of an hour three requests in ten are about one label."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What a rung says of messages."""

    confidence: NDArray[np.float64]
    """Shape [M]."""
    y_pred: NDArray[np.int64]
    """Shape [M]."""
    y_true: NDArray[np.int64]
    """Shape [M]; -1 where no label is right."""
    unknown: NDArray[np.float64]
    """Share of words that no training row has, shape [M]."""

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Answers:
        """Those at these positions."""
        return Answers(**{name: getattr(self, name)[rows] for name in ("confidence", "y_pred", "y_true", "unknown")})

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each is right, shape [M]."""
        return np.asarray(self.y_true == self.y_pred)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Requests, and which message each is."""

    at: NDArray[np.float64]
    rows: NDArray[np.int64]


Other = Callable[[NDArray[np.int64], np.random.Generator], NDArray[np.int64]]
"""Rows of ordinary requests to the rows that are asked instead."""


def asked(y_true: NDArray[np.int64], *, days: float, cycles: bool, generator: np.random.Generator) -> Asked:
    """Requests of some days.

    Args:
        y_true: label of each message, shape [M].
        days: how many.
        cycles: whether hours and bursts differ; otherwise every request is drawn alike.
        generator: of the draw.
    """
    n = int(generator.poisson(days * PER_DAY))
    if not cycles:
        at = np.sort(generator.uniform(0.0, days * DAY_S, n))
        return Asked(at=at, rows=generator.integers(0, len(y_true), n))
    at = _times(n, days, generator)
    rows = _by_hour(y_true, at, generator)
    for begin in generator.uniform(0.0, days * DAY_S, int(generator.poisson(BURSTS_A_DAY * days))):
        low, high = np.searchsorted(at, [begin, begin + BURST_S])
        about = np.flatnonzero(y_true == generator.choice(y_true))
        taken = low + np.flatnonzero(generator.random(high - low) < BURST_SHARE)
        rows[taken] = generator.choice(about, len(taken))
    return Asked(at=at, rows=rows)


def _times(n: int, days: float, generator: np.random.Generator) -> NDArray[np.float64]:
    """Times with a daily cycle, by the inverse of its distribution on a grid of minutes."""
    minutes = np.arange(int(days * 1_440) + 1) * 60.0
    rate = 1.0 - CYCLE * np.cos(2.0 * np.pi * minutes / DAY_S)
    through = np.cumsum(rate) / rate.sum()
    return np.sort(np.interp(generator.random(n), through, minutes))


def _by_hour(y_true: NDArray[np.int64], at: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.int64]:
    hours = (at % DAY_S / 3_600.0).astype(np.int64)
    own_hour = np.random.default_rng(5).uniform(0.0, 24.0, int(y_true.max()) + 1)[y_true]
    rows = np.empty(len(at), dtype=np.int64)
    for hour in range(24):
        mine = np.flatnonzero(hours == hour)
        weights = np.cumsum(np.exp(MIX * np.cos(2.0 * np.pi * (hour - own_hour) / 24.0)))
        rows[mine] = np.searchsorted(weights, generator.random(len(mine)) * weights[-1])
    return rows


def traffic(said: Answers, requests: Asked, *, n_labels: int, with_words: bool) -> Traffic:
    """The requests as the ledger would tell of them.

    Args:
        said: of every message.
        requests: which are asked when.
        n_labels: of the set.
        with_words: whether texts are kept, so that unknown words are known.
    """
    rows = requests.rows
    return Traffic(
        entries=(),
        at=requests.at,
        confidence=said.confidence[rows],
        local=np.ones(len(rows), dtype=np.bool_),
        outside=None,
        codes=said.y_pred[rows],
        n_labels=n_labels,
        scores={"unknown words": said.unknown[rows]} if with_words else {},
        n_copies=0,
        n_narrowed=0,
    )
