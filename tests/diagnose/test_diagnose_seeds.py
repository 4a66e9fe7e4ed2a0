from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from suffice.diagnose.draws import Draws
from suffice.diagnose.seeds import USUAL_AT, USUAL_DEVIATION, Seeds
from suffice.records.task import TargetSpec
from suffice.stats.recipe import Runs


def seeds_of(grid, **given):
    return Seeds(draws=Draws(grid=grid, seed=0, **given))


def varied(cell, rung, scores, *, n=400):
    """Runs that are right on the same rows, more or fewer of them, on subsets of one size."""
    return [cell(rung, n=n, right=right, asked=n, subset_seed=seed) for seed, right in enumerate(scores)]


def total(components, n):
    return components.of_subset(n) + components.of_training(n)


def test_the_variance_between_runs_of_a_size_is_that_of_their_scores(cell, grid):
    scores = np.array([0.86, 0.78, 0.83, 0.75, 0.80, 0.84, 0.77, 0.81])
    seeds = seeds_of(grid(varied(cell, "tfidf", scores)))
    (found,) = seeds.of("tfidf")
    # By hand: half of it is the subset's by the prior and half of the pool was drawn, so that it is seen as half.
    assert 0.6 * scores.var(ddof=1) < total(found, 400) < 1.1 * scores.var(ddof=1)
    assert not seeds.is_borrowed("tfidf")
    assert found.df == 7.0


def test_sizes_a_row_apart_are_one_size(cell, grid):
    runs = [*varied(cell, "tfidf", [0.8], n=400), *varied(cell, "tfidf", [0.84], n=399)]
    assert not seeds_of(grid(runs)).is_borrowed("tfidf")


def test_of_a_rung_that_was_run_once_the_sibling_that_varies_most_stands_in(cell, grid):
    cells = [
        *varied(cell, "tfidf", [0.80, 0.81, 0.82]),
        *varied(cell, "embed", [0.75, 0.85, 0.90]),
        cell("encoder", n=800, right=0.9),
    ]
    seeds = seeds_of(grid(cells))
    (found,) = seeds.of("encoder")
    assert found.borrowed_from == "embed"
    assert seeds.is_borrowed("encoder")
    assert total(found, 400) == total(seeds.of("embed")[0], 400)


def test_what_is_usual_stands_in_where_nothing_was_run_twice(cell, grid):
    seeds = seeds_of(grid([cell("tfidf", n=800, right=0.9)], n_train=10**9))
    (found,) = seeds.of("tfidf")
    assert total(found, USUAL_AT) == pytest.approx(USUAL_DEVIATION**2, rel=1e-6)
    assert seeds.is_borrowed("tfidf")


def test_a_rung_that_does_not_train_has_no_seeds(cell, grid):
    made = grid([*varied(cell, "tfidf", [0.8, 0.9]), cell("majority", n=800, right=0.3), cell("big", n=0, right=0.9)])
    rungs = tuple(replace(facts, trains=facts.name != "big") for facts in made.rungs)
    seeds = seeds_of(replace(made, rungs=rungs))
    for rung in ("majority", "big"):
        assert seeds.of(rung) is None
        assert not seeds.is_borrowed(rung)
        assert (seeds.effects(rung, Runs(n=800), example_variance=np.array([1e-4])) == 0.0).all()


def test_the_recall_of_a_label_has_seeds_of_its_own(cell, grid):
    cells = varied(cell, "tfidf", [0.8, 0.8, 0.8])
    # The label `a` alone is missed in the second run and found in the third: its recall varies and little else does.
    rows = np.arange(1_000) % 4 == 0
    missed, right = (replace(one, y_pred=one.y_pred.copy()) for one in cells[1:])
    missed.y_pred[rows], right.y_pred[rows] = 1, 0
    target = TargetSpec(at_least=0.9, recall={"a": 0.8})
    overall, of_label = seeds_of(grid([cells[0], missed, right], target=target)).of("tfidf")
    assert total(of_label, 400) > 8 * total(overall, 400)


def test_rows_that_nobody_was_asked_do_not_count(cell, grid):
    cells = varied(cell, "tfidf", [0.9, 0.9, 0.9])
    for one in cells:
        one.y_pred[500:] = -2
    cells[1].y_pred[:50] = (cells[1].y_pred[:50] + 1) % 4
    (found,) = seeds_of(grid(cells)).of("tfidf")
    assert total(found, 400) > 0.0


def test_rungs_that_rest_on_one_estimate_share_how_far_off_it_is(cell, grid):
    cells = [*varied(cell, "tfidf", [0.70, 0.85]), cell("embed", n=800, right=0.9)]
    seeds = seeds_of(grid(cells), n_draws=4_000)
    own, other = (seeds.effects(rung, Runs(n=800), example_variance=np.array([1e-6]))[0] for rung in ("tfidf", "embed"))
    assert abs(spearmanr(own, other)[0]) < 0.1
    assert spearmanr(np.abs(own), np.abs(other))[0] > 0.1
