"""Distances from labels' rows, held against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import mahalanobis

from suffice.errors import DataError
from suffice.stats.distance import SHRINKAGE, clouds


def rows(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    y = np.arange(n) % 3
    return draw.normal(size=(n, 4)) @ np.diag([1.0, 2.0, 0.5, 1.0]) + 5.0 * np.eye(4)[y], y


def test_distances_are_those_of_mahalanobis_with_a_shrunk_covariance() -> None:
    x, y = rows()
    found = clouds(x, y)
    means = np.stack([x[y == k].mean(axis=0) for k in range(3)])
    within = np.cov((x - means[y]).T, bias=True)
    shrunk = (1 - SHRINKAGE) * within + SHRINKAGE * np.trace(within) / 4 * np.eye(4)
    point = np.array([2.0, -1.0, 0.5, 3.0])
    # scipy's own, by the inverse of the covariance.
    expected = min(mahalanobis(point, mean, np.linalg.inv(shrunk)) ** 2 for mean in means)
    assert found.labels.distances(point[None])[0] == pytest.approx(expected, rel=1e-4)
    every = np.cov(x.T, bias=True)
    shrunk = (1 - SHRINKAGE) * every + SHRINKAGE * np.trace(every) / 4 * np.eye(4)
    from_all = mahalanobis(point, x.mean(axis=0), np.linalg.inv(shrunk)) ** 2
    assert found.distances(point[None])[0] == pytest.approx(expected - from_all, rel=1e-3)


def test_what_lies_between_labels_is_farther_than_what_lies_at_one() -> None:
    x, y = rows()
    at_one, between = 5.0 * np.eye(4)[0], np.full(4, 5.0 / 3)
    near, far = clouds(x, y).distances(np.stack([at_one, between]))
    assert near < far


def test_labels_without_rows_have_no_mean() -> None:
    x, y = rows()
    assert clouds(x, y * 2).labels.means.shape == (3, 4)


def test_one_row_alone_has_a_finite_distance() -> None:
    found = clouds(np.ones((1, 3)), np.zeros(1, dtype=np.int64))
    assert np.isfinite(found.distances(np.array([[1.0, 1.0, 1.0]]))).all()


def test_no_rows_are_an_error() -> None:
    with pytest.raises(DataError, match="a figure needs at least one row"):
        clouds(np.empty((0, 3)), np.empty(0, dtype=np.int64))
