from __future__ import annotations

from suffice.diagnose import conclude_spent, describe_only, goals_of, propose
from suffice.records.task import TargetSpec
from suffice.stats.planning import rows_needed

AT_95 = TargetSpec(at_least=0.95)


def concluded(judged, labels, *, n_wrong, target=AT_95):
    answers = judged("tfidf", n=300, n_wrong=n_wrong)
    proposal = propose([answers], target, labels=labels, n_test=300, seed=0)
    goals = describe_only(goals_of(answers, target, labels=labels, alpha=0.04, paired=None, seed=0))
    return goals, conclude_spent(proposal, goals)


# Three errors in 300 rows would prove 0.95 on a sealed test.
def test_figures_on_a_spent_test_describe_and_prove_nothing(judged, labels):
    (goal,), verdict = concluded(judged, labels, n_wrong=3)
    assert (goal.outcome, goal.estimate) == ("undecided", 0.99)
    assert (verdict.code, verdict.rung, verdict.probability) == ("undecided", None, None)
    assert verdict.because[0].startswith("the test is spent: its rows were ranked or shown to a person")
    assert verdict.because[1] == "tfidf, described on 300 rows of it: accuracy 0.990"


def test_a_spent_test_refutes_nothing_either(judged, labels):
    assert concluded(judged, labels, n_wrong=100)[1].code == "undecided"


def test_how_many_fresh_rows_restore_proof_is_told(judged, labels):
    (goal,), verdict = concluded(judged, labels, n_wrong=3)
    assert goal.more_rows == rows_needed(target=0.95, true_accuracy=0.99, alpha=0.04)
    assert verdict.flip.startswith(f"about {goal.more_rows:,} fresh labelled test rows restore proof")


def test_where_no_number_of_rows_would_that_is_told(judged, labels):
    (goal,), verdict = concluded(judged, labels, n_wrong=30)
    assert goal.more_rows is None
    assert verdict.flip.startswith("fresh labelled test rows, and a better rung")


def test_a_label_without_test_rows_is_left_out_of_what_was_measured(judged, labels):
    target = TargetSpec(at_least=0.95, recall={"yes": 0.9})
    _, verdict = concluded(judged, labels, n_wrong=3, target=target)
    assert [line for line in verdict.because if "described on" in line][1].endswith("recall of yes 0.993")
