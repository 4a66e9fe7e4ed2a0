"""The strength of a linear model, and scores for labels that it has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rung_data import LABELS, data
from scipy import sparse
from scipy.special import log_softmax, logsumexp
from sklearn.linear_model import LogisticRegression

from suffice.rungs.interface import TrainingData
from suffice.rungs.logistic import ABSENT_LOGIT, choose_strength, divisions, fit_one_vs_rest, fit_softmax, logits_of


def test_tune_rows_are_judged_by_the_rest() -> None:
    (division,) = divisions(data())
    assert division.judge.tolist() == list(range(24, 36))
    assert division.fit.tolist() == list(range(24))


def test_each_fold_is_judged_by_the_others() -> None:
    found = divisions(data(few=True))
    assert sorted(i for division in found for i in division.judge) == list(range(36))
    for division in found:
        assert sorted([*division.fit, *division.judge]) == list(range(36))


def test_a_division_with_nothing_on_one_side_is_none() -> None:
    rows = data(few=True)
    gap = TrainingData(texts=rows.texts, y=rows.y, labels=LABELS, tune=None, folds=rows.folds * 2)
    assert len(divisions(gap)) == 3
    one = TrainingData(texts=rows.texts, y=rows.y, labels=LABELS, tune=None, folds=rows.folds * 0)
    assert divisions(one) == []


def test_absent_labels_have_about_one_in_a_million() -> None:
    x, y = np.eye(4), np.array([0, 3, 0, 3])
    logits = logits_of(fit_softmax(x, y, c=1.0), x, n_labels=5)
    assert np.exp(ABSENT_LOGIT) == pytest.approx(1e-6)
    probs = np.exp(logits - logsumexp(logits[:, [0, 3]], axis=1, keepdims=True))
    assert probs[:, [1, 2, 4]].ravel().tolist() == pytest.approx([1e-6] * 12)
    expected = LogisticRegression(C=1.0).fit(x, y).predict_proba(x)
    np.testing.assert_allclose(probs[:, [0, 3]], expected, atol=1e-3)


def test_one_label_alone_is_sure() -> None:
    logits = logits_of(fit_softmax(np.eye(3), np.array([2, 2, 2]), c=1.0), np.eye(3), n_labels=4)
    assert logits[:, 2].tolist() == [0.0] * 3
    assert set(logits[:, [0, 1, 3]].ravel()) == {ABSENT_LOGIT}


class Scripted:
    """A model whose scores depend on its strength alone."""

    classes_ = np.array([0, 1])

    def __init__(self, log_probs: list[list[float]]) -> None:
        self.log_probs = np.log(np.array(log_probs))

    def decision_function(self, x: Any) -> NDArray[np.float64]:
        return self.log_probs[: len(x)]


@pytest.mark.parametrize(
    ("by_strength", "best"),
    [
        # Both rows have label 0, both models are right in both: the surer one, at any temperature, is the better.
        ({1.0: [[0.6, 0.4], [0.9, 0.1]], 2.0: [[0.9, 0.1], [0.9, 0.1]]}, 2.0),
        # Half as sure in every row is the same but for its temperature: equal, and the stronger regularisation stays.
        ({1.0: [[0.75, 0.25], [0.25, 0.75]], 2.0: [[0.9, 0.1], [0.1, 0.9]]}, 1.0),
        # One right and one wrong in both; the second is wrong by less.
        ({1.0: [[0.7, 0.3], [0.2, 0.8]], 2.0: [[0.7, 0.3], [0.4, 0.6]]}, 2.0),
    ],
)
def test_the_strength_with_the_lowest_loss_at_its_own_temperature_is_chosen(
    by_strength: dict[float, list[list[float]]], best: float
) -> None:
    rows = TrainingData(texts=["a"] * 4, y=np.array([0, 1, 0, 0]), labels=LABELS, tune=np.array([2, 3]), folds=None)
    finished: list[int] = []
    x = np.zeros((4, 1))
    got = choose_strength(
        lambda d: (x[d.fit], x[d.judge]),
        rows,
        fit=lambda x, y, *, c: Scripted(by_strength[c]),
        grid=tuple(by_strength),
        given=None,
        done=finished.append,
    )
    assert got == best
    assert sum(finished) == 2


def test_models_of_single_labels_side_by_side_give_the_scores_that_each_gives_alone() -> None:
    draw = np.random.default_rng(0)
    x, y = sparse.csr_array(draw.random((30, 6))), np.arange(30) % 3 + 1
    joined = fit_one_vs_rest(x, y, c=2.0)
    assert joined.classes_.tolist() == [1, 2, 3]
    # scikit-learn's own: one label against the others, one at a time.
    alone = [LogisticRegression(C=2.0, solver="liblinear", tol=1e-3).fit(x, y == k) for k in (1, 2, 3)]
    expected = log_softmax(np.stack([model.decision_function(x) for model in alone], axis=1), axis=1)
    np.testing.assert_allclose(log_softmax(logits_of(joined, x, n_labels=4)[:, 1:], axis=1), expected, rtol=1e-9)


def test_how_much_speaks_for_any_label_is_kept() -> None:
    draw = np.random.default_rng(0)
    x, y = sparse.csr_array(draw.random((30, 6))), np.arange(30) % 3
    joined = fit_one_vs_rest(x, y, c=2.0)
    # scikit-learn's own: before scores are made probabilities.
    np.testing.assert_allclose(logits_of(joined, x, n_labels=3), joined.decision_function(x))
    nothing = logits_of(joined, sparse.csr_array((1, 6)), n_labels=3)
    np.testing.assert_allclose(nothing[0], joined.intercept_)


@pytest.mark.parametrize("n_labels", [1, 2])
def test_one_or_two_labels_need_no_models_side_by_side(n_labels: int) -> None:
    x, y = sparse.csr_array(np.eye(6)), np.arange(6) % n_labels
    one_vs_rest, softmax = (fit(x, y, c=1.0) for fit in (fit_one_vs_rest, fit_softmax))
    assert np.array_equal(logits_of(one_vs_rest, x, n_labels=2), logits_of(softmax, x, n_labels=2))
