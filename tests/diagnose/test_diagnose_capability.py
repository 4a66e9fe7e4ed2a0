from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest, false_discovery_control

from suffice.diagnose import capability
from suffice.records.evaluation import Cost
from suffice.records.slices import Slice
from suffice.records.task import CostSpec, TargetSpec

COST = Cost(
    latency_p50_ms=36.0,
    latency_p95_ms=50.0,
    n_timed=200,
    size_bytes=2_000_000,
    adapter_bytes=0,
    train_seconds=1.0,
    n_train=800,
)


def table(made, *, slices=()):
    return capability(made, slices=slices, costs={facts.name: COST for facts in made.rungs}, seed=0)


def rung(made, name="tfidf", *, slices=()):
    return next(one for one in table(made, slices=slices).rungs if one.rung == name)


def with_wrong(made_cell, n_wrong, *, of_label):
    """A cell that is right but for the first rows of one label."""
    wrong = np.flatnonzero(np.arange(1_000) % 4 == of_label)[:n_wrong]
    y_pred = np.arange(1_000) % 4
    y_pred[wrong] = (y_pred[wrong] + 1) % 4
    return replace(made_cell, y_pred=y_pred)


def test_the_interval_is_exact(cell, grid):
    one = rung(grid([cell("tfidf", n=800, right=0.9)]))
    expected = binomtest(900, 1_000).proportion_ci(method="exact")
    assert (one.n, one.accuracy) == (1_000, 0.9)
    assert (one.interval.low, one.interval.high) == pytest.approx((expected.low, expected.high))


def test_a_thousand_messages_cost_the_machine_or_the_endpoint(cell, grid):
    # By hand: 36 ms are a hundred-thousandth of an hour, at 2 for an hour and a thousand messages 0.02.
    here = grid([cell("tfidf", n=800, right=0.9)], prices=CostSpec(per_hour=2.0))
    assert rung(here).cost_per_thousand == pytest.approx(0.02)
    assert rung(here).size_bytes == 2_000_000
    asked = grid([cell("hosted:big", n=800, right=0.9, price_per_message=0.0011)])
    elsewhere = replace(asked, rungs=tuple(replace(one, price_per_message=0.0011, trains=False) for one in asked.rungs))
    assert rung(elsewhere, "hosted:big").cost_per_thousand == pytest.approx(1.1)
    assert rung(elsewhere, "hosted:big").size_bytes is None
    assert rung(elsewhere, "hosted:big").ceiling.why == "it learns from no row"


def test_an_endpoint_that_tells_no_tokens_has_no_price(cell, grid):
    made = grid([cell("hosted:big", n=800, right=0.9)])
    priced = replace(made, rungs=tuple(replace(one, price_per_message=1e-4) for one in made.rungs))
    assert rung(priced, "hosted:big").cost_per_thousand is None


def test_labels_and_slices_are_called_by_exact_tests_with_all_of_them_taken_into_account(cell, grid):
    start = grid([cell("tfidf", n=800, right=1.0)], at_least=0.9)
    made = replace(start, cells=(with_wrong(start.cells[0], 60, of_label=1),))
    few = Slice(name="few", says="", member=np.arange(1_000) < 8)
    long = Slice(name="long", says="", member=(np.arange(1_000) % 4 == 1) & (np.arange(1_000) < 240))
    one = rung(made, slices=(few, long))
    # Two-sided by doubling: labels of 250 rows with 250, 190, 250, 250 right, slices with 6 of 8 and 0 of 60.
    counts = [(250, 250), (190, 250), (250, 250), (250, 250), (6, 8), (0, 60)]
    p_values = [
        min(1.0, 2 * min(binomtest(k, n, 0.9, alternative=side).pvalue for side in ("less", "greater")))
        for k, n in counts
    ]
    assert [(part.n_correct, part.n) for part in one.parts] == counts
    assert [part.q_value for part in one.parts] == pytest.approx(list(false_discovery_control(p_values)))
    assert [part.name for part in one.which("good")] == ["a", "c", "d"]
    assert [part.name for part in one.which("not_good")] == ["b", "long"]
    # 0.9 ** 36 is the first power under 0.025: eight rows show nothing, right as they may be.
    assert [part.name for part in one.which("too_few")] == ["few"]


def test_rows_enough_that_show_nothing_are_open(cell, grid):
    start = grid([cell("tfidf", n=800, right=1.0)], at_least=0.9)
    one = rung(replace(start, cells=(with_wrong(start.cells[0], 25, of_label=1),)))
    assert [part.name for part in one.which("open")] == ["b"]


def test_a_label_with_a_target_of_its_own_is_held_against_that(cell, grid):
    made = grid([cell("tfidf", n=800, right=0.95)], target=TargetSpec(at_least=0.9, recall={"c": 0.99}))
    assert [part.level for part in rung(made).parts] == [0.9, 0.9, 0.99, 0.9]


def test_without_an_absolute_target_parts_are_held_against_the_rung_itself(cell, grid):
    made = grid([cell("tfidf", n=800, right=0.95)], target=TargetSpec(within=0.02))
    assert table(made).against == "own"
    assert {part.level for part in rung(made).parts} == {0.95}


def sizes(cell, *rights):
    """The same rung on 50, 100, ... rows, the last one on all: on three subsets each, which hardly differ."""
    ns = [800 // 2**k for k in range(len(rights))][::-1]
    return [
        cell("tfidf", n=n, right=right + 0.002 * subset, asked=None if n == 800 else n, seed=subset)
        for n, right in zip(ns, rights, strict=True)
        for subset in range(1 if n == 800 else 3)
    ]


def test_a_level_curve_has_a_ceiling_near_where_it_is_level(cell, grid):
    one = rung(grid(sizes(cell, 0.80, 0.80, 0.80, 0.80, 0.80)))
    assert one.ceiling.reached
    assert one.ceiling.score == pytest.approx(0.80, abs=0.03)
    assert one.ceiling.interval.low < one.ceiling.score < one.ceiling.interval.high


def test_a_curve_that_still_climbs_has_none(cell, grid):
    one = rung(grid(sizes(cell, 0.40, 0.55, 0.66, 0.745, 0.81)))
    assert not one.ceiling.reached
    assert one.ceiling.score is None
    assert "points more" in one.ceiling.why


def test_a_small_error_that_halves_with_every_doubling_has_none_though_it_is_under_two_points(cell, grid):
    one = rung(grid(sizes(cell, 0.80, 0.90, 0.95, 0.975, 0.988)))
    assert not one.ceiling.reached


def test_two_sizes_tell_of_no_ceiling(cell, grid):
    one = rung(grid(sizes(cell, 0.80, 0.80)))
    assert one.ceiling.why == "it was run at 2 sizes, and a curve takes 3"
