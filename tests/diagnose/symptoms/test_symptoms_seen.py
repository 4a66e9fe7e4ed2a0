from __future__ import annotations

import pytest

from suffice.diagnose.symptoms import SYMPTOMS
from suffice.diagnose.symptoms.seen import COUNTS, seen_before


def test_what_was_counted_is_a_symptom_and_no_more_than_there_were_cases():
    assert COUNTS.keys() <= {symptom.name for symptom in SYMPTOMS}
    assert all(found <= n and elsewhere <= others for found, n, elsewhere, others in COUNTS.values())


def test_a_symptom_that_is_found_more_often_elsewhere_speaks_against_size(monkeypatch):
    monkeypatch.setitem(COUNTS, "repetition", (2, 10, 20, 40))
    found = seen_before("repetition")
    # By hand: 2 of 10 over 20 of 40.
    assert found.likelihood_ratio == pytest.approx(0.4)
    assert found.interval.low < 0.4 < found.interval.high


def test_a_symptom_that_no_case_could_show_tells_nothing():
    assert seen_before("poor_logic") is None
