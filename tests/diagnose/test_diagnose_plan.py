from __future__ import annotations

from functools import partial

from suffice.diagnose import what_can_be_proven
from suffice.records.task import TargetSpec

AT_95 = TargetSpec(at_least=0.95)
plan = partial(what_can_be_proven, label_rows={}, design_effect=None)


# STATISTICS of the project, section 1: 0.95 allows 8 errors in 300 rows and 20 in 600, at the first opening too.
def test_errors_allowed_and_power_a_little_above_the_target_are_told():
    head, *powers = plan(AT_95, n_test=300, opening=1)
    assert head == "300 test rows prove accuracy of 0.95 with at most 8 errors (alpha 0.04)"
    assert [sentence.split(" is ")[0] for sentence in powers] == [f"a rung truly at {p}" for p in (0.96, 0.97, 0.98)]
    assert "at most 20 errors" in plan(AT_95, n_test=600, opening=1)[0]


def test_enough_rows_ask_for_no_more():
    *_, at_98 = plan(AT_95, n_test=600, opening=1)
    # scipy.stats.binom.cdf(20, 600, 0.02) is 0.9900.
    assert at_98 == "a rung truly at 0.98 is confirmed with probability 0.99"


# The least n with 0.95^n <= 0.04: ln 0.04 / ln 0.95 = 62.76.
def test_too_few_rows_can_prove_nothing_and_it_says_so():
    assert plan(AT_95, n_test=62, opening=1) == (
        "62 test rows cannot prove 0.95, not even without an error: that takes 63 rows",
    )
    assert plan(AT_95, n_test=63, opening=1)[0] == (
        "63 test rows prove accuracy of 0.95 if none of them is wrong (alpha 0.04)"
    )


def test_a_later_opening_is_read_at_its_own_level():
    before, second, *_ = plan(AT_95, n_test=300, opening=2)
    assert before == (
        "this test split was opened before (1): a proof of anything new now takes alpha 0.005; the same fit again is "
        "the same opening"
    )
    assert "(alpha 0.005)" in second
    assert "(alpha 0.0025)" in plan(AT_95, n_test=300, opening=3)[1]


def test_nothing_at_or_above_one_is_promised():
    assert len(plan(TargetSpec(at_least=0.985), n_test=5000, opening=1)) == 2


# STATISTICS of the project, section 1: a margin of 1 point needs about 4,900 rows at 8% discordance, at alpha 0.05.
def test_a_relative_target_has_its_own_power():
    (sentence,) = plan(TargetSpec(within=0.01), n_test=300, opening=1)
    assert "within 0.01 on 300 test rows" in sentence
    rows = int(sentence.rpartition("; ")[2].split(" rows")[0].replace(",", ""))
    assert 4_900 < rows < 5_700


def test_a_macro_f1_has_no_number_of_errors_that_could_be_told_beforehand():
    (sentence,) = plan(TargetSpec(at_least=0.9, metric="macro_f1"), n_test=440, opening=1)
    assert sentence.startswith("macro-F1 of 0.9 is held against bootstrap bounds over 440 test rows (alpha 0.04)")


# The least n with 0.9^n <= 0.04: ln 0.04 / ln 0.9 = 30.55. With 60 rows, scipy.stats.binom.cdf(2, 60, 0.1) is 0.053
# and binom.cdf(1, 60, 0.1) is 0.014.
def test_a_label_that_matters_is_told_what_its_own_rows_can_prove():
    target = TargetSpec(at_least=0.95, recall={"lost": 0.9, "stolen": 0.9, "absent": 0.9})
    *_, lost, stolen, absent = what_can_be_proven(
        target, n_test=300, opening=1, label_rows={"lost": 60, "stolen": 30}, design_effect=None
    )
    assert lost == "60 test rows labelled lost prove its recall of 0.9 with at most 1 error (alpha 0.04)"
    assert stolen.startswith("30 test rows labelled stolen cannot prove 0.9, not even without an error: that takes 31")
    assert absent.startswith("0 test rows labelled absent cannot prove 0.9")


def test_rows_in_groups_are_told_for_what_they_are_worth():
    # 300 rows with an effect of 1.5 are 200 independent ones: scipy.stats.binom.cdf(4, 200, 0.05) is 0.026, (5) 0.062.
    head, *_ = what_can_be_proven(AT_95, n_test=300, opening=1, label_rows={}, design_effect=1.5)
    assert head == (
        "300 test rows in groups, which tell as much as 200 independent ones at most, prove accuracy of 0.95 with at "
        "most 6 errors (alpha 0.04)"
    )
