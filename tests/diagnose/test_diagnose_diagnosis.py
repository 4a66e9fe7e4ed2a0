from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from suffice.diagnose import conclude, diagnose, propose
from suffice.diagnose.ceiling import label_ceiling
from suffice.diagnose.draws import Draws
from suffice.diagnose.goals import Judged
from suffice.diagnose.outcomes import Outcomes
from suffice.records.grid import Agreement, ReviewedRows
from suffice.records.labels import LabelSet
from suffice.records.run import REVIEWED_AS_DECIDED, REVIEWED_AS_GIVEN
from suffice.records.task import TargetSpec
from suffice.records.verdict import Goal
from suffice.stats.paired import paired_counts
from suffice.stats.tango import difference_upper_bound, rows_for_non_inferiority
from suffice.text.rounding import about_rows


def climbing(cell, rung="tfidf", *, whole=0.85):
    """Errors that halve with every doubling of the rows: 0.60, 0.30, 0.15 for a `whole` of 0.85."""
    lost = 1.0 - whole
    return [
        cell(rung, n=200, right=1.0 - 4.0 * lost, asked=200),
        cell(rung, n=400, right=1.0 - 2.0 * lost, asked=400),
        cell(rung, n=800, right=whole),
    ]


def level(cell, rung="tfidf", *, whole=0.85):
    """The same at every size."""
    return [cell(rung, n=n, right=whole, asked=n) for n in (100, 200, 400)] + [cell(rung, n=800, right=whole)]


def verdict_of(grid):
    """The verdict before the test is opened, of the first rung on all rows."""
    whole = next(cell for cell in grid.cells if cell.whole and cell.change is None and cell.rung != "majority")
    judged = Judged(
        rung=whole.rung,
        run=whole.run,
        ids=tuple(map(str, range(len(grid.y_true)))),
        y_true=grid.y_true,
        y_pred=whole.y_pred,
        groups=grid.groups,
        labels=LabelSet(names=grid.labels),
    )
    proposal = propose([judged], grid.target, labels=judged.labels, n_test=grid.n_test, seed=0)
    found = diagnose(grid, rung=whole.rung, goals=(), skipped=(), seed=0)
    return conclude(proposal, (), grid.target, found), found


def test_a_curve_that_still_climbs_asks_for_more_data(cell, grid):
    verdict, found = verdict_of(grid(climbing(cell), at_least=0.9))
    assert verdict.code == "more_data"
    (step,) = found.plans[0].steps
    # Halving with each doubling, 1,200 rows are enough for 0.90; draws ask for that, or for up to thrice as many more.
    assert 400 <= step.labels <= 2_800
    assert found.plans[0].predicted
    assert "as foretold" in verdict.because[1]
    assert "on the rows that it was fitted on, tfidf is right in 0.990" in verdict.because


def test_a_level_curve_does_not(cell, grid):
    verdict, found = verdict_of(grid(level(cell), at_least=0.92))
    assert verdict.code == "undecided"
    assert "no plan that was looked at is likely to reach the target" in verdict.because[1]
    assert "not identified: review 300 validation rows" in verdict.because[1]
    assert max((plan.probability for plan in found.plans), default=0.0) < 0.5


def test_a_training_setting_that_was_repaired_is_the_verdict(cell, grid):
    repaired = cell("tfidf", n=800, right=0.96, change="training:strength")
    verdict, found = verdict_of(grid([*level(cell), repaired], at_least=0.93))
    assert verdict.code == "fix_training"
    assert [share.cause for share in found.gap.shares] == ["training"]
    # By hand: 0.96 - 0.85.
    assert found.gap.shares[0].solo == pytest.approx(0.11, abs=1e-9)
    assert found.gap.unexplained == pytest.approx(0.93 - 0.96, abs=1e-9)


