"""Whether probabilities mean what they say: log-loss, calibration error, and the error that chance alone makes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.records.evaluation import ReliabilityBin
from suffice.stats.scored import require_rows

N_BINS = 15
"""Source: Guo, Pleiss, Sun and Weinberger (2017), On Calibration of Modern Neural Networks, ICML, table 1 (M = 15)."""

N_FLOOR_DRAWS = 1_000
"""Simulated test sets behind the floor: its own standard error is then about 1% of it."""

_LEAST = float(np.finfo(np.float64).eps)


def log_loss(probs: NDArray[np.float64], y_true: NDArray[np.int64]) -> float:
    """Mean negative log probability of the rows' labels, nats.

    Args:
        probs: probability of each label, shape [N, K]; rows sum to 1.
        y_true: positions of the rows' labels, shape [N].

    Raises:
        DataError: nothing was scored.

    Source: Good (1952), Rational Decisions, JRSS B 14. A probability of 0 counts as 2.2e-16, as in scikit-learn, so
        that one row cannot make the mean infinite.
    """
    require_rows(len(y_true))
    given = probs[np.arange(len(y_true)), y_true]
    return float(-np.log(np.maximum(given, _LEAST)).mean())


def reliability(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], *, n_bins: int = N_BINS
) -> tuple[ReliabilityBin, ...]:
    """Confidence and accuracy in bins of equally many rows, lowest confidence first.

    Rows of equal confidence stay in one bin, so that the order of rows changes nothing; a model that is always equally
    sure has one bin.

    Args:
        confidence: probability of the label given, shape [N].
        right: whether that label is the row's, shape [N].
        n_bins: bins at most.

    Raises:
        DataError: nothing was scored.

    Source: Nguyen and O'Connor (2015), Posterior calibration and exploratory analysis for natural language processing
        models, EMNLP: adaptive bins of equal counts.
    """
    require_rows(len(confidence))
    order = np.argsort(confidence, kind="stable")
    starts = _bin_starts(confidence[order], n_bins=n_bins)
    counts = np.diff(np.append(starts, len(order)))
    mean_confidence = np.add.reduceat(confidence[order], starts) / counts
    accuracy = np.add.reduceat(right[order].astype(np.float64), starts) / counts
    return tuple(
        ReliabilityBin(confidence=float(stated), accuracy=float(seen), n=int(n))
        for stated, seen, n in zip(mean_confidence, accuracy, counts, strict=True)
    )


def expected_calibration_error(bins: tuple[ReliabilityBin, ...]) -> float:
    """Mean distance between confidence and accuracy over bins, weighted by their rows; a fraction.

    Args:
        bins: from `reliability`.

    Raises:
        DataError: nothing was scored.

    Source: Naeini, Cooper and Hauskrecht (2015), Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI.
    """
    n = sum(part.n for part in bins)
    require_rows(n)
    return sum(part.n * abs(part.confidence - part.accuracy) for part in bins) / n


def calibration_floor(
    confidence: NDArray[np.float64], *, seed: int, n_bins: int = N_BINS, n_draws: int = N_FLOOR_DRAWS
) -> float:
    """The mean calibration error of a model whose every confidence is exactly true, on this many rows.

    Chance alone leaves accuracy in a bin off its confidence; an error of about this size is no sign of bad calibration.

    Args:
        confidence: probability of the label given, shape [N].
        seed: of the simulation.
        n_bins: as in `reliability`.
        n_draws: simulated sets of answers.

    Raises:
        DataError: nothing was scored.

    Source: Widmann, Lindsten and Zachariah (2019), Calibration tests in multi-class classification, NeurIPS;
        consistency resampling: Broecker and Smith (2007), Weather and Forecasting 22.
    """
    require_rows(len(confidence))
    rng = np.random.default_rng(seed)
    stated = np.sort(confidence)
    starts = _bin_starts(stated, n_bins=n_bins)
    total = np.add.reduceat(stated, starts)
    errors = np.empty(n_draws)
    for draw in range(n_draws):
        right = (rng.random(len(stated)) < stated).astype(np.float64)
        errors[draw] = np.abs(np.add.reduceat(right, starts) - total).sum() / len(stated)
    return float(errors.mean())


def _bin_starts(ascending: NDArray[np.float64], *, n_bins: int) -> NDArray[np.int64]:
    """Where each bin begins in ascending confidences: equal counts, moved down to the first of equal values."""
    n = len(ascending)
    nominal = np.arange(min(n_bins, n)) * n // min(n_bins, n)
    return np.unique(np.searchsorted(ascending, ascending[nominal], side="left")).astype(np.int64)
