from __future__ import annotations

from dataclasses import replace

import pytest

from suffice.diagnose.foretold import foretold


def runs(cell, *, whole):
    """tfidf at an eighth and a quarter of 800 rows, and on half and all of them."""
    return [
        cell("tfidf", n=100, right=0.80, asked=100),
        cell("tfidf", n=200, right=0.86, asked=200),
        cell("tfidf", n=400, right=0.5, asked=400),
        cell("tfidf", n=800, right=whole),
    ]


def test_what_came_stands_beside_what_a_quarter_foretold(cell, grid):
    (one,) = foretold(grid(runs(cell, whole=0.93)), seed=0)
    assert (one.rung, one.seen, one.n) == ("tfidf", 200, 800)
    assert one.came == pytest.approx(0.93)
    # Errors of 0.20 and 0.14 fall by 0.7 each doubling: 0.069 at 800, or 0.10 with some of a floor.
    assert 0.88 <= one.accuracy <= 0.94
    assert one.interval.low < 0.93 < one.interval.high


def test_what_came_changes_nothing_of_what_was_foretold(cell, grid):
    (one,), (other,) = (foretold(grid(runs(cell, whole=whole)), seed=0) for whole in (0.93, 0.6))
    assert replace(one, came=other.came) == other


def test_a_rung_on_all_rows_alone_was_not_foretold(cell, grid):
    assert foretold(grid([cell("tfidf", n=800, right=0.9)]), seed=0) == ()
    assert foretold(grid(runs(cell, whole=0.9)[:3]), seed=0) == ()
