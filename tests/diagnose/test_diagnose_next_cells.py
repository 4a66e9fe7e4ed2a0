"""Which cells are asked for, from grids of made-up cells on 1,000 rows: one standard error at 0.9 is 0.95 points."""

from __future__ import annotations

import numpy as np
import pytest

from suffice.diagnose import next_cells
from suffice.records.grid import RungFacts
from suffice.records.next_cells import Budget
from suffice.records.task import TargetSpec

SWEEP = ("rate/3", "rate*3", "steps*2")


def facts(*names: str, seconds_per_row: float = 0.1) -> tuple[RungFacts, ...]:
    """Rungs of a ladder; whatever is called `encoder` is a network, of 80 seconds on all 800 rows."""
    return tuple(
        RungFacts(
            name=name,
            cheap=name != "encoder",
            trains=True,
            sweep=SWEEP if name == "encoder" else (),
            in_ladder=True,
            seconds_per_row=seconds_per_row if name == "encoder" else 1e-3,
        )
        for name in names
    )


def budget(*, run_all: bool = False, n_seeds: int = 1) -> Budget:
    return Budget(seconds=1e9, run_all=run_all, n_seeds=n_seeds, seed=0)


def asked(grid, **given: bool | int):
    return next_cells(grid, budget(**given)).wanted


@pytest.fixture
def curves_of_cheap(cell):
    """`majority` and `tfidf` on all rows, and every point of the curve of `tfidf`."""
    points = [cell("tfidf", n=n, right=0.6, seed=seed, asked=n) for n in (400, 200, 100, 50) for seed in range(3)]
    return [
        cell("majority", n=800, right=0.25),
        cell("tfidf", n=800, right=0.7),
        *points,
        cell("tfidf", n=800, right=0.7, change="train_labels-ab12"),
    ]


def test_cheap_rungs_come_whole_first_and_in_order_of_cost(cell, grid):
    made = grid([cell("majority", n=800, right=0.25)], rungs=facts("majority", "tfidf", "encoder"))
    first = asked(made)[0]
    assert (first.rung, first.n, first.change) == ("tfidf", None, None)


def test_the_climb_ends_at_the_first_rung_that_reaches_the_target_by_its_bound(cell, grid):
    made = grid(
        [cell("majority", n=800, right=0.25), cell("tfidf", n=800, right=0.95)],
        rungs=facts("majority", "tfidf", "encoder"),
    )
    found = next_cells(made, budget())
    assert found.wanted == ()
    assert [(one.rung, one.why) for one in found.skipped] == [("encoder", "tfidf meets the target on validation")]
    assert [one.rung for one in asked(made, run_all=True)] == ["encoder"]


def test_an_estimate_on_the_target_is_not_enough(cell, grid):
    # 0.91 over 1,000 rows has a lower bound of 0.894.
    made = grid(
        [cell("majority", n=800, right=0.25), cell("tfidf", n=800, right=0.91)],
        rungs=facts("majority", "tfidf", "encoder"),
    )
    assert asked(made)[0].rung == "encoder"


def test_a_network_is_looked_at_on_few_rows_first_and_left_out_where_it_cannot_reach(cell, grid, curves_of_cheap):
    ladder = facts("majority", "tfidf", "encoder")
    assert next(one.n for one in asked(grid(curves_of_cheap, rungs=ladder))) == 100
    poor = [cell("encoder", n=n, right=0.55, asked=n) for n in (100, 200)]
    found = next_cells(grid([*curves_of_cheap, *poor], at_least=0.95, rungs=ladder), budget())
    assert not any(one.rung == "encoder" for one in found.wanted)
    assert "it would not change the verdict" in next(one.why for one in found.skipped if one.rung == "encoder")


def test_a_network_that_takes_seconds_is_run_whole_at_once(grid, curves_of_cheap):
    ladder = facts("majority", "tfidf", "encoder", seconds_per_row=0.02)
    assert next((one.rung, one.n) for one in asked(grid(curves_of_cheap, rungs=ladder))) == ("encoder", None)


def test_every_training_seed_of_a_network_is_run(cell, grid, curves_of_cheap):
    ladder = facts("majority", "tfidf", "encoder", seconds_per_row=0.02)
    made = grid([*curves_of_cheap, cell("encoder", n=800, right=0.8)], rungs=ladder)
    first = asked(made, n_seeds=2)[0]
    assert (first.rung, first.n, first.seed) == ("encoder", None, 1)
    assert all(one.n is not None for one in asked(made, n_seeds=1))


def sweeps(found) -> list[str]:
    return [one.change for one in found.wanted if one.change is not None and one.rung == "encoder"]


def test_a_network_that_misses_the_target_is_repaired(cell, grid, curves_of_cheap):
    short = [cell("encoder", n=n, right=0.6, asked=n) for n in (100, 200)] + [cell("encoder", n=800, right=0.8)]
    made = grid([*curves_of_cheap, *short], rungs=facts("majority", "tfidf", "encoder"))
    assert sweeps(next_cells(made, budget())) == [f"training:{setting}" for setting in SWEEP]


def test_a_network_that_lacks_nothing_but_proof_is_not_repaired(cell, grid, curves_of_cheap):
    # 0.913 over 1,000 rows: 1.4 standard errors above 0.9, 92% of draws, and a lower bound of 0.897.
    enough = [cell("encoder", n=n, right=0.8, asked=n) for n in (100, 200)] + [cell("encoder", n=800, right=0.913)]
    found = next_cells(grid([*curves_of_cheap, *enough], rungs=facts("majority", "tfidf", "encoder")), budget())
    assert sweeps(found) == []
    (why,) = [one.why for one in found.skipped if (one.rung, one.what) == ("encoder", "interventions")]
    assert why.startswith("as it is, it reaches the target with a probability of 0.9")


def test_where_the_target_is_relative_nothing_reads_interventions_and_none_is_run(cell, grid, curves_of_cheap):
    short = [cell("encoder", n=n, right=0.6, asked=n) for n in (100, 200)] + [cell("encoder", n=800, right=0.8)]
    ladder = facts("majority", "tfidf", "encoder")
    made = grid([*curves_of_cheap[:-1], *short], rungs=ladder, target=TargetSpec(within=0.02))
    assert [one for one in asked(made, run_all=True) if one.change is not None] == []
    absolute = grid([*curves_of_cheap[:-1], *short], rungs=ladder)
    assert [one for one in asked(absolute, run_all=True) if one.change is not None]


def test_points_of_curves_are_nested_subsets_of_doubling_sizes(cell, grid):
    made = grid(
        [cell("majority", n=800, right=0.25), cell("tfidf", n=800, right=0.7)], rungs=facts("majority", "tfidf")
    )
    sizes = [one.n for one in asked(made) if one.change is None]
    assert sorted(np.unique(sizes).tolist()) == [50, 100, 200, 400]
    assert {one.subset_seed for one in asked(made) if one.n == 100} == {0, 1, 2}
