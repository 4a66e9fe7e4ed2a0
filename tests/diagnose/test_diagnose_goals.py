from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from suffice.diagnose import Paired, goals_of
from suffice.records.task import TargetSpec
from suffice.stats.planning import rows_needed

AT_95 = TargetSpec(at_least=0.95)
WITHIN_2 = TargetSpec(within=0.02)


def _goals(judged, target, labels, *, alpha=0.04, paired=None):
    return goals_of(judged, target, labels=labels, alpha=alpha, paired=paired, seed=0)


# STATISTICS of the project, section 1: for 0.95 the rule allows 8 errors in 300 rows, at alpha 0.05 and at 0.04.
@pytest.mark.parametrize(("n_wrong", "outcome"), [(8, "proven"), (9, "undecided"), (22, "undecided"), (25, "refuted")])
def test_eight_errors_in_three_hundred_rows_prove_95_percent_and_nine_do_not(judged, labels, n_wrong, outcome):
    (goal,) = _goals(judged("tfidf", n=300, n_wrong=n_wrong), AT_95, labels)
    assert goal.outcome == outcome
    # Clopper and Pearson's bounds as beta quantiles, by scipy.
    assert goal.lower == pytest.approx(beta.ppf(0.04, 300 - n_wrong, n_wrong + 1))
    assert goal.upper == pytest.approx(beta.ppf(0.96, 300 - n_wrong + 1, n_wrong))
    assert (goal.what, goal.n, goal.estimate, goal.target) == ("accuracy", 300, 1 - n_wrong / 300, 0.95)


def test_a_later_opening_asks_for_more(judged, labels):
    (first,) = _goals(judged("tfidf", n=300, n_wrong=8), AT_95, labels, alpha=0.04)
    (second,) = _goals(judged("tfidf", n=300, n_wrong=8), AT_95, labels, alpha=0.005)
    assert (first.outcome, second.outcome) == ("proven", "undecided")


def test_rows_that_a_handful_asks_for_are_told_by_the_least_that_could_prove_it(judged, labels):
    (goal,) = _goals(judged("tfidf", n=19, n_wrong=1), AT_95, labels)
    # All of 63 rows must be right: ln 0.04 / ln 0.95 = 62.8.
    assert (goal.outcome, goal.at_least) == ("undecided", 63 - 19)
    assert goal.more_rows > 40_000
    (known,) = _goals(judged("tfidf", n=300, n_wrong=9), AT_95, labels)
    assert known.at_least is None


def test_undecided_says_how_many_more_rows_would_decide(judged, labels):
    (goal,) = _goals(judged("tfidf", n=300, n_wrong=9), AT_95, labels)
    assert goal.more_rows == rows_needed(target=0.95, true_accuracy=0.97, alpha=0.04) - 300


def test_rows_in_groups_prove_less(judged, labels):
    (goal,) = _goals(judged("tfidf", n=300, n_wrong=8, rows_per_group=10), AT_95, labels)
    assert goal.outcome == "undecided"
    assert goal.estimate == pytest.approx(292 / 300)


def test_recall_is_measured_on_the_rows_of_its_label(judged, labels):
    target = TargetSpec(at_least=0.5, recall={"yes": 0.9})
    answers = judged("tfidf", n=200, n_wrong=4)  # Wrong on rows 0 to 3, of which 1 and 3 are `yes`.
    overall, recall = _goals(answers, target, labels)
    assert overall.what == "accuracy"
    assert (recall.what, recall.n, recall.estimate) == ("recall of yes", 100, 0.98)
    assert recall.lower == pytest.approx(beta.ppf(0.04, 98, 3))


def test_a_label_without_rows_leaves_its_goal_undecided_not_zero(judged, labels):
    answers = judged("tfidf", n=20, n_wrong=0)
    only_no = answers.on(frozenset(name for name, y in zip(answers.ids, answers.y_true, strict=True) if y == 0))
    _, goal = _goals(only_no, TargetSpec(at_least=0.5, recall={"yes": 0.9}), labels)
    assert (goal.outcome, goal.n, goal.estimate, goal.more_rows) == ("undecided", 0, None, None)


def test_macro_f1_is_held_against_its_own_estimate(judged, labels):
    answers = judged("tfidf", n=400, n_wrong=10)
    (goal,) = _goals(answers, TargetSpec(at_least=0.9, metric="macro_f1"), labels)
    assert (goal.what, goal.outcome) == ("macro_f1", "proven")
    # 5 wrong of each label: precision and recall are 195 / 200 for both.
    assert goal.estimate == pytest.approx(195 / 200)
    assert goal.lower < 195 / 200 < goal.upper


def test_a_rung_is_as_good_as_itself(judged, labels):
    best = judged("embed", n=100, n_wrong=3)
    (goal,) = _goals(best, WITHIN_2, labels, paired=Paired(comparator=best, majority=None))
    assert (goal.what, goal.outcome, goal.lower, goal.upper) == ("accuracy against embed", "proven", 0.0, 0.0)


def test_majority_is_never_better_than_itself(judged, labels):
    majority = judged("majority", n=100, n_wrong=3)
    against, above = _goals(majority, WITHIN_2, labels, paired=Paired(comparator=majority, majority=majority))
    assert (against.outcome, above.outcome, above.what) == ("proven", "refuted", "accuracy above majority")


def test_a_relative_target_is_paired_with_the_best_and_with_majority(judged, labels):
    paired = Paired(comparator=judged("embed", n=1000, n_wrong=30), majority=judged("majority", n=1000, n_wrong=500))
    against, above = _goals(judged("tfidf", n=1000, n_wrong=31), WITHIN_2, labels, paired=paired)
    assert (against.outcome, against.estimate, against.target) == ("proven", pytest.approx(-0.001), -0.02)
    assert (above.outcome, above.estimate, above.target) == ("proven", pytest.approx(0.469), 0.0)


def test_a_rung_far_below_the_best_is_refuted(judged, labels):
    paired = Paired(comparator=judged("embed", n=500, n_wrong=10), majority=None)
    (goal,) = _goals(judged("tfidf", n=500, n_wrong=100), WITHIN_2, labels, paired=paired)
    assert (goal.outcome, goal.more_rows) == ("refuted", 0)


def test_an_undecided_comparison_says_how_many_more_rows_would_decide(judged, labels):
    paired = Paired(comparator=judged("embed", n=200, n_wrong=8), majority=None)
    (goal,) = _goals(judged("tfidf", n=200, n_wrong=8, start=100), WITHIN_2, labels, paired=paired)
    assert (goal.outcome, goal.estimate) == ("undecided", 0.0)
    # STATISTICS of the project, section 1: 2 points at 8% discordance need about (1.75 + 0.84)^2 * 0.08 / 0.02^2 rows.
    assert goal.more_rows == pytest.approx((1.7507 + 0.8416) ** 2 * 0.08 / 0.02**2 - 200, rel=0.05)


def test_rungs_are_compared_on_the_rows_that_both_answered(judged, labels):
    best = judged("embed", n=100, n_wrong=0)
    more = judged("tfidf", n=150, n_wrong=0)
    (goal,) = _goals(more, WITHIN_2, labels, paired=Paired(comparator=best, majority=None))
    assert goal.n == 100
    assert np.array_equal(more.on(frozenset(best.ids)).y_true, best.y_true)
