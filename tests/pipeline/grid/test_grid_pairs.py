"""Labels that a rung tells from the others and not from each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.pipeline.grid.pairs import not_told_apart

N = 40


def said(of_label: list[list[float]], seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Answers on `N` rows of each label, drawn with these chances; each as sure as another."""
    generator, k = np.random.default_rng(seed), len(of_label)
    y = np.repeat(np.arange(k), N)
    answers = np.concatenate([generator.choice(k, size=N, p=chances) for chances in of_label])
    return np.where(np.eye(k)[answers] > 0, 0.9, 0.1 / (k - 1)), y


def test_two_labels_that_are_one_by_chance_are_not_told_apart():
    assert not_told_apart(*said([[0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])) == ((0, 1),)


def test_labels_that_are_told_from_none_are_not_one():
    assert not_told_apart(*said([[1 / 6] * 6 for _ in range(6)])) == ()


def test_labels_that_are_in_order_are_told_apart():
    assert not_told_apart(*said([[0.75, 0.25, 0, 0], [0.25, 0.75, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])) == ()


def test_of_few_rows_nothing_is_said():
    probs, y = said([[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 1]])
    few = np.r_[0:4, N : N + 4, 2 * N : 3 * N]
    assert not_told_apart(probs[few], y[few]) == ()


def test_two_labels_that_are_answered_whatever_is_asked_are_not_one():
    often = [0.45, 0.45, 0.05, 0.05]
    assert not_told_apart(*said([often, often, often, often])) == ()
