"""Evidence of each request."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from suffice.watch.baseline import baseline_of
from suffice.watch.streams import LABEL_LEAD, LabelStream, Leads, ScoreStream, ranks, streams_of, tail, tilt
from suffice.watch.traffic import DAY_S


def test_densities_are_densities():
    u = (np.arange(200_000) + 0.5) / 200_000
    assert np.exp(tail(u)).mean() == pytest.approx(1.0, abs=5e-3)  # It has no bound at 0.
    assert np.exp(tilt(u)).mean() == pytest.approx(1.0)
    assert tail(np.array([0.001]))[0] > 0 > tail(np.array([0.5]))[0]
    assert tilt(np.array([0.1]))[0] > 0 > tilt(np.array([0.9]))[0]


def test_ranks_are_taken_at_the_same_time_of_the_day(traffic):
    requests = traffic(days=10.0, per_day=2_000)
    night = requests.at % DAY_S < DAY_S / 2
    values = np.where(night, 0.2, 0.7) + 0.1 * np.random.default_rng(0).random(len(night))
    found = ranks(values, requests, baseline_of(requests))
    assert found[night].mean() == pytest.approx(0.5, abs=0.06)
    assert found[~night].mean() == pytest.approx(0.5, abs=0.06)
    assert found.min() > 0.0
    assert found.max() < 1.0


def test_ties_are_half_way(traffic):
    requests = traffic(days=1.0, per_day=3_000)
    assert ranks(np.ones(3_000), requests, baseline_of(requests)) == pytest.approx(0.5, abs=1e-3)


@pytest.fixture
def flood():
    """Twenty labels in turn, then one alone."""
    codes = np.append(np.arange(3_000) % 20, np.zeros(3_000, dtype=np.int64))
    return Leads(codes=codes, shares=np.full(6_000, 1 / 20), first=np.full(20, 1 / 20))


def test_a_label_leads_by_its_share_of_late(flood):
    lead = flood.along(np.arange(6_000))
    assert lead[:3_000] == pytest.approx(1.0, abs=1e-9)
    assert lead[5_000] == pytest.approx(20.0, rel=1e-3)
    # By hand: of the memory e^-1 is left after 300 requests.
    assert lead[3_300] == pytest.approx(20 * (1 - (1 - 20 / 300) ** 15) + (1 - 20 / 300) ** 15, rel=1e-6)
    assert flood.along(np.empty(0, dtype=np.int64)).tolist() == []


def test_labels_that_have_become_commoner_speak_for_a_change_up_to_a_lead(flood):
    z = LabelStream(name="labels", leads=flood).increments(np.arange(6_000))
    assert z[:3_000] == pytest.approx(0.0, abs=1e-9)
    assert z[3_100:].max() == pytest.approx(np.log1p(0.5 * (LABEL_LEAD - 1.0)))


def test_a_flood_about_one_label_is_no_matter_of_the_other_statistics(flood):
    z = ScoreStream(name="unsure", z=np.ones(6_000), leads=flood).increments(np.arange(6_000))
    assert z[:3_000] == pytest.approx(1.0)
    assert z[5_000] == pytest.approx(LABEL_LEAD / 20.0, rel=1e-3)


def test_every_further_number_is_a_statistic_and_the_tolerance_is_taken_off(traffic):
    requests = replace(traffic(days=8.0, per_day=1_000), scores={"scope": np.random.default_rng(1).random(8_000)})
    baseline = baseline_of(requests)
    strict, lenient = (streams_of(requests, baseline, tolerance=share) for share in (0.0, 0.2))
    assert [one.name for one in strict] == ["unsure", "confidence", "labels", "scope"]
    for one, other in zip(strict, lenient, strict=True):
        assert 0.0 < one.tolerated < other.tolerated
        path = np.arange(1_000)
        assert one.increments(path) - other.increments(path) == pytest.approx(other.tolerated - one.tolerated)
