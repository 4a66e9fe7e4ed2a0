"""Requests to evidence: by how much likelier each is under another kind of traffic than under the baseline's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import signal, special

from suffice.watch.baseline import Baseline
from suffice.watch.traffic import Traffic

STRANGE_SHARE, STRANGE_POWER = 0.2, 0.3
"""The other kind of traffic that tails are held against: a fifth of it is strange, with ranks u of density
a u^(a - 1). A strange request then ranks below an ordinary one in 1 / (1 + a) = 77% of pairs: an out-of-scope message
is told better than that by most bundles, so that little is asked of them."""
TILT = 0.5
"""The other kind that the whole is held against: density 1 + t (1 - 2u), somewhat lower ranks throughout."""
LABEL_SHARE, LABEL_MEMORY, LABEL_BATCH = 0.5, 300, 20
"""Half of what label shares are held against are those of about the last 300 requests, taken anew every 20."""
LABEL_LEAD = 5.0
"""A label that has become commoner than so many times counts as so many times: a burst about one label ends by itself,
and what lasts adds up all the same."""
SMOOTHED_BY = 100.0
"""Requests that an hour's label shares are drawn towards those of all hours by."""
LEAST_IN_HOUR = 200
"""Requests, with the hours before and after, from which an hour is held against itself."""
CONFIDENCE = 0.95


class Stream(Protocol):
    """One statistic of the requests of some traffic."""

    name: str
    tolerated: float
    """What is taken off the evidence of each request, so that no more than a tolerated change can add up."""
    remembers: bool
    """Whether the evidence of a request depends on those before it."""

    def increments(self, path: NDArray[np.int64]) -> NDArray[np.float64]:
        """Evidence of the requests at these positions, one after the other, shape [T]."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Leads:
    """How much commoner the label of each request has become of late."""

    codes: NDArray[np.int64]
    """Label of each request, shape [N]."""
    shares: NDArray[np.float64]
    """The share that the baseline has, at that hour, of each request's own label, shape [N]."""
    first: NDArray[np.float64]
    """Shares of all labels to begin with, shape [K]."""

    def along(self, path: NDArray[np.int64]) -> NDArray[np.float64]:
        """Share among the requests before it, as a multiple of the baseline's, of the label of each request, shape [T].

        Args:
            path: positions of requests, one after the other, shape [T].
        """
        codes, k = self.codes[path], len(self.first)
        batch = np.arange(len(path)) // LABEL_BATCH
        n = int(batch[-1]) + 1 if len(path) else 0
        counts = np.bincount(batch * k + codes, minlength=n * k).reshape(n, k) / LABEL_BATCH
        decay = 1.0 - LABEL_BATCH / LABEL_MEMORY
        recent, _ = signal.lfilter([1.0 - decay], [1.0, -decay], counts, axis=0, zi=(decay * self.first)[None])
        before = np.vstack([self.first[None], recent[:-1]])
        return np.asarray(before[batch, codes] / self.shares[path])


@dataclass(kw_only=True, slots=True)
class ScoreStream:
    """Evidence from one number of each request.

    A flood of messages about one label, easy or hard, is that label's affair: what goes beyond `LABEL_LEAD` times its
    share counts for no more than that share would.
    """

    name: str
    z: NDArray[np.float64]
    """Log-likelihood ratio of each request, shape [N]."""
    leads: Leads
    tolerated: float = 0.0
    remembers: bool = False

    def increments(self, path: NDArray[np.int64]) -> NDArray[np.float64]:
        """See `Stream`."""
        weight = np.minimum(LABEL_LEAD / np.maximum(self.leads.along(path), LABEL_LEAD), 1.0)
        return np.asarray(self.z[path] * weight - self.tolerated)


@dataclass(kw_only=True, slots=True)
class LabelStream:
    """Evidence from the labels of the last requests against the baseline's shares.

    Source: the plug-in likelihood ratio: Dawid (1984), Present position and potential developments, JRSS A 147
        (prequential); Lorden and Pollak (2005), Nonanticipating estimation applied to sequential analysis and
        changepoint detection, Annals of Statistics 33.
    """

    name: str
    leads: Leads
    tolerated: float = 0.0
    remembers: bool = True

    def increments(self, path: NDArray[np.int64]) -> NDArray[np.float64]:
        """See `Stream`."""
        lead = np.minimum(self.leads.along(path), LABEL_LEAD)
        return np.asarray(np.log1p(LABEL_SHARE * (lead - 1.0)) - self.tolerated)


Density = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Ranks between 0 and 1, the strangest at 0, to a log-likelihood ratio."""


def tail(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Evidence that some requests are strange.

    Args:
        u: ranks, between 0 and 1.
    """
    return np.asarray(np.log(1.0 - STRANGE_SHARE + STRANGE_SHARE * STRANGE_POWER * u ** (STRANGE_POWER - 1.0)))


