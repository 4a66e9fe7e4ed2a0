"""Which rows a person looks at, in which order, and how likely each was to be among them.

A queue is the beginning of one order that its key alone decides: a longer queue begins with the shorter one, and
whatever part of it has been looked at is a stratified sample of its own. See docs/decisions/0009.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.records.decision import Stratum, Why
from suffice.records.evidence import Suspicion
from suffice.records.splits import SPLIT_NAMES, Splits

TOP_SHARE, NEXT_SHARE = 0.05, 0.10
"""Share of the training rows, by suspicion, above which the strata `top_5` and `next_5` end."""

WEIGHTS: Mapping[Stratum, int] = {"top": 6, "top_5": 5, "next_5": 5, "rest": 12, "validation": 2, "test": 2}
"""Rows of each stratum in every thirty of the queue (test rows come on top, where they are asked for). Chosen so that
300 rows estimate the number of wrong labels: benchmarks/review_estimate.py."""

N_FIRST = 30
"""Rows that come by suspicion alone before the draws begin; these catch up within the first 150 rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Queued:
    """One row of the queue."""

    row: int
    """Position in the data version."""
    why: Why
    """What brought it here: its suspicion, a draw, or the person who named it."""
    stratum: Stratum
    """Where it stands."""
    inclusion_probability: float
    """Chance that a row of its stratum is in a queue of this length."""
    rank: int | None
    """Place by suspicion among the training rows, from 1; None for held-out rows."""

    @property
    def blind(self) -> bool:
        """Whether nothing of the models may be shown: labels that models are judged by are judged without them."""
        return self.rank is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """Everything that decides a queue but its length."""

    ranked: NDArray[np.int64]
    """Positions of the training rows, most suspicious first, shape [M]."""
    flagged: NDArray[np.int64]
    """Those of them for which another label is more probable than the one they have; they move no row of the queue, and
    the estimate counts them apart."""
    held_out: Mapping[Stratum, NDArray[np.int64]]
    """Positions of `validation` rows, and of `test` rows where these may be shown."""
    seed: int
    """Of the draws."""

    def beginning(self, limit: int) -> Queue:
        """The first rows of the queue."""
        return stratified_queue(self.ranked, self.held_out, limit=limit, seed=self.seed)

    def validation_alone(self, limit: int) -> Queue:
        """The first validation rows, in the order in which the whole queue draws them: a random sample, blind."""
        rows = self.held_out["validation"]
        order: list[tuple[int, Why]] = [(row, "random") for row in _drawn("validation", rows, seed=self.seed)[:limit]]
        strata: dict[Stratum, NDArray[np.int64]] = {"validation": rows}
        return Queue(items=tuple(_placed(order, strata, self.ranked)), strata=strata)


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """Rows to be looked at, and the strata that they are samples of."""

    items: tuple[Queued, ...]
    """In the order in which they are shown."""
    strata: dict[Stratum, NDArray[np.int64]]
    """Positions of all rows of each stratum: disjoint, together all training rows and the held-out rows asked for."""


def order_of(splits: Splits, suspicion: Suspicion, *, also_test: bool, seed: int) -> Order:
    """The order in which rows are looked at.

    Args:
        splits: where each row stands.
        suspicion: what models say of training rows, and of others that play no part.
        also_test: whether test rows may be shown.
        seed: of the draws.
    """
    in_train = splits.codes[suspicion.rows] == SPLIT_NAMES.index("train")
    held_out: dict[Stratum, NDArray[np.int64]] = {"validation": splits.rows("validation")}
    if also_test:
        held_out["test"] = splits.rows("test")
    ranked = suspicion.rows[in_train][np.argsort(-suspicion.score[in_train], kind="stable")]
    flagged = suspicion.rows[in_train & (suspicion.margin > 0.0)]
    return Order(ranked=ranked, flagged=flagged, held_out=held_out, seed=seed)


