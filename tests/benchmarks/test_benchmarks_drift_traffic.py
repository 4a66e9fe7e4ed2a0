"""Traffic that the benchmark of drift makes up."""

from __future__ import annotations

import drift_traffic
import numpy as np
import pytest
from drift_traffic import PER_DAY, Answers, asked, traffic
from serve_drift import misspelt

Y = np.arange(400) % 20


def test_plain_requests_are_alike_at_every_hour_and_of_every_label():
    found = asked(Y, days=4.0, cycles=False, generator=np.random.default_rng(0))
    assert len(found.at) == pytest.approx(4 * PER_DAY, rel=0.03)
    assert (np.diff(found.at) >= 0).all()
    hours = np.bincount((found.at % 86_400 / 3_600).astype(int), minlength=24)
    assert hours.max() / hours.min() < 1.3
    labels = np.bincount(Y[found.rows])
    assert labels.max() / labels.min() < 1.2


def test_cycles_have_a_busy_hour_and_labels_hours_of_their_own(monkeypatch):
    monkeypatch.setattr(drift_traffic, "BURSTS_A_DAY", 0.0)
    found = asked(Y, days=10.0, cycles=True, generator=np.random.default_rng(1))
    hours = (found.at % 86_400 / 3_600).astype(int)
    n = np.bincount(hours, minlength=24)
    # (1 + 0.8) / (1 - 0.8) = 9, a little less over whole hours.
    assert 7 < n.max() / n.min() < 11
    of_first = np.bincount(hours[Y[found.rows] == 0], minlength=24) / n
    assert 2.0 < of_first.max() / of_first.min() < 4.5


def test_a_burst_is_about_one_label(monkeypatch):
    monkeypatch.setattr(drift_traffic, "BURSTS_A_DAY", 1.0)
    found = asked(Y, days=20.0, cycles=True, generator=np.random.default_rng(2))
    windows = [Y[found.rows[i : i + 100]] for i in range(0, len(found.rows) - 100, 100)]
    most = np.array([np.bincount(window).max() for window in windows])
    assert 0.001 < (most > 20).mean() < 0.1


def test_requests_have_what_was_said_of_their_message():
    said = Answers(confidence=np.linspace(0, 1, 400), y_pred=Y, y_true=Y, unknown=np.zeros(400))
    requests = asked(Y, days=0.1, cycles=False, generator=np.random.default_rng(3))
    found = traffic(said, requests, n_labels=20, with_words=True)
    assert (found.confidence == said.confidence[requests.rows]).all()
    assert (found.codes == Y[requests.rows]).all()
    assert list(found.scores) == ["unknown words"]
    assert traffic(said, requests, n_labels=20, with_words=False).scores == {}


def test_a_misspelt_message_has_the_same_letters():
    text = "where is my parcel"
    found = misspelt(text, np.random.default_rng(4))
    assert found != text
    assert sorted(found) == sorted(text)
    assert misspelt("a", np.random.default_rng(0)) == "a"
