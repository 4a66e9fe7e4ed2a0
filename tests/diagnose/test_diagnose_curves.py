from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import beta

from suffice.diagnose.curves import Curve, rows_needed, trust
from suffice.diagnose.draws import Draws
from suffice.diagnose.seeds import Seeds
from suffice.records.diagnosis import RowsNeeded
from suffice.records.grid import Measured
from suffice.records.task import TargetSpec
from suffice.stats.f1 import macro_f1
from suffice.text.plan_words import needed_sentence


def curve_of(grid, rung="tfidf"):
    draws = Draws(grid=grid, seed=0)
    return Curve(rung=rung, draws=draws, seeds=Seeds(draws=draws))


def runs(cell, lost, *, whole=None, spread=0.0):
    """Three subsets of 100, 200, 400 rows whose errors are `lost`, and the whole 800."""
    cells = [
        cell("tfidf", n=n, right=1.0 - error + spread * (seed - 1), asked=n, subset_seed=seed)
        for n, error in zip((100, 200, 400), lost, strict=True)
        for seed in range(3)
    ]
    return cells if whole is None else [*cells, cell("tfidf", n=800, right=1.0 - whole)]


def test_a_curve_that_falls_by_a_law_goes_on_by_it(cell, grid):
    # error = 2 / sqrt(n): 0.2, 0.141, 0.1 and 0.0707.
    found = curve_of(grid(runs(cell, (0.2, 0.141, 0.1), whole=0.071))).forecast(3_200)
    # By the law 0.035; a floor is possible.
    assert found.accuracy == pytest.approx(1.0 - 0.035, abs=0.015)
    assert found.trust == "forecast"
    assert found.interval.low < found.accuracy < found.interval.high


def test_a_level_curve_stays_level(cell, grid):
    found = curve_of(grid(runs(cell, (0.2, 0.2, 0.2), whole=0.2))).forecast(1_600)
    assert found.accuracy == pytest.approx(0.8, abs=0.01)


def test_runs_that_vary_make_a_wider_forecast(cell, grid):
    def width(spread):
        found = curve_of(grid(runs(cell, (0.3, 0.25, 0.21), whole=0.18, spread=spread))).forecast(1_600).interval
        return found.high - found.low

    assert width(0.05) > 1.3 * width(0.0)


def test_a_point_of_the_curve_has_the_chance_of_seeds_in_it(cell, grid):
    steady, varied = (
        curve_of(grid(runs(cell, (0.3, 0.25, 0.21), spread=spread))).points()[0] for spread in (0.0, 0.05)
    )
    assert steady.accuracy == varied.accuracy == pytest.approx(0.7)
    assert steady.n_cells == 3
    assert varied.interval.high - varied.interval.low > 1.2 * (steady.interval.high - steady.interval.low)


def test_the_majority_has_the_interval_of_its_rows_alone(cell, grid):
    cells = [*runs(cell, (0.3, 0.25, 0.21), spread=0.05), cell("majority", n=800, right=0.25)]
    (point,) = curve_of(grid(cells), "majority").points()
    # By hand: 1.645 standard deviations of a quarter on 1,000 rows.
    assert point.interval.high - point.interval.low == pytest.approx(2 * 1.645 * np.sqrt(0.25 * 0.75 / 1_000), rel=0.1)
    assert point.fitted is None


def test_the_order_in_which_cells_were_run_changes_nothing(cell, grid):
    cells = runs(cell, (0.31, 0.25, 0.22), whole=0.2, spread=0.013)
    assert curve_of(grid(cells)).points() == curve_of(grid(cells[::-1])).points()


def test_one_size_is_no_curve(cell, grid):
    assert curve_of(grid(runs(cell, (0.3, 0.3, 0.3))[:3])).forecast(800) is None


def test_forecasts_are_called_by_how_far_they_reach():
    assert [trust(ratio) for ratio in (1.0, 2.0, 4.0, 8.0, 16.0, 17.0)] == [
        *("measured", "forecast", "forecast", "rough", "rough", "guess")
    ]


def needed(cell, grid, lost, *, whole, at_least):
    curve = curve_of(grid(runs(cell, lost, whole=whole), at_least=at_least))
    return rows_needed(curve, np.full(curve.draws.n_draws, 1.0 / curve.draws.n_draws))


def test_the_rows_that_a_target_needs_are_read_off_the_law(cell, grid):
    # error = 2 / sqrt(n): 0.05 takes 1,600 rows if there is no floor.
    found = needed(cell, grid, (0.2, 0.141, 0.1), whole=0.071, at_least=0.95)
    assert found.n == pytest.approx(1_600, rel=0.35)
    assert found.low is not None
    assert found.low < found.n
    assert found.trust == "forecast"


def test_what_no_number_of_rows_brings_is_told_as_at_least(cell, grid):
    found = needed(cell, grid, (0.2, 0.2, 0.2), whole=0.2, at_least=0.95)
    assert (found.n, found.beyond, found.trust) == (None, 16 * 800, "guess")
    assert needed_sentence(found) == (
        "tfidf would need more than 13,000 training rows for the target, if any number will do"
    )


def test_an_end_that_is_not_known_is_told_so():
    open_end = RowsNeeded(rung="embed", n=2_850, low=1_910, high=None, beyond=6_400, trust="rough")
    assert needed_sentence(open_end) == (
        "embed would need about 2,900 training rows for the target (90% interval 2,000 to more than 6,400; rough)"
    )


def test_where_all_rows_are_right_the_score_is_still_not_certain(cell, grid):
    made = grid([cell("tfidf", n=800, right=1.0, n_rows=40)], n_rows=40)
    errors = Draws(grid=made, seed=0).errors(made.cells[0])[0]
    assert errors[0] == 0.0
    # Beta(40.5, 0.5): 5% of it lies below 0.953.
    assert np.quantile(1.0 - errors, 0.05) == pytest.approx(beta.ppf(0.05, 40.5, 0.5), abs=0.006)


def test_macro_f1_is_foretold_by_the_rows_of_rare_labels_too(cell, grid):
    """Two labels of four have a twentieth of the rows each; all are learned by their own rows alike."""
    rows_of, y_true = np.array([360, 360, 40, 40]), np.arange(1_000) % 4
    place = np.arange(1_000) // 4 / 250  # Of each row among those of its label.

    def missed(n: float) -> np.ndarray:
        return (1.0 + rows_of * n / 800 / 20.0) ** -0.6

    def at(n: int, **given: object) -> Measured:
        y_pred = np.where(place < missed(n)[y_true], (y_true + 2) % 4, y_true)
        return replace(cell("tfidf", n=n, right=1.0, **given), y_pred=y_pred)

    cells = [at(n, asked=n) for n in (100, 200, 400)] + [at(800)]
    target = TargetSpec(at_least=0.9, metric="macro_f1")
    plain, by_label = (
        curve_of(replace(grid(cells), target=target, of_label=of_label)).forecast(3_200)
        for of_label in (None, tuple(rows_of.tolist()))
    )
    truth = macro_f1(y_true, at(3_200).y_pred, n_labels=4)
    assert abs(by_label.accuracy - truth) < 0.9 * abs(plain.accuracy - truth)
    # The spread is that of the power law.
    widths = [found.interval.high - found.interval.low for found in (plain, by_label)]
    assert widths[1] == pytest.approx(widths[0], abs=0.03)