def tilt(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Evidence that all requests are somewhat stranger.

    Args:
        u: ranks, between 0 and 1.
    """
    return np.asarray(np.log(1.0 + TILT * (1.0 - 2.0 * u)))


def streams_of(traffic: Traffic, baseline: Baseline, *, tolerance: float) -> list[Stream]:
    """The statistics that this traffic allows: three of what every ledger holds, and one for each further score.

    Every request of the baseline is ranked among those of its other days, so that it is as new to what it is held
    against as later ones are.

    Args:
        traffic: all requests; the first are the baseline.
        baseline: of them.
        tolerance: share of requests that may be of another kind without being drift.
    """
    sure, leads = ranks(traffic.confidence, traffic, baseline), _leads(traffic, baseline)
    found: list[Stream] = [
        _score("unsure", sure, tail, leads, tolerance=tolerance),
        _score("confidence", sure, tilt, leads, tolerance=tolerance),
        _labels(leads, tolerance=tolerance),
        *(
            _score(name, ranks(-values, traffic, baseline), tail, leads, tolerance=tolerance)
            for name, values in traffic.scores.items()
        ),
    ]
    for one in found:
        one.tolerated = max(one.tolerated, half_width(one.increments(np.arange(baseline.n)) + one.tolerated, baseline))
    return found


def _score(name: str, u: NDArray[np.float64], density: Density, leads: Leads, *, tolerance: float) -> ScoreStream:
    """Strange requests, as many as are tolerated, move the mean by their share of how far they are from the others."""
    even = (np.arange(2_000) + 0.5) / 2_000
    gained = float(density(even ** (1.0 / STRANGE_POWER)).mean() - density(even).mean())
    return ScoreStream(name=name, z=density(u), leads=leads, tolerated=tolerance * gained)


def _labels(leads: Leads, *, tolerance: float) -> LabelStream:
    """Tolerated is what a label of middling share, made commoner by the tolerance, adds once that has been seen."""
    middling = float(np.median(leads.first))
    moved = middling + tolerance * (1.0 - middling)
    gained = float(special.rel_entr(moved, middling) + special.rel_entr(1.0 - moved, 1.0 - middling))
    return LabelStream(name="labels", leads=leads, tolerated=gained)


def _leads(traffic: Traffic, baseline: Baseline) -> Leads:
    shares = np.empty(len(traffic.at))
    for rows, mine in _held_apart(traffic, baseline):
        shares[mine] = _hourly_shares(traffic, rows, by_hour=baseline.by_hour)[traffic.hours[mine], traffic.codes[mine]]
    first = _smoothed(np.bincount(traffic.codes[: baseline.n], minlength=traffic.n_labels))
    return Leads(codes=traffic.codes, shares=shares, first=first)


def ranks(values: NDArray[np.float64], traffic: Traffic, baseline: Baseline) -> NDArray[np.float64]:
    """Where each value stands among the baseline's at about that hour of the day, between 0 and 1; ties half-way.

    Args:
        values: of each request, shape [N].
        traffic: the requests.
        baseline: the first of them.

    Returns:
        Shape [N].
    """
    found = np.empty(len(values))
    for rows, mine in _held_apart(traffic, baseline):
        for hour, near in _near_hours(traffic.hours[rows], by_hour=baseline.by_hour):
            at = mine[traffic.hours[mine] == hour]
            known = np.sort(values[rows[near]])
            below = np.searchsorted(known, values[at], "left") + np.searchsorted(known, values[at], "right")
            found[at] = (below / 2.0 + 0.5) / (len(known) + 1.0)
    return found


def _held_apart(traffic: Traffic, baseline: Baseline) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Positions that are known, and those that are held against them: each fold against the others, then the rest."""
    for fold in range(baseline.n_folds):
        yield np.flatnonzero(baseline.folds != fold), np.flatnonzero(baseline.folds == fold)
    yield np.arange(baseline.n), np.arange(baseline.n, len(traffic.at))


def _near_hours(hours: NDArray[np.int64], *, by_hour: bool) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Each hour, and which requests it is held against: of that hour and its neighbours, or all where these are few."""
    for hour in range(24):
        near = (hours - hour + 1) % 24 <= 2
        yield hour, near if by_hour and near.sum() >= LEAST_IN_HOUR else np.ones(len(hours), dtype=np.bool_)


def _hourly_shares(traffic: Traffic, rows: NDArray[np.int64], *, by_hour: bool) -> NDArray[np.float64]:
    """Label shares by hour of the day, shape [24, K]."""
    codes, k = traffic.codes[rows], traffic.n_labels
    all_hours = _smoothed(np.bincount(codes, minlength=k))
    near = (np.bincount(codes[mine], minlength=k) for _, mine in _near_hours(traffic.hours[rows], by_hour=by_hour))
    return np.array([(counts + SMOOTHED_BY * all_hours) / (counts.sum() + SMOOTHED_BY) for counts in near])


def _smoothed(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Shares with half a request more of every label (Jeffreys), so that none is impossible."""
    return np.asarray((counts + 0.5) / (counts.sum() + 0.5 * len(counts)))


def half_width(z: NDArray[np.float64], baseline: Baseline, *, confidence: float = CONFIDENCE) -> float:
    """Half of the interval of the baseline's mean, its days being what was drawn.

    Args:
        z: evidence of the baseline's requests, shape [n].
        baseline: of them.
        confidence: nominal two-sided coverage.
    """
    means = np.bincount(baseline.folds, weights=z) / np.bincount(baseline.folds)
    t = float(special.stdtrit(len(means) - 1, 0.5 + confidence / 2.0))
    return t * float(means.std(ddof=1)) / float(np.sqrt(len(means)))
