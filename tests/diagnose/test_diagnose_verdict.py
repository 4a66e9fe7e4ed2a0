from __future__ import annotations

from dataclasses import replace

import pytest
from scipy.stats import beta

from suffice.diagnose import Paired, conclude, goals_of, propose
from suffice.records.diagnosis import Plan, Step
from suffice.records.evaluation import Interval
from suffice.records.task import TargetSpec
from suffice.stats.planning import rows_needed
from suffice.text.rounding import about_rows

AT_95 = TargetSpec(at_least=0.95)
WITHIN_2 = TargetSpec(within=0.02)


@pytest.fixture
def concluded(judged, labels, diagnosis):
    """The verdict on a rung with so many errors in so many test rows."""

    def made(n_wrong, *, n=300, target=AT_95, alpha=0.04, given=None, **arguments):
        answers = judged("tfidf", n=n, n_wrong=n_wrong, **arguments)
        proposal = propose([answers], target, labels=labels, n_test=n, seed=0)
        goals = goals_of(answers, target, labels=labels, alpha=alpha, paired=None, seed=0)
        return conclude(proposal, goals, target, given or diagnosis)

    return made


def test_proven_suffices_and_ships(concluded):
    verdict = concluded(8)
    assert (verdict.code, verdict.rung) == ("suffices", "tfidf")
    assert "tfidf: accuracy 0.973 over 300 test rows" in verdict.because[0]
    assert "(alpha 0.04); 0.95 is proven" in verdict.because[0]


def test_refuted_without_a_plan_is_undecided_and_ships_nothing(concluded):
    verdict = concluded(40)
    assert (verdict.code, verdict.rung) == ("undecided", None)
    assert "is refuted" in verdict.because[0]


def test_in_between_is_undecided_and_says_how_many_rows_would_settle_it(concluded):
    verdict = concluded(9)
    assert (verdict.code, verdict.rung) == ("undecided", None)
    assert "is neither proven nor refuted; about " in verdict.because[0]
    assert "more test rows would settle it" in verdict.because[0]


def test_a_score_on_the_target_asks_for_the_least_and_does_not_guess(concluded):
    verdict = concluded(14)
    # 286 right ones of 300 are 0.953, which takes tens of thousands of rows for 0.95; their upper bound takes fewer.
    least = rows_needed(target=0.95, true_accuracy=float(beta.ppf(0.96, 287, 14)), alpha=0.04) - 300
    said = f"at least {about_rows(least)} more test rows are needed to prove it, and tell how many more"
    assert verdict.because[0].endswith(said)


def test_no_test_rows_prove_nothing(judged, labels, diagnosis):
    proposal = propose([judged("tfidf", n=300, n_wrong=0)], AT_95, labels=labels, n_test=0, seed=0)
    verdict = conclude(proposal, (), AT_95, diagnosis)
    assert (verdict.code, verdict.rung, verdict.probability) == ("undecided", None, None)
    assert "there are no test rows" in verdict.because[0]
    assert "label more of them" in (verdict.flip or "")


def test_a_test_that_was_not_wholly_answered_proves_nothing_and_asks_for_the_rest_of_it(judged, labels, diagnosis):
    proposal = propose([judged("hosted:big", n=300, n_wrong=0)], AT_95, labels=labels, n_test=300, seed=0)
    why = "hosted:big has no figure on the test: 30 of 300 calls answered"
    verdict = conclude(proposal, (), AT_95, diagnosis, untested=why, cut_short=True)
    assert (verdict.code, verdict.rung, verdict.because[0]) == ("undecided", None, why)
    assert "the same command again asks for them" in (verdict.flip or "")


def test_as_good_as_best_is_a_code_of_its_own(judged, labels, diagnosis):
    best, tfidf = judged("embed", n=1000, n_wrong=20), judged("tfidf", n=1000, n_wrong=22)
    proposal = propose([tfidf, best], WITHIN_2, labels=labels, n_test=1000, seed=0)
    paired = Paired(comparator=best, majority=None)
    goals = goals_of(tfidf, WITHIN_2, labels=labels, alpha=0.04, paired=paired, seed=0)
    verdict = conclude(proposal, goals, WITHIN_2, diagnosis)
    assert (verdict.code, verdict.rung) == ("as_good_as_best", "tfidf")
    assert "a margin of 2 points is proven" in verdict.because[0]
    assert "with a margin below" in (verdict.flip or "")


