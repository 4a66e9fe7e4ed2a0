from __future__ import annotations

import numpy as np
import pytest

from suffice.diagnose import rounds_of
from suffice.records.symptoms import Round

ROWS = np.arange(400)


def history(*n_wrong):
    return tuple(
        Round(time=f"2026-11-{day:02}T12:00:00", run=f"tfidf-{day}", right=wrong <= ROWS)
        for day, wrong in enumerate(n_wrong, start=1)
    )


def test_each_round_is_held_against_the_last_that_paid():
    found = rounds_of("tfidf", history(100, 20, 21, 19), groups=ROWS)
    # By hand: (100 - 20) / 400, then against the second round (20 - 21) / 400 and (20 - 19) / 400.
    assert [one.gain for one in found.rounds] == [
        None,
        *(pytest.approx(gain, abs=1e-12) for gain in (0.2, -0.0025, 0.0025)),
    ]
    assert [one.paid for one in found.rounds] == [True, True, False, False]
    assert (found.last_paid, found.stopped, found.n) == (1, True, 400)


def test_rounds_of_which_the_last_pays_have_not_stopped():
    found = rounds_of("tfidf", history(100, 60, 20), groups=ROWS)
    assert (found.last_paid, found.stopped) == (2, False)


def test_few_rows_leave_it_open_whether_they_stopped():
    # With 40 rows the upper bound of no change lies at z^2 / (n + z^2), six points.
    few = tuple(Round(time=one.time, run=one.run, right=one.right[:40]) for one in history(10, 10))
    found = rounds_of("tfidf", few, groups=np.arange(40))
    assert (found.last_paid, found.stopped) == (0, False)


def test_one_run_is_no_history():
    assert rounds_of("tfidf", history(100), groups=ROWS) is None
