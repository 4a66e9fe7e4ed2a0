from __future__ import annotations

import pytest

from suffice.diagnose import propose
from suffice.diagnose.choice import meets_target
from suffice.records.task import TargetSpec

AT_95 = TargetSpec(at_least=0.95)


def _propose(rungs, target, labels, *, n_test=300):
    return propose(rungs, target, labels=labels, n_test=n_test, seed=0)


def test_the_cheapest_rung_whose_bound_reaches_the_target_is_proposed(judged, labels):
    rungs = [
        judged("majority", n=300, n_wrong=150),
        judged("tfidf", n=300, n_wrong=8),
        judged("embed", n=300, n_wrong=0),
    ]
    proposal = _propose(rungs, AT_95, labels)
    assert (proposal.rung, proposal.by, proposal.comparator) == ("tfidf", "bound", None)
    assert "tfidf is the cheapest rung whose lower bound reaches the target" in " ".join(proposal.because)
    assert proposal.goals[0].alpha == 0.05


def test_an_estimate_above_the_target_is_not_enough(judged, labels):
    rungs = [judged("tfidf", n=300, n_wrong=12), judged("embed", n=300, n_wrong=2)]  # 0.96, and its bound 0.936.
    assert _propose(rungs, AT_95, labels).rung == "embed"
    assert not meets_target(rungs[0], AT_95, labels=labels, paired=None, seed=0)


def test_where_no_bound_reaches_the_likeliest_is_proposed_and_it_says_so(judged, labels):
    rungs = [
        judged("tfidf", n=300, n_wrong=20),
        judged("embed", n=300, n_wrong=11),
        judged("encoder", n=300, n_wrong=40),
    ]
    proposal = _propose(rungs, AT_95, labels)
    assert (proposal.rung, proposal.by) == ("embed", "likeliest")
    assert "no rung's lower bound reaches the target" in " ".join(proposal.because)


def test_of_two_equally_likely_rungs_the_cheaper_is_proposed(judged, labels):
    rungs = [judged("tfidf", n=300, n_wrong=11), judged("embed", n=300, n_wrong=11, start=50)]
    assert _propose(rungs, AT_95, labels).rung == "tfidf"


def test_a_dearer_rung_that_was_judged_on_fewer_rows_is_held_against_the_cheaper_on_those(judged, labels):
    # On its 70 rows the dearer one is right as often as the cheaper one there, and 70 rows leave more open than 300.
    cheap, dear = judged("tfidf", n=300, n_wrong=21, start=56), judged("embed", n=70, n_wrong=14, start=0)
    assert cheap.on(frozenset(dear.ids)).right.sum() == dear.right.sum() == 56
    assert _propose([cheap, dear], AT_95, labels).rung == "tfidf"
    assert _propose([cheap, judged("embed", n=70, n_wrong=1)], AT_95, labels).rung == "embed"


@pytest.mark.parametrize("n_test", [0, 40])
def test_a_test_too_small_to_prove_anything_still_gets_the_best_rung(judged, labels, n_test):
    rungs = [
        judged("majority", n=300, n_wrong=150),
        judged("tfidf", n=300, n_wrong=30),
        judged("embed", n=300, n_wrong=12),
    ]
    assert _propose(rungs, AT_95, labels, n_test=n_test).rung == "embed"


def test_a_label_that_matters_can_decide_the_choice(judged, labels):
    target = TargetSpec(at_least=0.8, recall={"yes": 0.9})
    weak_on_yes = judged("tfidf", n=300, n_wrong=0)
    weak_on_yes.y_pred[1:60:2] = 0  # 30 of 150 `yes` rows are missed: 0.9 over all, 0.8 of `yes`.
    assert _propose([weak_on_yes, judged("embed", n=300, n_wrong=4)], target, labels).rung == "embed"


def test_a_relative_target_names_the_best_rung_as_comparator(judged, labels):
    rungs = [
        judged("majority", n=1000, n_wrong=500),
        judged("tfidf", n=1000, n_wrong=22),
        judged("embed", n=1000, n_wrong=20),
    ]
    proposal = _propose(rungs, TargetSpec(within=0.02), labels)
    assert (proposal.rung, proposal.by, proposal.comparator) == ("tfidf", "bound", "embed")


def test_majority_is_not_proposed_for_being_as_good_as_the_best(judged, labels):
    rungs = [judged("majority", n=1000, n_wrong=50), judged("tfidf", n=1000, n_wrong=20)]
    assert _propose(rungs, TargetSpec(within=0.05), labels).rung == "tfidf"


def test_the_hypothesis_is_of_run_and_target(judged, labels):
    rungs = [judged("tfidf", n=300, n_wrong=8)]
    one = _propose(rungs, AT_95, labels).hypothesis
    assert _propose(rungs, AT_95, labels).hypothesis == one
    assert _propose(rungs, TargetSpec(at_least=0.9), labels).hypothesis != one
    assert _propose([judged("embed", n=300, n_wrong=8)], AT_95, labels).hypothesis != one


def test_a_cheaper_rung_that_may_be_as_good_is_put_to_the_test_and_not_the_best(judged, labels):
    # 9 of 300 rows more are wrong, 3 points: 2 points lie within the bounds. With 34 more they do not.
    rungs = [
        judged("majority", n=300, n_wrong=150),
        judged("tfidf", n=300, n_wrong=15),
        judged("embed", n=300, n_wrong=6),
    ]
    proposal = _propose(rungs, TargetSpec(within=0.02), labels)
    assert (proposal.rung, proposal.by, proposal.comparator) == ("tfidf", "likeliest", "embed")
    assert (
        proposal.because[-1]
        == "tfidf is cheaper than embed, the best there, and may be as good: that is put to the test"
    )
    far = [rungs[0], judged("tfidf", n=300, n_wrong=40), rungs[2]]
    assert _propose(far, TargetSpec(within=0.02), labels).rung == "embed"


def test_a_cheaper_rung_that_is_shown_to_be_as_good_comes_before_one_that_is_open(judged, labels):
    rungs = [
        judged("majority", n=1_000, n_wrong=500),
        judged("tfidf", n=1_000, n_wrong=45),
        judged("embed", n=1_000, n_wrong=21, start=0),
        judged("encoder", n=1_000, n_wrong=20),
    ]
    proposal = _propose(rungs, TargetSpec(within=0.02), labels)
    assert (proposal.rung, proposal.by, proposal.comparator) == ("embed", "bound", "encoder")