def test_a_setting_that_was_run_on_part_of_the_rows_is_foretold_and_no_part_of_the_gap(cell, grid):
    repaired = cell("tfidf", n=200, right=0.97, asked=200, change="training:rate*3")
    _, found = verdict_of(grid([*level(cell), repaired], at_least=0.93))
    plan = next(plan for plan in found.plans if plan.steps[0].code == "fix_training")
    assert plan.predicted
    assert found.gap.shares == ()
    assert found.gap.reaching == ()


def test_the_best_of_a_sweep_is_not_held_against_the_rows_that_chose_it(cell, grid):
    # Sixteen settings that are all as good as none: by chance the best of them is not.
    swept = [cell("tfidf", n=800, right=0.85, seed=0, change=f"training:{k}") for k in range(16)]
    y_true = np.arange(1_000) % 4
    for k, one in enumerate(swept):
        wrong = np.random.default_rng(k).random(1_000) < 0.15
        swept[k] = replace(one, y_pred=np.where(wrong, (y_true + 1) % 4, y_true))
    made = grid([*level(cell), *swept])
    outcomes = Outcomes(draws=Draws(grid=made, seed=0))
    best = max(float((one.y_pred == y_true).mean()) for one in swept)
    scored = 1.0 - float(outcomes.errors("tfidf", frozenset({"training"})).values[0, 0])
    assert best > 0.865
    assert scored == pytest.approx(0.85, abs=0.011)
    # A setting that is better on every row is chosen by either half, and scored as it is.
    clear = grid([*level(cell), *swept, cell("tfidf", n=800, right=0.95, change="training:good")])
    of_clear = Outcomes(draws=Draws(grid=clear, seed=0)).errors("tfidf", frozenset({"training"}))
    assert of_clear.values[0, 0] == pytest.approx(0.05)


def test_shares_add_up_to_the_joint_gain(cell, grid):
    cells = [
        *level(cell),
        cell("tfidf", n=800, right=0.90, seed=1, change="training:strength"),
        cell("tfidf", n=800, right=0.88, seed=2, change="train_labels-ab12"),
        cell("tfidf", n=800, right=0.95, seed=3, change="train_labels-ab12+training:strength"),
    ]
    gap = verdict_of(grid(cells, at_least=0.93))[1].gap
    assert {share.cause for share in gap.shares} == {"training", "train_labels"}
    assert sum(share.shapley for share in gap.shares) == pytest.approx(gap.joint, abs=1e-9)
    # By hand: (0.05 + 0.07) / 2 and (0.03 + 0.05) / 2, jointly 0.10, of which 0.05 + 0.03 alone.
    shares = {share.cause: share.shapley for share in gap.shares}
    assert shares == {"training": pytest.approx(0.06, abs=1e-9), "train_labels": pytest.approx(0.04, abs=1e-9)}
    assert gap.interaction == pytest.approx(0.02, abs=1e-9)
    assert gap.reaching == (("train_labels", "training"),)


def test_evaluation_labels_that_a_person_found_wrong_are_rescored(cell, grid):
    cells = level(cell, whole=0.85)
    whole = cells[-1]
    # Of 200 reviewed rows, all those that the rung misses have a wrong label, and the rung is right.
    rows = np.arange(200)
    made = grid(cells, at_least=0.95, reviewed=ReviewedRows(rows=rows, y=whole.y_pred[rows]))
    verdict, found = verdict_of(made)
    assert verdict.code == "clean_labels"
    (share,) = found.gap.shares
    assert share.cause == "eval_labels"
    assert share.solo == pytest.approx(0.15, abs=0.02)


def test_reviewed_labels_that_are_right_leave_nothing_to_clean(cell, grid):
    cells = level(cell, whole=0.85)
    rows = np.arange(200)
    made = grid(cells, at_least=0.95, reviewed=ReviewedRows(rows=rows, y=rows % 4))
    verdict, found = verdict_of(made)
    assert verdict.code == "undecided"
    assert all(step.code != "clean_eval_labels" for plan in found.plans[:1] for step in plan.steps)


