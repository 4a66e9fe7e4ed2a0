"""Requests beside calibration rows, before and with a baseline."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from suffice.stats.abstention import Said
from suffice.watch.against import LOOKS, early, held_against, shares_below
from suffice.watch.baseline import parts_of
from suffice.watch.drift import watch
from suffice.watch.expected import expected_accuracy


def mostly_sure(n, generator):
    """All but three in a hundred are all but certain: 62 such rows often have no other among them."""
    return np.where(generator.random(n) < 0.03, generator.uniform(0.2, 0.6, n), generator.uniform(0.99, 1.0, n))


def known(confidence, *, outside=None):
    codes = np.zeros(len(confidence), dtype=np.int64)
    return Said(confidence=confidence, y_pred=codes, y_true=codes, outside=outside)


@pytest.fixture
def requests(traffic, entry):
    """Requests of one day, with this confidence and of these outside."""

    def make(confidence, *, outside=None):
        made = traffic(days=1.0, per_day=len(confidence))
        entries = tuple(entry(i, at=float(made.at[i])) for i in range(len(made.at)))
        return replace(made, entries=entries, confidence=confidence, outside=outside)

    return make


@pytest.mark.parametrize("n_known", [30, 62, 1_000])
def test_like_requests_are_seldom_taken_for_others_however_few_rows_are_known(requests, n_known):
    generator, alarms, draws = np.random.default_rng(n_known), 0, 400
    whole = requests(np.ones(LOOKS[-1]))
    for _ in range(draws):
        here, there = generator.random(LOOKS[-1]) < 0.05, generator.random(n_known) < 0.05
        mine = replace(whole, confidence=mostly_sure(LOOKS[-1], generator), outside=here)
        found = early(known(mostly_sure(n_known, generator), outside=there), mine, tolerance=0.0)
        alarms += found.differs
    # All five looks together may take one in a hundred for others: 4 of 400, with a standard deviation of 2.
    assert alarms <= 8


def test_other_requests_are_found_at_the_first_look_that_can(requests):
    generator = np.random.default_rng(0)
    strange = requests(np.where(generator.random(1_000) < 0.7, 0.3, 0.99))
    found = early(known(mostly_sure(62, generator)), strange, tolerance=0.01)
    assert (found.n_requests, found.less_or_more_sure, found.more_outside) == (100, True, False)
    drift = watch(strange, known(mostly_sure(62, generator)), tolerance=0.01, n_first=2)
    assert (drift.state, drift.since, drift.baseline_ends, drift.first) == ("drift", 0.0, None, None)
    assert [one.probability for one in drift.label_first] == [0.75] * 2  # The least sure ones, by their entries.
    said = expected_accuracy(strange, drift, calibration=known(mostly_sure(62, generator)), right={})
    assert (said.accuracy, said.why) == (None, "not valid: drift")


def test_messages_out_of_scope_are_others_though_answers_are_sure(requests):
    generator = np.random.default_rng(1)
    outside = generator.random(300) < 0.4
    mine = requests(np.full(300, 0.9), outside=outside)
    rows = known(np.full(200, 0.9), outside=np.arange(200) < 10)
    found = early(rows, mine, tolerance=0.01)
    assert (found.less_or_more_sure, found.more_outside) == (False, True)
    assert (found.live_outside, found.calibration_outside) == (outside[:100].mean(), 0.05)
    drift = watch(mine, rows, tolerance=0.01, n_first=5)
    assert drift.outside == outside.mean()
    assert {one.id for one in drift.label_first} <= {mine.entries[i].id for i in np.flatnonzero(outside)}


def test_nothing_is_said_of_accuracy_before_anything_was_held_against_calibration_rows(requests):
    generator = np.random.default_rng(2)
    rows, few, more = known(mostly_sure(62, generator)), *(requests(mostly_sure(n, generator)) for n in (99, 450))
    before = watch(few, rows, tolerance=0.01, n_first=0)
    assert (before.state, before.against_calibration) == ("gathering", None)
    said = expected_accuracy(few, before, calibration=rows, right={})
    assert said.accuracy is None
    assert "100 requests" in said.why
    after = watch(more, rows, tolerance=0.01, n_first=0)
    assert (after.state, after.against_calibration.n_requests) == ("gathering", 400)
    # Of 450 requests the 400 that were looked at count.
    assert expected_accuracy(more, after, calibration=rows, right={}).n == 400


def test_without_calibration_rows_the_least_sure_are_to_be_labelled_first(requests):
    mine = requests(np.linspace(0.9, 0.5, 50))
    found = watch(mine, None, tolerance=0.01, n_first=3)
    assert [one.id for one in found.label_first] == [mine.entries[i].id for i in (49, 48, 47)]
    assert (found.state, found.outside) == ("gathering", None)


def test_few_known_rows_are_held_against_nothing(requests):
    mine = requests(np.full(200, 0.5))
    assert held_against(known(np.full(29, 0.9)), mine, parts_of(200), tolerance=0.0) is None


def test_shares_below_by_hand():
    assert shares_below(np.array([0.1, 0.5, 0.9]), np.array([0.9, 0.5, 0.2, 0.5])).tolist() == [0.0, 0.5, 0.875]
