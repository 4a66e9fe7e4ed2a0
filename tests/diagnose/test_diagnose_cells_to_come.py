from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from suffice.diagnose.next_cells import asked_for, may_follow, next_cells
from suffice.records.grid import RungFacts
from suffice.records.next_cells import Budget

BUDGET = Budget(seconds=inf, run_all=False, n_seeds=1, seed=0)
TFIDF = RungFacts(name="tfidf", cheap=True, trains=True, sweep=("strength",), in_ladder=True, seconds_per_row=1e-3)
NETWORK = RungFacts(
    name="network", cheap=False, trains=True, sweep=("rate/3", "rate*3"), in_ladder=True, seconds_per_row=0.1
)


@pytest.fixture
def climbed(cell, grid):
    """Runs what is wanted first, again and again, each cell as right as `right` says; what was wanted, in order."""

    def run(budget, *, right, at_least=0.9):
        start = grid([], rungs=(TFIDF, NETWORK), n_rows=200, at_least=at_least)
        cells, asked = [], []
        while wanted := next_cells(replace(start, cells=tuple(cells)), budget).wanted:
            one = wanted[0]
            asked.append(one)
            made = cell(one.rung, n=one.n or 800, right=right(one), n_rows=200, seed=len(cells), asked=one.n)
            made = replace(made, subset_seed=one.subset_seed, seed=one.seed, change=one.change)
            cells.append(made)
            assert len(cells) < 60
        return start, asked

    return run


def _key(one):
    return one.rung, one.n, one.subset_seed, one.seed, one.change


@pytest.mark.parametrize("n_seeds", [1, 3])
def test_nothing_is_wanted_that_could_not_be_foreseen(climbed, n_seeds):
    budget = replace(BUDGET, n_seeds=n_seeds)

    def right(one):
        return 0.84 + 0.01 * (one.rung == "network") + 0.01 * bool(one.change)

    start, asked = climbed(budget, right=right, at_least=0.88)
    first = next_cells(start, budget).wanted
    foreseen = [*first, *may_follow(start, budget, first=first)]
    assert {_key(one) for one in asked} == {_key(one) for one in foreseen}
    assert len(foreseen) == len({_key(one) for one in foreseen})


def test_where_a_rung_meets_the_target_nothing_more_is_wanted(climbed):
    _, asked = climbed(BUDGET, right=lambda one: 1.0)
    assert [(one.rung, one.n) for one in asked] == [("tfidf", None)]


def test_a_network_is_run_under_every_seed_and_a_cheap_rung_once(climbed):
    _, asked = climbed(replace(BUDGET, n_seeds=3), right=lambda one: 0.85)
    whole = [(one.rung, one.seed) for one in asked if one.n is None and one.change is None]
    assert whole == [("tfidf", 0), ("network", 0), ("network", 1), ("network", 2)]


def test_a_network_that_meets_the_target_is_still_run_under_the_other_seeds(climbed):
    _, asked = climbed(replace(BUDGET, n_seeds=2), right=lambda one: 1.0 if one.rung == "network" else 0.5)
    assert [(one.rung, one.n, one.seed) for one in asked] == [
        ("tfidf", None, 0),
        ("network", 100, 0),
        ("network", 200, 0),
        ("network", None, 0),
        ("network", None, 1),
    ]


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        (None, None),
        ("train_labels-3fa2", "train_labels"),
        ("training:rate/3", "training:rate/3"),
        ("train_labels-3fa2+training:strength", "train_labels+training:strength"),
    ],
)
def test_a_change_is_asked_for_without_the_hash_that_it_stands_on(change, asked):
    assert asked_for(change) == asked