def test_misses_among_the_surest_answers_are_a_lead_to_wrong_labels(cell, grid):
    cells = level(cell, whole=0.85)
    evenly_sure = [replace(one, confidence=np.full(1_000, 0.8, dtype=np.float32)) for one in cells]
    verdict, found = verdict_of(grid(evenly_sure, at_least=0.9))
    assert verdict.code == "clean_labels"
    assert found.plans[0].predicted
    assert found.gap.shares == ()


def test_training_on_reviewed_rows_with_either_label_tells_what_wrong_training_labels_cost(cell, grid):
    cells = [
        *level(cell, whole=0.80),
        cell("tfidf", n=150, right=0.60, change=f"{REVIEWED_AS_GIVEN}-ab12"),
        cell("tfidf", n=150, right=0.80, change=f"{REVIEWED_AS_DECIDED}-ab12"),
        cell("tfidf", n=800, right=0.81, change="train_labels-cd34"),
    ]
    verdict, found = verdict_of(grid(cells, at_least=0.87, n_flagged=100))
    assert verdict.code == "clean_labels"
    # By hand: right labels halve an error of 0.40, so that 0.20 falls to 0.10; 1.5 rows for each that is flagged.
    assert found.plans[0].score == pytest.approx(0.90, abs=0.02)
    assert found.plans[0].steps[0].labels == 150
    # On the reviewed rows alone it was run, and on all rows it is foretold: no part of the gap.
    assert found.plans[0].predicted
    assert found.gap.shares == ()


def test_a_dearer_rung_that_was_run_on_part_of_the_rows_is_foretold(cell, grid):
    cells = [*level(cell, whole=0.80), *(cell("embed", n=n, right=0.95, asked=n) for n in (100, 200, 400))]
    verdict, found = verdict_of(grid(cells, at_least=0.9))
    assert verdict.code == "scale_up"
    assert found.plans[0].rung == "embed"
    assert found.plans[0].predicted
    assert next(one.n for one in found.forecast if one.rung == "embed") == 800


def test_labels_that_cannot_be_told_apart_are_merged(cell, grid):
    cells = level(cell, whole=0.75)
    # Every error takes a label for the next one: with a and b as one, the errors of a are none.
    verdict, found = verdict_of(grid(cells, at_least=0.78, pairs=(("a", "b"),)))
    assert verdict.code == "merge_labels"
    assert "make one label of a and b" in verdict.because[1]
    merged = (np.minimum(cells[-1].y_pred, 9) % 4)[np.arange(1_000) % 4 == 0]
    assert found.plans[0].score == pytest.approx(0.75 + (merged == 1).sum() / 1_000, abs=0.01)


def test_labels_by_chance_are_told_though_too_few_rows_show_it(cell, grid):
    # Other rows are right, and as many: a quarter is had by chance.
    few = {"n_rows": 200}
    cells = [cell("majority", n=800, right=0.25, seed=1, **few), cell("tfidf", n=800, right=0.25, **few)]
    verdict, found = verdict_of(grid(cells, at_least=0.9, **few))
    assert not found.not_learnable
    said = next(one for one in verdict.because if one.startswith("no rung is shown to beat the commonest label"))
    first, second = ((one.y_pred == np.arange(200) % 4) for one in reversed(cells))
    counts = paired_counts(first, second)
    most = difference_upper_bound(counts, alpha=0.05)
    # Tango's bound, rounded up; and rows by Nam for a margin of two points at this discordance.
    assert f"tfidf gains at most {np.ceil(1_000 * most) / 10:.1f} points over it (95% sure)" in said
    share = (counts.n_only_first + counts.n_only_second) / 200
    n = rows_for_non_inferiority(discordance=share, margin=0.02, alpha=0.05)
    assert f"about {about_rows(n)} would show a gain that is none to be under 2 points" in said
    assert "the commonest label: on 200 messages tfidf" in said
    asked = replace(grid(cells, at_least=0.9, **few), kind="answer")
    assert "the commonest answer: on 200 questions tfidf" in (verdict_of(asked)[1].over_commonest or "")
    learns = [cells[0], cell("tfidf", n=800, right=0.6, **few)]
    assert verdict_of(grid(learns, at_least=0.9, **few))[1].over_commonest is None


