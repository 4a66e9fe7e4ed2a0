"""Expected accuracy, and when it is not said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from suffice.stats.abstention import Said
from suffice.watch.drift import watch
from suffice.watch.expected import LEAST_LABELLED, expected_accuracy

N = 9_000


def said(n, *, off=0.0, seed=0):
    generator = np.random.default_rng(seed)
    confidence = generator.beta(8, 1, n)
    right = generator.random(n) < confidence + off
    return Said(confidence=confidence, y_pred=np.zeros(n, dtype=np.int64), y_true=np.where(right, 0, 1))


@pytest.fixture
def requests(traffic, entry):
    """Nine days, without and with strange messages at their end."""

    def make(**how):
        made = traffic(days=9.0, per_day=1_000, **how)
        entries = tuple(entry(i, at=float(made.at[i]), probability=float(made.confidence[i])) for i in range(N))
        return replace(made, entries=entries)

    return make


def asked(requests, calibration, right=None):
    drift = watch(requests, calibration, tolerance=0.01, n_first=0)
    return drift, expected_accuracy(requests, drift, calibration=calibration, right=right or {})


def test_it_is_within_two_points_without_drift_though_probabilities_are_off(requests):
    drift, found = asked(requests(), said(4_000, off=-0.05))
    assert drift.state == "steady"
    # The mean of a beta(8, 1) is 0.889.
    assert found.accuracy == pytest.approx(0.889 - 0.05, abs=0.02)
    assert found.interval.low < 0.839 < found.interval.high
    assert (found.by, found.n_known) == ("calibration rows", 4_000)
    few = asked(requests(), said(100, off=-0.05))[1]
    assert few.interval.high - few.interval.low > 4 * (found.interval.high - found.interval.low)


def test_after_an_alarm_it_is_not_valid(requests):
    drift, found = asked(requests(strange=800, share=0.3), said(4_000))
    assert drift.state == "drift"
    assert (found.accuracy, found.why) == (None, "not valid: drift")


def test_fifty_random_labels_since_the_change_make_it_valid_again(requests):
    made = requests(strange=800, share=0.3)
    late = [one.id for one in made.entries if one.at > made.at[-700]]
    truth = {one: i % 10 < 7 for i, one in enumerate(late)}
    found = asked(made, said(4_000), dict(list(truth.items())[:200]))[1]
    assert (found.by, found.n_known) == ("labelled requests", 200)
    assert found.accuracy == pytest.approx(0.7, abs=0.08)
    assert asked(made, said(4_000), dict(list(truth.items())[: LEAST_LABELLED - 1]))[1].why == "not valid: drift"


def test_labels_from_before_the_change_do_not_count(requests):
    made = requests(strange=800, share=0.3)
    early = {one.id: True for one in made.entries[:500]}
    assert asked(made, said(4_000), early)[1].why == "not valid: drift"


def test_without_calibration_rows_nothing_is_known(requests):
    assert "not at hand" in asked(requests(), None)[1].why
    assert "20 calibration rows and" in asked(requests(), said(20))[1].why


def test_what_an_endpoint_answered_is_not_the_bundles(requests):
    made = requests()
    local = made.confidence > 0.7
    confidence = np.where(local, made.confidence, made.confidence[local].min())
    entries = tuple(
        replace(one, route="local" if given else "escalated") for one, given in zip(made.entries, local, strict=True)
    )
    found = asked(replace(made, entries=entries, local=local, confidence=confidence), said(4_000))[1]
    assert found.of == "answers that were given without review"
    assert found.accuracy == pytest.approx(made.confidence[local].mean(), abs=0.02)