def test_an_undecided_comparison_says_what_margin_and_how_many_rows(judged, labels, diagnosis):
    best, tfidf = judged("embed", n=200, n_wrong=8), judged("tfidf", n=200, n_wrong=8, start=100)
    proposal = propose([tfidf, best], WITHIN_2, labels=labels, n_test=200, seed=0)
    goals = goals_of(tfidf, WITHIN_2, labels=labels, alpha=0.04, paired=Paired(comparator=best, majority=None), seed=0)
    verdict = conclude(proposal, goals, WITHIN_2, diagnosis)
    assert verdict.code == "undecided"
    assert "more test rows would settle it" in verdict.because[0]
    margin = float((verdict.flip or "").split("margin of ")[1].split()[0])
    assert margin / 100 == pytest.approx(-goals[0].lower, abs=0.001)


def test_a_rung_that_the_test_shows_to_be_behind_is_too_small_with_the_chance_that_it_is(judged, labels, diagnosis):
    best, tfidf = judged("embed", n=1000, n_wrong=20), judged("tfidf", n=1000, n_wrong=120)
    proposal = propose([tfidf, best], WITHIN_2, labels=labels, n_test=1000, seed=0)
    goals = goals_of(tfidf, WITHIN_2, labels=labels, alpha=0.04, paired=Paired(comparator=best, majority=None), seed=0)
    verdict = conclude(proposal, goals, WITHIN_2, diagnosis)
    assert verdict.code == "scale_up"
    assert verdict.probability == pytest.approx(0.9, abs=0.01)
    level = goals_of(tfidf, WITHIN_2, labels=labels, alpha=0.04, paired=Paired(comparator=tfidf, majority=None), seed=0)
    open_ = replace(level[0], outcome="undecided", estimate=-0.02, lower=-0.04, upper=0.0)
    assert conclude(proposal, (open_,), WITHIN_2, diagnosis).probability is None


def labelled_more(*, rung="tfidf", probability=0.9):
    """A plan that labels 200 more messages."""
    return Plan(
        steps=(Step(code="more_data", what="label about 200 more training messages", labels=200, minutes=0.1),),
        rung=rung,
        score=0.96,
        interval=Interval(low=0.94, high=0.98, confidence=0.9),
        probability=probability,
        money=21.0,
        predicted=True,
    )


def test_a_proven_endpoint_gives_way_to_labels_that_cost_less(judged, labels, diagnosis):
    answers = judged("hosted:big", n=300, n_wrong=4)
    proposal = propose([answers], AT_95, labels=labels, n_test=300, seed=0)
    goals = goals_of(answers, AT_95, labels=labels, alpha=0.04, paired=None, seed=0)

    def verdict(plan):
        drawn = {"more_data": 0.7, "keep_prompting": 0.3}
        found = replace(diagnosis, plans=(plan,), drawn=drawn, chances={"more_data": 0.8, "keep_prompting": 0.15})
        return conclude(proposal, goals, AT_95, found)

    cheaper = verdict(labelled_more())
    assert (cheaper.code, cheaper.rung, cheaper.probability) == ("more_data", None, 0.8)
    assert "is proven" in cheaper.because[0]
    # What is hardly likely is no reason to leave it, and neither is a plan for the endpoint itself.
    for plan in (labelled_more(probability=0.7), labelled_more(rung="hosted:big")):
        kept = verdict(plan)
        assert (kept.code, kept.rung, kept.probability) == ("keep_prompting", "hosted:big", 0.15)


def test_one_refuted_goal_refutes_the_whole_target(concluded):
    verdict = concluded(20, target=TargetSpec(at_least=0.8, recall={"yes": 0.99}))
    assert (verdict.code, verdict.rung) == ("undecided", None)


def test_one_undecided_goal_leaves_the_whole_target_undecided(concluded):
    verdict = concluded(4, target=TargetSpec(at_least=0.8, recall={"yes": 0.97}))
    assert verdict.code == "undecided"
    assert "with a target for recall of yes of" in (verdict.flip or "")