def test_nothing_that_beats_the_commonest_label_is_not_learnable(cell, grid):
    cells = [cell("majority", n=800, right=0.25), *level(cell, whole=0.25)]
    verdict, _ = verdict_of(grid(cells, at_least=0.9))
    assert verdict.code == "not_learnable"


def test_a_network_that_learns_on_part_of_the_rows_keeps_a_task_from_being_called_unlearnable(cell, grid):
    cheap = [cell("majority", n=800, right=0.25), *level(cell, whole=0.25)]
    learns = [*cheap, cell("encoder", n=200, right=0.55, asked=200)]
    assert not verdict_of(grid(learns, at_least=0.9))[1].not_learnable
    assert verdict_of(grid([*cheap, cell("encoder", n=200, right=0.25, asked=200)], at_least=0.9))[1].not_learnable
    # One that was not run at all could be the one that learns.
    named = grid([*cheap, cell("encoder", n=200, right=0.25)])
    assert not verdict_of(replace(grid(cheap), rungs=named.rungs))[1].not_learnable


def on_the_test(what, *, estimate, spread, n=500, alpha=0.04):
    """A goal of 0.9 on test rows, its bounds so many standard errors about the estimate."""
    z = 1.7507  # Of 0.04.
    lower, upper = estimate - z * spread, estimate + z * spread
    outcome = "proven" if lower >= 0.9 else "refuted" if upper < 0.9 else "undecided"
    return Goal(
        what=what,
        outcome=outcome,
        n=n,
        n_effective=float(n),
        estimate=estimate,
        lower=lower,
        upper=upper,
        alpha=alpha,
        target=0.9,
        more_rows=0,
    )


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_what_the_test_refuted_is_no_plan_under_either_metric(metric, cell, grid):
    made = replace(grid(level(cell, whole=0.92)), target=TargetSpec(at_least=0.9, metric=metric))
    goal = on_the_test(metric, estimate=0.84, spread=0.008, n=2_000)
    before, after = (diagnose(made, rung="tfidf", goals=goals, skipped=(), seed=0) for goals in ((), (goal,)))
    assert before.plans[0].steps[0].code == "more_test_rows"
    assert before.plans[0].probability > 0.9
    assert max((one.probability for one in after.plans), default=0.0) < 0.1


def test_a_later_opening_and_rows_in_groups_ask_for_more_evidence(cell, grid):
    made = grid(level(cell, whole=0.85))

    def evidence(*goals):
        return diagnose(made, rung="tfidf", goals=goals, skipped=(), seed=0).gap.evidence

    first = on_the_test("accuracy", estimate=0.85, spread=0.016)
    sealed = evidence()
    # By Clopper-Pearson: of 500 rows 38 errors prove 0.9 at alpha 0.04, and 33 at 0.005.
    assert sealed == pytest.approx(0.024) == evidence(first)
    assert evidence(replace(first, alpha=0.005)) == pytest.approx(0.034)
    assert evidence(replace(first, n_effective=250.0)) > sealed


def test_a_rung_that_does_needs_no_plan_but_evidence(cell, grid):
    verdict, found = verdict_of(grid(level(cell, whole=0.95), at_least=0.9))
    assert verdict.code == "undecided"
    assert [step.code for step in found.plans[0].steps] == ["more_test_rows"]