def stratified_queue(
    ranked: NDArray[np.int64],
    held_out: Mapping[Stratum, NDArray[np.int64]],
    *,
    limit: int,
    seed: int,
) -> Queue:
    """The first rows of the order in which every part is a sample from which wrong labels can be counted.

    Six streams take turns: the training rows by suspicion; random ones of the most suspicious twentieth, of the next,
    and of the rest; random validation rows; random test rows. The first stream begins with `N_FIRST` rows, and waits
    until the others have caught up. Those that it has passed are a stratum looked at whole. Within what it has not
    passed the others are simple random samples, wherever it stands.

    Args:
        ranked: positions of the training rows, most suspicious first, shape [M].
        held_out: positions of `validation` rows, and of `test` rows where these may be shown.
        limit: rows of the queue, fewer where there are fewer.
        seed: of the draws; it and the rows decide the order.
    """
    first, second = (int(np.ceil(share * len(ranked))) for share in (TOP_SHARE, NEXT_SHARE))
    pools: dict[Stratum, NDArray[np.int64]] = {
        "top_5": ranked[:first],
        "next_5": ranked[first:second],
        "rest": ranked[second:],
        **held_out,
    }
    drawn = {name: np.array(_drawn(name, pools[name], seed=seed), dtype=np.int64) for name in WEIGHTS if name in pools}
    order, passed = _take_turns({"top": ranked, **drawn}, limit=limit)
    strata: dict[Stratum, NDArray[np.int64]] = {"top": ranked[:passed]}
    strata |= {name: np.setdiff1d(pool, strata["top"]) for name, pool in pools.items()}
    return Queue(items=tuple(_placed(order, strata, ranked)), strata=strata)


def fix_first_queue(ranked: NDArray[np.int64], *, limit: int) -> Queue:
    """The order that repairs most: suspicion alone, without a row from which anything could be estimated.

    Args:
        ranked: positions of the training rows, most suspicious first, shape [M].
        limit: rows of the queue.
    """
    order: list[tuple[int, Why]] = [(row, "suspicious") for row in ranked[:limit].tolist()]
    strata: dict[Stratum, NDArray[np.int64]] = {"fix_first": ranked[:limit]}
    return Queue(items=tuple(_placed(order, strata, ranked)), strata=strata)


def asked_queue(rows: Sequence[int], ranked: NDArray[np.int64]) -> Queue:
    """Rows that the person named, in that order.

    Args:
        rows: their positions.
        ranked: positions of the training rows, most suspicious first, shape [M].
    """
    order: list[tuple[int, Why]] = [(row, "asked") for row in dict.fromkeys(rows)]
    strata: dict[Stratum, NDArray[np.int64]] = {"asked": np.array([row for row, _ in order], dtype=np.int64)}
    return Queue(items=tuple(_placed(order, strata, ranked)), strata=strata)


def _drawn(name: Stratum, rows: NDArray[np.int64], *, seed: int) -> list[int]:
    """Rows of a stratum in an order by chance, a stratum's own."""
    drawn: list[int] = np.random.default_rng([seed, list(WEIGHTS).index(name)]).permutation(rows).tolist()
    return drawn


def _take_turns(streams: Mapping[Stratum, NDArray[np.int64]], *, limit: int) -> tuple[list[tuple[int, Why]], int]:
    """Rows in the order of the turns, each once, and how many rows the first stream has passed."""
    passed, taken = dict.fromkeys(streams, 0), dict.fromkeys(streams, 0)
    shown: set[int] = set()
    order: list[tuple[int, Why]] = []
    while len(order) < limit:
        for name, rows in streams.items():
            while passed[name] < len(rows) and int(rows[passed[name]]) in shown:
                passed[name] += 1
        waiting = [name for name, rows in streams.items() if passed[name] < len(rows)]
        if not waiting:
            break
        # From then on each comes when it is furthest behind its share.
        begins = "top" in waiting and taken["top"] < N_FIRST
        name = "top" if begins else min(waiting, key=lambda name: (taken[name] + (name != "top") / 2) / WEIGHTS[name])
        row = int(streams[name][passed[name]])
        taken[name] += 1
        shown.add(row)
        order.append((row, "suspicious" if name == "top" else "random"))
        if name == "top":
            passed[name] += 1
    return order, passed["top"]


def _placed(
    order: Sequence[tuple[int, Why]], strata: Mapping[Stratum, NDArray[np.int64]], ranked: NDArray[np.int64]
) -> Iterator[Queued]:
    shown = np.array([row for row, _ in order], dtype=np.int64)
    rank = {row: place for place, row in enumerate(ranked.tolist(), start=1)}
    stratum: dict[int, tuple[Stratum, float]] = {}
    for name, rows in strata.items():
        within = np.intersect1d(rows, shown)
        stratum |= {row: (name, len(within) / len(rows)) for row in within.tolist()}
    for row, why in order:
        name, probability = stratum[row]
        yield Queued(row=row, why=why, stratum=name, inclusion_probability=probability, rank=rank.get(row))