def test_the_probability_is_that_of_the_hardest_goal(concluded):
    # Jeffreys' prior: 292 of 300 right, so Beta(292.5, 8.5), by scipy; less one in ten for what no test row knows of.
    assert concluded(8).probability == pytest.approx(0.9 * beta.sf(0.95, 292.5, 8.5))


# 300 rows allow 8 errors: with 6 made, the third further one is too many.
def test_what_would_flip_a_proof_is_counted_in_errors_and_in_target(concluded):
    flip = concluded(6).flip
    assert "3 more wrong answers among the 300 test rows" in flip
    lower = beta.ppf(0.04, 294, 7)
    assert f"a target above {int(lower * 1000) / 1000:.3f}" in flip


def test_what_would_flip_a_failure_is_a_lower_target(concluded):
    flip = concluded(9).flip
    assert (
        flip == f"with a target of {int(beta.ppf(0.04, 291, 10) * 1000) / 1000:.3f} these rows would have proven tfidf"
    )
    proven = float(flip.split("target of ")[1].split()[0])
    assert concluded(9, target=TargetSpec(at_least=proven)).code == "suffices"


def test_rows_in_groups_are_not_counted_in_errors(concluded):
    flip = concluded(8, target=TargetSpec(at_least=0.8), rows_per_group=10).flip
    assert "more wrong answers" not in flip
    assert "would not be proven by these rows" in flip


def test_a_label_without_test_rows_is_what_would_flip_it(judged, labels, diagnosis):
    answers = judged("tfidf", n=300, n_wrong=0)
    target = TargetSpec(at_least=0.9, recall={"yes": 0.9})
    proposal = propose([answers], target, labels=labels, n_test=300, seed=0)
    accuracy, recall = goals_of(answers, target, labels=labels, alpha=0.04, paired=None, seed=0)
    nothing = replace(recall, outcome="undecided", n=0, estimate=None, lower=0.0, upper=1.0)
    verdict = conclude(proposal, (accuracy, nothing), target, diagnosis)
    # Without draws nothing tells how likely that is the right call.
    assert (verdict.code, verdict.probability) == ("undecided", None)
    assert verdict.flip == "test rows with the label: recall of yes is not measured"
    assert "no test row has the label: recall of yes of tfidf is not measured" in verdict.because


# By hand: an upper bound of 0.9791 is at most 98.0% in the headline, and so 0.980 here.
def test_figures_are_rounded_as_the_headline_rounds_them(judged, labels, diagnosis):
    answers = judged("tfidf", n=300, n_wrong=9)
    proposal = propose([answers], AT_95, labels=labels, n_test=300, seed=0)
    (goal,) = goals_of(answers, AT_95, labels=labels, alpha=0.04, paired=None, seed=0)
    told = replace(goal, lower=0.8847, upper=0.9791, more_rows=13_542)
    verdict = conclude(proposal, (told,), AT_95, diagnosis)
    assert "one-sided bounds 0.884 and 0.980" in verdict.because[0]
    assert "about 14,000 more test rows" in verdict.because[0]
    assert "with a target of 0.884 these rows" in verdict.flip
    compared = replace(told, what="accuracy against embed", target=-0.02, estimate=-0.01, lower=-0.03123, upper=0.01123)
    verdict = conclude(proposal, (compared,), WITHIN_2, diagnosis)
    assert "-1.0 point over 300 test rows, one-sided bounds -3.2 points and +1.2 points" in verdict.because[0]
    assert verdict.flip == "with a margin of 3.2 points these rows would have proven tfidf"


def test_a_target_above_the_label_ceiling_is_told_to_be_out_of_reach(concluded, diagnosis):
    ceiling = replace(diagnosis.label_ceiling, high=0.931, why="21 of 300 reviewed rows have a wrong label")
    beyond = concluded(9, given=replace(diagnosis, label_ceiling=ceiling))
    assert any(sentence.startswith("no model reaches 0.95 as these rows are labelled") for sentence in beyond.because)
    assert not any("no model reaches" in sentence for sentence in concluded(9).because)
