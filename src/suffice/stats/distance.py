"""How far rows lie from the labels' rows, beside how far they lie from all rows: the relative Mahalanobis distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suffice.stats.scored import require_rows

SHRINKAGE = 0.3
"""Weight of a covariance that is alike in all directions: few rows say little of how features go together. From 0.1 to
0.9 hardly anything changes (docs/LOG.md, 2026-11-30)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cloud:
    """Where rows lie: means that share a covariance."""

    whiten: NDArray[np.float32]
    """Takes features to where they are uncorrelated and of variance 1 around the means, shape [F, F]."""
    means: NDArray[np.float32]
    """There, shape [J, F]."""

    def distances(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """Squared distance of each row to the nearest mean, in variances; shape [N].

        Args:
            x: features, shape [N, F].
        """
        means = self.means.astype(np.float64)
        there = np.asarray(x, dtype=np.float64) @ self.whiten
        apart = (there**2).sum(axis=1)[:, None] - 2.0 * there @ means.T + (means**2).sum(axis=1)
        return np.asarray(apart.min(axis=1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Clouds:
    """Rows by label, and all of them together."""

    labels: Cloud
    """A mean for each label that has rows."""
    every: Cloud
    """One mean."""

    def distances(self, x: NDArray[np.floating]) -> NDArray[np.float64]:
        """How much farther each row lies from the nearest label than from all rows, more is farther; shape [N].

        What makes any message unusual counts in both distances, and is taken off.

        Args:
            x: features, shape [N, F].

        Source: Ren, Fort, Liu, Roy, Padhy and Lakshminarayanan (2021), A Simple Fix to Mahalanobis Distance for
            Improving Near-OOD Detection, arXiv 2106.09022, section 3.
        """
        return self.labels.distances(x) - self.every.distances(x)


def clouds(x: NDArray[np.floating], y: NDArray[np.int64]) -> Clouds:
    """A mean for each label with one covariance for all labels, and one of both for all rows.

    Args:
        x: features, shape [N, F].
        y: label codes, shape [N].

    Raises:
        DataError: there are no rows.

    Source: Lee, Lee, Lee and Shin (2018), A Simple Unified Framework for Detecting Out-of-Distribution Samples and
        Adversarial Attacks, NeurIPS, equation 1. The shrinkage is that of Ledoit and Wolf (2004), J. Multivariate
        Analysis 88, with a weight that is given.
    """
    require_rows(len(y))
    rows = np.asarray(x, dtype=np.float64)
    return Clouds(labels=_cloud(rows, y), every=_cloud(rows, np.zeros_like(y)))


def _cloud(rows: NDArray[np.float64], y: NDArray[np.int64]) -> Cloud:
    found, which = np.unique(y, return_inverse=True)
    sums = np.zeros((len(found), rows.shape[1]))
    np.add.at(sums, which, rows)
    means = sums / np.bincount(which)[:, None]
    around = rows - means[which]
    covariance = around.T @ around / len(rows)
    level = max(float(np.trace(covariance)) / len(covariance), float(np.finfo(np.float32).tiny))
    shrunk = (1.0 - SHRINKAGE) * covariance + SHRINKAGE * level * np.eye(len(covariance))
    variances, directions = np.linalg.eigh(shrunk)
    whiten = directions / np.sqrt(variances)
    return Cloud(whiten=whiten.astype(np.float32), means=(means @ whiten).astype(np.float32))
