from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from suffice.stats.abstention import Said, promise, rows_for_a_promise, thresholds_of

LABELS = ("a", "b")


def said(confidence, right, groups=None):
    right = np.asarray(right, dtype=np.int64)
    return Said(confidence=np.asarray(confidence, float), y_pred=1 - right, y_true=np.zeros_like(right), groups=groups)


def sure_and_right(n, rng, *, error=lambda c: 1.0 - c):
    """Rows whose answers are wrong as often as their confidence says."""
    confidence = 1.0 - 0.5 * rng.random(n) ** 3
    return said(confidence, rng.random(n) > error(confidence))


def taken(pool, rows):
    return Said(confidence=pool.confidence[rows], y_pred=pool.y_pred[rows], y_true=pool.y_true[rows])


def test_thresholds_leave_even_shares_and_end_with_every_message():
    found = thresholds_of(np.linspace(0.01, 1.0, 100))
    assert len(found) == 20
    assert list(found) == sorted(found, reverse=True)
    assert found[-1] == 0.0
    shares = [(np.linspace(0.01, 1.0, 100) >= value).mean() for value in found]
    np.testing.assert_allclose(shares, np.arange(1, 21) / 20, atol=0.011)


def test_equal_confidences_give_one_threshold_and_the_one_that_answers_all():
    assert thresholds_of(np.full(50, 0.7)) == (0.7, 0.0)


def test_it_goes_down_as_long_as_the_exact_test_passes_and_stops_at_the_first_failure():
    # 200 surest rows without an error, then 100 with 10: binom.cdf(0, 200, 0.02) = 0.0176, binom.cdf(10, 300, 0.02).
    confidence = np.concatenate([np.full(200, 0.99), np.full(100, 0.8), np.full(100, 0.6)])
    right = np.ones(400, dtype=bool)
    right[200:210] = False
    found = promise(said(confidence, right), (0.99, 0.8, 0.6), max_error=0.02, confidence=0.95, labels=LABELS)
    assert found.threshold == 0.99
    assert (found.n_answered, found.n_wrong, found.n) == (200, 0, 400)
    assert [one.value for one in found.tried] == [0.99, 0.8]
    np.testing.assert_allclose([one.p for one in found.tried], [binom.cdf(0, 200, 0.02), binom.cdf(10, 300, 0.02)])
    assert found.labels[0].n == 200
    assert found.labels[1].upper is None
    assert found.why is None


def test_it_begins_only_where_enough_rows_are_answered():
    # ceil(ln 0.05 / ln 0.98) = 149 rows are the fewest that prove 2% without an error.
    confidence = np.concatenate([np.full(148, 0.99), np.full(52, 0.8)])
    found = promise(said(confidence, np.ones(200)), (0.99, 0.8), max_error=0.02, confidence=0.95, labels=LABELS)
    assert [one.p is None for one in found.tried] == [True, False]
    assert found.threshold == 0.8


def test_too_few_rows_are_refused_and_counted():
    found = promise(said([0.9] * 100, [1] * 100), (0.9, 0.0), max_error=0.02, confidence=0.95, labels=LABELS)
    assert found.threshold is None
    assert found.n_answered == 0
    assert "149 independent calibration rows" in found.why
    assert "there are 100" in found.why


def test_no_rows_at_all_are_refused():
    found = promise(said([], []), (0.9, 0.0), max_error=0.02, confidence=0.95, labels=LABELS)
    assert found.threshold is None
    assert found.answered_share == 0.0


def test_errors_among_the_surest_are_named():
    found = promise(said([0.9] * 200, [1] * 180 + [0] * 20), (0.9, 0.0), max_error=0.02, confidence=0.95, labels=LABELS)
    assert "of the 200 calibration rows that the model is surest of, 20 are wrong" in found.why


def test_rows_in_groups_count_as_fewer():
    groups = np.repeat(np.arange(16), 10)
    alone = promise(said([0.9] * 160, [1] * 160), (0.9,), max_error=0.02, confidence=0.95, labels=LABELS)
    grouped = promise(said([0.9] * 160, [1] * 160, groups), (0.9,), max_error=0.02, confidence=0.95, labels=LABELS)
    assert alone.threshold == 0.9
    assert grouped.threshold is None


@pytest.mark.parametrize("n", [300, 1_000])
def test_the_promise_is_broken_no_more_often_than_it_says(n):
    rng = np.random.default_rng(3)
    pool = sure_and_right(50_000, rng)
    cuts = thresholds_of(pool.confidence[:2_000])
    broken = 0
    for _ in range(500):
        rows = rng.integers(2_000, 50_000, n)
        found = promise(taken(pool, rows), cuts, max_error=0.05, confidence=0.9, labels=LABELS)
        if found.threshold is not None:
            given = pool.confidence >= found.threshold
            broken += float((~pool.right)[given].mean()) > 0.05
    assert broken / 500 <= 0.1 + 2 * np.sqrt(0.1 * 0.9 / 500)


def test_rows_for_a_promise_are_enough_four_times_in_five():
    rng = np.random.default_rng(5)
    pool = sure_and_right(200_000, rng)
    made = []
    for _ in range(12):  # What the errors are known by is a draw of its own.
        first = taken(pool, rng.integers(0, 200_000, 2_000))
        cuts = thresholds_of(first.confidence)
        n = rows_for_a_promise(first, cuts, max_error=0.02, confidence=0.95)
        for _ in range(40):
            drawn = taken(pool, rng.integers(0, 200_000, n))
            found = promise(drawn, cuts, max_error=0.02, confidence=0.95, labels=LABELS)
            made.append(found.threshold is not None)
    assert np.mean(made) >= 0.8


def test_no_number_of_rows_promises_what_the_model_cannot_do():
    assert (
        rows_for_a_promise(said([0.9] * 100, [1] * 50 + [0] * 50), (0.9, 0.0), max_error=0.02, confidence=0.95) is None
    )
