from dataclasses import replace
from typing import get_args

from suffice.records.evaluation import Interval
from suffice.records.hosted import Consistency
from suffice.records.sensitivity import SMALL_CHANGES, FlipRate, Flips, Sensitivity, Together
from suffice.records.task import Kind
from suffice.text.sensitivity_words import beside_sentences, change_words, flips_sentence

FOUND = FlipRate(
    n=98,
    n_right_to_wrong=5,
    n_wrong_to_right=2,
    n_wrong_to_other=None,
    rate=7 / 98,
    interval=Interval(low=0.0291, high=0.1417, confidence=0.95),
    difference=-3 / 98,
    difference_interval=Interval(low=-0.0861, high=0.0201, confidence=0.95),
    p_value=0.453125,
)
ONE = Sensitivity(
    rung="hosted:mini",
    flips=(Flips(change="typo", found=FOUND), Flips(change="case", found=FOUND)),
    together=Together(n=98, statistic=3.2, df=2, p_value=0.2019),
    repeated=Consistency(
        n=50, repeats=3, n_same=48, share=0.96, interval=Interval(low=0.86, high=0.99, confidence=0.95)
    ),
)


def test_flips_are_told_with_their_interval_both_ways_and_with_what_they_cost():
    assert flips_sentence(FOUND) == (
        "7 of 98 answers flip (7.1%, 2.9 to 14.2%): 5 from right to wrong, 2 from wrong to right; accuracy -3.1 points "
        "(-8.7 to +2.1 points, p = 0.453)"
    )


def test_of_labels_a_wrong_one_for_another_is_counted_among_them():
    told = flips_sentence(replace(FOUND, n_wrong_to_other=4))
    assert told.startswith("11 of 98 answers flip")
    assert "2 from wrong to right, 4 from one wrong label to another; accuracy" in told


def test_all_changes_together_and_repeated_calls_stand_beside_them():
    together, repeated = beside_sentences(ONE)
    assert "these 2 changes" in together
    assert "Cochran's Q 3.20 on 98 rows that were asked every way, p = 0.202" in together
    assert (
        repeated
        == "with nothing changed, 3 calls with one question come to more than one answer on 2 of 50 rows (4.0%)"
    )
    assert beside_sentences(replace(ONE, together=None, repeated=None)) == ()


def test_every_change_has_words_for_every_kind():
    words = {change_words(change, kind=kind) for change in SMALL_CHANGES for kind in get_args(Kind)}
    assert len(words) == 5  # Tools are turned where there are no options.
