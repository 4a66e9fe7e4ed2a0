"""How many of a bundle's answers are expected to be right, and when that cannot be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from suffice.records.evaluation import Interval
from suffice.stats.abstention import Said
from suffice.stats.prediction_powered import prediction_powered_mean
from suffice.watch.against import LEAST_CALIBRATION, LOOKS
from suffice.watch.drift import Drift
from suffice.watch.traffic import Traffic

LEAST_LABELLED = 50
"""Random labelled requests from which accuracy is measured on them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """Share of answers that are right."""

    of: Literal["all answers", "answers that were given without review"]
    """Where an endpoint is asked, its answers are not the bundle's."""
    n: int
    """Requests, or 0 where nothing is said of them."""
    accuracy: float | None
    """None where `why` says why."""
    interval: Interval | None
    """95%; the error of the rows that it stands on is in it."""
    by: Literal["calibration rows", "labelled requests"] | None
    """What corrects the probabilities."""
    n_known: int
    """Those rows."""
    why: str | None = None


def expected_accuracy(
    traffic: Traffic, drift: Drift, *, calibration: Said | None, right: Mapping[str, bool]
) -> Expected:
    """Expected accuracy since the baseline, or since the change that was found; before a baseline, of the requests that
    were held against calibration rows and not found to differ.

    Probabilities alone are right in the mean only as far as the temperature is. So they are corrected by rows whose
    label is known: calibration rows while requests are like them, requests that were drawn by chance and labelled as
    soon as there are 50. Those are right after a change as well, if they came after it.

    Args:
        traffic: the requests.
        drift: what was found of them.
        calibration: what the bundle says of its calibration rows; None where they are not at hand.
        right: whether the answer was right, by id of requests that were drawn by chance and labelled.
    """
    sent_on = any(one.route == "escalated" for one in traffic.entries)
    since = drift.since if drift.since is not None else drift.baseline_ends
    own = traffic.local if sent_on else np.ones(len(traffic.at), dtype=np.bool_)
    rows = np.flatnonzero(own & (traffic.at > (since or 0.0)))
    rows = rows if len(rows) else np.flatnonzero(own)
    nothing = Expected(
        of="answers that were given without review" if sent_on else "all answers",
        n=0,
        accuracy=None,
        interval=None,
        by=None,
        n_known=0,
    )
    labelled = np.array([i for i in rows.tolist() if traffic.entries[i].id in right], dtype=np.int64)
    said = traffic.confidence
    if len(labelled) >= LEAST_LABELLED:
        known = np.array([right[traffic.entries[i].id] for i in labelled], dtype=np.float64)
        rest = np.setdiff1d(rows, labelled)
        return _measured(nothing, said[rest], said[labelled], known, by="labelled requests")
    if drift.state == "drift":
        return replace(nothing, why="not valid: drift")
    if calibration is None:
        return replace(nothing, why="not known: the calibration rows are not at hand")
    if drift.state == "gathering":
        held = drift.against_calibration
        if held is None:
            takes = f"{LOOKS[0]} requests and {LEAST_CALIBRATION} calibration rows"
            return replace(nothing, why=f"not known before a baseline, or a comparison that takes {takes}")
        rows = rows[rows < held.n_requests]
    asked = calibration.confidence >= (float(said[own].min(initial=1.0)) if sent_on else 0.0)
    if asked.sum() < LEAST_LABELLED or len(rows) < LEAST_LABELLED:
        few = f"{int(asked.sum()):,} calibration rows and {len(rows):,} requests"
        return replace(nothing, why=f"not known: {few}, of which {LEAST_LABELLED} each are needed")
    return _measured(
        nothing,
        said[rows],
        calibration.confidence[asked],
        calibration.right[asked].astype(np.float64),
        by="calibration rows",
    )


def _measured(
    of: Expected,
    said: NDArray[np.float64],
    known_said: NDArray[np.float64],
    known: NDArray[np.float64],
    *,
    by: Literal["calibration rows", "labelled requests"],
) -> Expected:
    accuracy, interval = prediction_powered_mean(said, known_said, known)
    accuracy = min(max(accuracy, 0.0), 1.0)
    return replace(of, n=len(said), accuracy=accuracy, interval=interval, by=by, n_known=len(known))
