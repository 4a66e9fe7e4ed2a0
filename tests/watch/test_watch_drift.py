"""From requests to an alarm, or none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from suffice.stats.abstention import Said
from suffice.watch.drift import watch
from suffice.watch.traffic import DAY_S


def calibration(n=2_000, *, mean=(8, 1), seed=9):
    confidence = np.random.default_rng(seed).beta(*mean, n)
    return Said(confidence=confidence, y_pred=np.zeros(n, dtype=np.int64), y_true=np.zeros(n, dtype=np.int64))


@pytest.mark.parametrize("days", [2.5, 9.0])
def test_nothing_has_changed(traffic, days):
    found = watch(traffic(days=days, per_day=1_500), calibration(), tolerance=0.01, n_first=0)
    assert found.state == "steady"
    assert found.first is None
    assert found.since is None
    assert not found.against_calibration.differs
    assert found.by_hour == (days > 3)
    assert found.per_day == pytest.approx(1_500, rel=0.1)


@pytest.mark.parametrize("days", [2.5, 9.0])
def test_a_fifth_of_strange_messages_is_noticed(traffic, days):
    requests = traffic(days=days, per_day=1_500, strange=600, share=0.2)
    found = watch(requests, None, tolerance=0.01, n_first=0)
    assert found.state == "drift"
    assert found.first.name == "unsure"
    began = requests.at[-600]
    noticed = np.searchsorted(requests.at, found.first.alarm_at) - (len(requests.at) - 600)
    assert 0 < noticed <= 300
    assert abs(found.since - began) < 3_600


def test_other_labels_are_noticed(traffic):
    found = watch(traffic(days=9.0, per_day=1_000, shifted=900), None, tolerance=0.01, n_first=0)
    assert {one.name for one in found.statistics if one.alarm_at is not None} == {"labels"}


def test_a_tolerated_share_is_no_drift(traffic):
    requests = traffic(days=9.0, per_day=1_000, strange=1_900, share=0.06)
    assert watch(requests, None, tolerance=0.0, n_first=0).state == "drift"
    assert watch(requests, None, tolerance=0.3, n_first=0).state == "steady"


def test_a_baseline_unlike_calibration_is_drift_from_the_start(traffic):
    found = watch(traffic(days=9.0, per_day=1_000), calibration(mean=(30, 1)), tolerance=0.01, n_first=0)
    assert found.state == "drift"
    assert found.first is None
    assert found.since == 0.0
    assert found.against_calibration.live < found.against_calibration.calibration


def test_few_calibration_rows_say_nothing(traffic):
    found = watch(traffic(days=9.0, per_day=1_000), calibration(20, mean=(1, 1)), tolerance=0.01, n_first=0)
    assert (found.state, found.against_calibration) == ("steady", None)


def test_what_three_days_have_noticed_seven_do_not_take_in(traffic):
    requests = traffic(days=9.0, per_day=1_500)
    strange = (requests.at > 4.5 * DAY_S) & (requests.at < 5.5 * DAY_S) & (np.arange(len(requests.at)) % 4 == 0)
    confidence = np.where(strange, 0.3, requests.confidence)
    on_the_sixth_day = replace(requests, confidence=confidence).first(int(np.searchsorted(requests.at, 6 * DAY_S)))
    first, later = (
        watch(some, None, tolerance=0.01, n_first=0)
        for some in (on_the_sixth_day, replace(requests, confidence=confidence))
    )
    assert first.state == later.state == "drift"
    assert later.first.alarm_at == pytest.approx(first.first.alarm_at)
    assert later.n == len(requests.at)


def test_too_few_requests_have_no_baseline(traffic):
    found = watch(traffic(days=9.0, per_day=100), None, tolerance=0.01, n_first=3)
    assert (found.state, found.n, found.n_baseline) == ("gathering", 900, 900)
    assert found.statistics == ()


def test_what_speaks_most_for_the_change_is_labelled_first_each_message_once(traffic, entry):
    requests = traffic(days=9.0, per_day=1_000, strange=600, share=0.4)
    texts = [f"{i % 3_000:x}" for i in range(len(requests.at))]
    entries = tuple(entry(i, at=float(requests.at[i]), text_hash=texts[i]) for i in range(len(texts)))
    found = watch(replace(requests, entries=entries), None, tolerance=0.01, n_first=5)
    assert len({one.text_hash for one in found.label_first}) == 5
    assert all(one.at >= found.first.began_at for one in found.label_first)
    sure = dict(zip([one.id for one in entries], requests.confidence.tolist(), strict=True))
    assert max(sure[one.id] for one in found.label_first) < np.quantile(requests.confidence, 0.05)
    assert [one.evidence for one in found.label_first] == sorted((x.evidence for x in found.label_first), reverse=True)


def test_a_number_that_never_changed_is_watched_too(traffic):
    requests = traffic(days=9.0, per_day=1_000)
    scope = np.zeros(len(requests.at))
    calm = watch(replace(requests, scores={"scope": scope}), None, tolerance=0.01, n_first=0)
    assert all(np.isfinite(one.threshold) for one in calm.statistics)
    assert calm.state == "steady"
    scope[-200::4] = 1.0
    found = watch(replace(requests, scores={"scope": scope}), None, tolerance=0.01, n_first=0)
    assert found.first.name == "scope"
