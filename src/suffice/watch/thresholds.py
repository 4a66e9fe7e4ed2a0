"""Thresholds that a month without a change seldom crosses: months are drawn from the days of the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from suffice.stats.cusum import cusum, peaks, threshold
from suffice.watch.baseline import Baseline
from suffice.watch.streams import Stream

ALARM_DAYS = 30.0
"""One false alarm in so many days, over all statistics together."""
CROSSINGS = 5
"""Crossings that are to be seen of each statistic."""
N_OWN = 10
"""Highest excursions of the baseline itself that are followed to where it has none."""
MOST_DRAWN = 6_000_000
"""Requests that are drawn at most; beyond it the tail is followed to where it was not seen."""
PATH = 300_000
"""Requests of one path."""
BLOCK = 100
"""Requests that stay together, so that bursts do; about an hour of them may change places with others of that day."""
HOURS = 24
HELD_BACK = 0.5
"""Share of the false alarms that is kept for days and bursts of which a week has shown none."""


def thresholds(
    streams: Sequence[Stream], baseline: Baseline, *, per_day: float, alarm_days: float = ALARM_DAYS, seed: int
) -> list[float]:
    """One threshold for each statistic, an equal share of the false alarms each: the higher of two.

    A day is drawn with replacement, and within it blocks of requests change places with others of about their time: the
    cycle of a day, days that are unlike others and bursts all stay in. And the baseline's own highest excursions are
    followed further, for bursts that a week has not shown. The budget is kept up to the edge of what is tolerated:
    there the evidence is in the mean that of the baseline before anything is taken off. Crossings of several statistics
    at once count once for a person, so that the sum of the shares is the most that is paid.

    Args:
        streams: the statistics.
        baseline: the requests that days are drawn from.
        per_day: requests a day.
        alarm_days: days in which all statistics together may give one false alarm.
        seed: of the draw.

    Source: the day-block bootstrap of section 7 of the project's STATISTICS; blocks within days after Kuensch (1989),
        The jackknife and the bootstrap for general stationary observations, Annals of Statistics 17.
    """
    rate = (1.0 - HELD_BACK) / (len(streams) * alarm_days * per_day)
    total = int(min(max(CROSSINGS / rate, PATH), MOST_DRAWN))
    return [
        max(_drawn(one, baseline, total=total, rate=rate, seed=seed), _followed(one, baseline, rate=rate))
        for one in streams
    ]


def _drawn(stream: Stream, baseline: Baseline, *, total: int, rate: float, seed: int) -> float:
    """The height that drawn months cross at that rate."""
    months = paths(baseline, total=total, again=not stream.remembers, seed=seed)
    return threshold([_peaks(stream, path) for path in months], n=total, rate=rate)


def _followed(stream: Stream, baseline: Baseline, *, rate: float) -> float:
    """The same from the baseline's own highest excursions: of the few bursts of a week none is the longest to come."""
    return threshold([_peaks(stream, np.arange(baseline.n))], n=baseline.n, rate=rate, n_tail=N_OWN)


def _peaks(stream: Stream, path: NDArray[np.int64]) -> NDArray[np.float64]:
    """At the edge of what is tolerated, the evidence of requests is again, in the mean, that of the baseline itself."""
    return peaks(cusum(stream.increments(path) + stream.tolerated))


def paths(baseline: Baseline, *, total: int, again: bool, seed: int) -> Iterator[NDArray[np.int64]]:
    """Positions in the baseline, of months in which nothing has changed.

    Args:
        baseline: at least one day.
        total: requests in all paths together.
        again: whether a block may come more than once in a day.
        seed: of the draw.

    Yields:
        Shape [T], `total` of them altogether.
    """
    generator = np.random.default_rng(seed)
    spans = _spans(baseline)
    while total > 0:
        path: list[NDArray[np.int64]] = []
        wanted, n = min(total, PATH), 0
        while n < wanted:
            first, end = spans[int(generator.integers(len(spans)))]
            path.append(first + _day(end - first, generator, anywhere=not baseline.by_hour, again=again))
            n += len(path[-1])
        yield np.concatenate(path)[:wanted]
        total -= wanted


def _spans(baseline: Baseline) -> list[tuple[int, int]]:
    """First and end of each day; all of the baseline where days are not known."""
    if not baseline.by_hour:
        return [(0, baseline.n)]
    ends = np.cumsum(np.bincount(baseline.folds)).tolist()
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _day(n: int, generator: np.random.Generator, *, anywhere: bool, again: bool) -> NDArray[np.int64]:
    """One drawn day of n requests: blocks that change places with others of about their time, or are drawn anew there.

    Drawn anew they vary as new days would. To a statistic that remembers the requests before, though, a block that
    comes again is a change: for it every block stays, in another order.
    """
    length = min(BLOCK, n)
    offset = int(generator.integers(length))
    slots = np.arange(-offset, n, length)
    reach = len(slots) if anywhere else max(len(slots) / HOURS, 1.0)
    if again:
        moved = slots + length * reach * generator.uniform(-1.0, 1.0, len(slots))
        drawn = generator.uniform(0, n - length, len(slots)) if anywhere else np.clip(moved, 0, n - length)
        begins = np.rint(drawn).astype(np.int64)
    else:
        places = np.zeros(len(slots)) if anywhere else np.arange(len(slots))
        begins = slots[np.argsort(places + reach * generator.random(len(slots)))]
    rows = (begins[:, None] + np.arange(length)).ravel()
    return np.asarray(rows[(rows >= 0) & (rows < n)])