def test_the_ceiling_is_a_bracket_and_only_reviewed_rows_close_it(cell, grid):
    made = grid(level(cell, whole=0.85))
    open_above = label_ceiling(made)
    assert open_above.high is None
    # By a Clopper-Pearson table: 850 of 1,000 are at least 0.830 at 95%.
    assert open_above.low == pytest.approx(0.830, abs=0.001)
    rows = np.arange(300)
    right_label = np.where(rows < 30, 3 - rows % 4, rows % 4)
    closed = label_ceiling(grid(level(cell, whole=0.85), reviewed=ReviewedRows(rows=rows, y=right_label)))
    assert closed.n_reviewed == 300
    assert closed.low <= closed.high <= 1.0


def test_messages_labelled_twice_close_the_bracket_where_nobody_reviewed(cell, grid):
    cells = level(cell, whole=0.85)
    twice = label_ceiling(grid(cells, agreement=Agreement(n=200, n_same=162, by="annotators")))
    # By a Clopper-Pearson table: at most 0.854 of such pairs agree at 95%, whose root is 0.924.
    assert twice.high == pytest.approx(0.924, abs=0.001)
    assert "agree in 162 of 200" in twice.why
    # Fifty are too few below that number, and copies that never differ were labelled once.
    for too_little in (Agreement(n=49, n_same=40, by="copies"), Agreement(n=900, n_same=900, by="copies")):
        assert label_ceiling(grid(cells, agreement=too_little)).high is None


def test_where_nothing_is_left_to_gain_a_task_is_not_called_unlearnable(cell, grid):
    common = np.zeros(1_000, dtype=np.int64)
    common[:15] = 1
    cells = [cell("majority", n=800, right=1.0), cell("tfidf", n=800, right=1.0)]
    cells = [replace(one, y_pred=np.zeros(1_000, dtype=np.int64)) for one in cells]
    _, found = verdict_of(grid(cells, y_true=common, at_least=0.995))
    # The commonest label is right in 98.5%: two points more are not to be had.
    assert not found.not_learnable


def test_labels_that_are_merged_are_not_put_right_a_second_time(cell, grid):
    whole = cell("tfidf", n=800, right=1.0)
    # Half of the rows of a and b are answered with the other: all that is wrong, and the reviewer agrees with it.
    y_true = np.arange(1_000, dtype=np.int64) % 4
    a_or_b = np.flatnonzero(y_true < 2)
    y_pred = y_true.copy()
    y_pred[a_or_b[::2]] = 1 - y_pred[a_or_b[::2]]
    reviewed = ReviewedRows(rows=np.arange(200), y=y_pred[:200])
    made = grid([replace(whole, y_pred=y_pred)], pairs=(("a", "b"),), reviewed=reviewed, at_least=0.97)
    outcomes = Outcomes(draws=Draws(grid=made, seed=0))
    both = outcomes.errors("tfidf", frozenset({"merge_labels", "eval_labels"}))
    merged = outcomes.errors("tfidf", frozenset({"merge_labels"}))
    assert merged.values[0, 0] == pytest.approx(0.0, abs=1e-9)
    assert np.median(both.values[0]) == pytest.approx(0.0, abs=0.01)


def test_more_rows_after_a_repair_bring_what_the_repaired_rung_gains_by_them(cell, grid):
    """As it was the rung learns nothing; repaired, it halves its error with every doubling."""
    as_it_was = [cell("tfidf", n=n, right=0.3, asked=n) for n in (200, 400)] + [cell("tfidf", n=800, right=0.3)]
    repaired = [
        cell("tfidf", n=n, right=right, asked=None if n == 800 else n, change="training:strength*100")
        for n, right in ((200, 0.2), (400, 0.6), (800, 0.8))
    ]

    def after(cells):
        outcomes = Outcomes(draws=Draws(grid=grid(cells), seed=0))
        return 1.0 - np.median(outcomes.errors("tfidf", frozenset({"training"}), more=2.0).values[0])

    assert after([*as_it_was, repaired[-1]]) < 0.83
    assert 0.86 < after([*as_it_was, *repaired]) < 0.94
