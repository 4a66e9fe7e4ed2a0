"""Requests to whether they are still of the kind that the baseline was, and which of them to label first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from suffice.stats.abstention import Said
from suffice.stats.cusum import crossing, cusum
from suffice.watch.against import AgainstCalibration, early, held_against, shares_below
from suffice.watch.baseline import LEAST_REQUESTS, baseline_of
from suffice.watch.streams import Stream, streams_of, tail
from suffice.watch.thresholds import ALARM_DAYS, thresholds
from suffice.watch.traffic import DAY_S, Traffic


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """One statistic since the baseline."""

    name: str
    """`unsure`: some answers are less sure; `confidence`: all are somewhat less sure; `labels`: other label shares; or
    the name of a further score, some of which are higher."""
    height: float
    """The most that its sum has reached."""
    threshold: float
    """What it may not cross."""
    tolerated: float
    """Evidence that is taken off each request."""
    alarm_at: float | None
    """When it crossed, seconds since 1970; None where it has not."""
    began_at: float | None
    """When what made it cross began, by the likeliest reckoning."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspect:
    """A request to label first."""

    id: str
    at: float
    label: str
    """What was answered."""
    probability: float
    text_hash: str
    text: str | None
    """Where texts are kept."""
    evidence: float
    """How much it speaks for a change, in nats."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """What is known of the requests to one bundle."""

    state: Literal["gathering", "steady", "drift"]
    """`gathering`: too few requests for a baseline, and those that there are were not found to differ from calibration
    rows."""
    n: int
    """Requests, copies collapsed."""
    n_copies: int
    """Entries of the ledger that came within an hour of their like."""
    n_narrowed: int
    """Entries that are left out, since their request left labels out."""
    n_baseline: int
    """Requests of the baseline, or that are there of those that it needs."""
    baseline_ends: float | None
    """Seconds since 1970."""
    by_hour: bool
    """Whether hours of the day are known apart; otherwise an alarm may be of the time of day."""
    per_day: float | None
    """Requests a day in the baseline: what false alarms are reckoned by."""
    outside: float | None
    """Share of the requests since the baseline, or of all without one, that the bundle took for out of scope; None
    where it tells none."""
    statistics: tuple[Watched, ...]
    against_calibration: AgainstCalibration | None
    """None without calibration rows, with too few, or with too few requests."""
    label_first: tuple[Suspect, ...]

    @property
    def first(self) -> Watched | None:
        """The statistic that gave the first alarm."""
        alarmed = [one for one in self.statistics if one.alarm_at is not None]
        return min(alarmed, key=lambda one: one.alarm_at or 0.0, default=None)

    @property
    def since(self) -> float | None:
        """Since when requests are of another kind; None where they are not known to be."""
        if self.against_calibration is not None and self.against_calibration.differs:
            return 0.0
        return None if self.first is None else self.first.began_at


def watch(
    traffic: Traffic,
    calibration: Said | None,
    *,
    tolerance: float,
    n_first: int,
    alarm_days: float = ALARM_DAYS,
    seed: int = 0,
) -> Drift:
    """Holds requests against the first of them.

    An alarm that a baseline of three days has given stands: one of seven would take in what it was about.

    Args:
        traffic: of one version of a bundle, at least one request.
        calibration: what the bundle says of its calibration rows; None where they are not at hand.
        tolerance: share of requests that may be of another kind without being drift.
        n_first: how many requests to label first.
        alarm_days: days in which all statistics together may give one false alarm.
        seed: of the months that thresholds are drawn from.
    """
    baseline = baseline_of(traffic)
    if baseline is None:
        return _gathering(traffic, calibration, tolerance=tolerance, n_first=n_first)
    taken_in = traffic.first(baseline.n)
    earlier = baseline_of(taken_in)
    if earlier is not None and earlier.by_hour and earlier.n < baseline.n:
        before = watch(taken_in, calibration, tolerance=tolerance, n_first=n_first, alarm_days=alarm_days, seed=seed)
        if before.first is not None:
            n = len(traffic.at)
            return replace(before, n=n, n_copies=traffic.n_copies, n_narrowed=traffic.n_narrowed)
    last = min(baseline.n, len(traffic.at) - 1)
    per_day = baseline.n / max(float(traffic.at[last] - traffic.at[0]), 1.0) * DAY_S
    streams = streams_of(traffic, baseline, tolerance=tolerance)
    heights = thresholds(streams, baseline, per_day=per_day, alarm_days=alarm_days, seed=seed)
    live = np.arange(baseline.n, len(traffic.at))
    found = tuple(_watched(one, height, traffic, live) for one, height in zip(streams, heights, strict=True))
    held = None if calibration is None else held_against(calibration, traffic, baseline, tolerance=tolerance)
    alarm = any(one.alarm_at is not None for one in found) or (held is not None and held.differs)
    return Drift(
        state="drift" if alarm else "steady",
        n=len(traffic.at),
        n_copies=traffic.n_copies,
        n_narrowed=traffic.n_narrowed,
        n_baseline=baseline.n,
        baseline_ends=float(traffic.at[baseline.n - 1]),
        by_hour=baseline.by_hour,
        per_day=per_day,
        outside=_share_outside(traffic, live if len(live) else np.arange(baseline.n)),
        statistics=found,
        against_calibration=held,
        label_first=_label_first(streams, found, traffic, live if len(live) else np.arange(baseline.n), n=n_first),
    )


def _gathering(traffic: Traffic, calibration: Said | None, *, tolerance: float, n_first: int) -> Drift:
    """Before a baseline nothing but calibration rows can tell whether requests are of the kind that was learned."""
    held = None if calibration is None else early(calibration, traffic, tolerance=tolerance)
    known = traffic.confidence if calibration is None else calibration.confidence
    evidence = tail((shares_below(traffic.confidence, known) * len(known) + 0.5) / (len(known) + 1.0))
    outside = np.zeros(len(traffic.at), dtype=np.bool_) if traffic.outside is None else traffic.outside
    order = np.lexsort((traffic.confidence, -evidence, ~outside))
    return Drift(
        state="drift" if held is not None and held.differs else "gathering",
        n=len(traffic.at),
        n_copies=traffic.n_copies,
        n_narrowed=traffic.n_narrowed,
        n_baseline=min(len(traffic.at), LEAST_REQUESTS),
        baseline_ends=None,
        by_hour=False,
        per_day=None,
        outside=_share_outside(traffic, np.arange(len(traffic.at))),
        statistics=(),
        against_calibration=held,
        label_first=_suspects(traffic, order, evidence[order], n=n_first),
    )


def _share_outside(traffic: Traffic, rows: NDArray[np.int64]) -> float | None:
    return None if traffic.outside is None else float(traffic.outside[rows].mean())


def _watched(stream: Stream, threshold: float, traffic: Traffic, live: NDArray[np.int64]) -> Watched:
    sums = cusum(stream.increments(live))
    crossed = crossing(sums, threshold)
    at, began = (None, None) if crossed is None else (float(traffic.at[live[i]]) for i in crossed)
    return Watched(
        name=stream.name,
        height=float(sums.max(initial=0.0)),
        threshold=threshold,
        tolerated=stream.tolerated,
        alarm_at=at,
        began_at=began,
    )


def _label_first(
    streams: list[Stream], found: tuple[Watched, ...], traffic: Traffic, rows: NDArray[np.int64], *, n: int
) -> tuple[Suspect, ...]:
    """Requests that speak most for the change that was found first; where there is none, the least sure ones."""
    alarmed = [i for i, one in enumerate(found) if one.alarm_at is not None]
    chosen = min(alarmed, key=lambda i: found[i].alarm_at or 0.0, default=0)
    evidence = streams[chosen].increments(rows) + streams[chosen].tolerated
    began = found[chosen].began_at
    late = traffic.at[rows] >= (-np.inf if began is None else began)
    order = np.array([i for i in np.argsort(-evidence, kind="stable").tolist() if late[i]], dtype=np.int64)
    return _suspects(traffic, rows[order], evidence[order], n=n)


def _suspects(
    traffic: Traffic, rows: NDArray[np.int64], evidence: NDArray[np.float64], *, n: int
) -> tuple[Suspect, ...]:
    """The first messages of these rows, each once."""
    once: dict[str, Suspect] = {}
    for row, speaks in zip(rows.tolist(), evidence.tolist(), strict=True):
        if len(once) == n or not traffic.entries:
            break
        one = traffic.entries[row]
        suspect = Suspect(
            id=one.id,
            at=one.at,
            label=one.label,
            probability=one.probability,
            text_hash=one.text_hash,
            text=one.text,
            evidence=speaks,
        )
        once.setdefault(one.text_hash, suspect)
    return tuple(once.values())
