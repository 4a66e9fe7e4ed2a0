import pytest

from suffice.diagnose.prior import ALIKE, POINTS, Belief, ahead_of_tfidf, tfidf_belief


def test_the_range_is_that_of_sets_with_about_as_many_rows_a_label():
    # docs/LOG.md: 0.847 at 13 rows a label (CLINC150), 0.824 at 26 (Banking77), 0.606 at 6.5, 0.930 at 50.
    found = tfidf_belief(18.0)
    assert (found.low, found.high) == (0.606, 0.930)
    assert "0.824 on Banking77, 2,000 rows" in found.because
    assert "eleven labels" not in found.because


@pytest.mark.parametrize("point", POINTS)
def test_every_set_is_in_the_range_for_one_like_it(point):
    found = tfidf_belief(point.rows_per_label)
    assert found.low <= point.accuracy <= found.high


def test_more_rows_a_label_than_ever_measured_are_believed_to_do_no_worse():
    found = tfidf_belief(2_000.0)
    assert (found.low, found.high) == (min(p.accuracy for p in POINTS if p.rows_per_label >= 1_565 / 11 / ALIKE), 1.0)
    assert found.because.startswith("more rows a label than any set of ours")


def test_fewer_rows_a_label_than_ever_measured_are_believed_to_do_no_better():
    found = tfidf_belief(1.0)
    assert (found.low, found.high) == (0.0, 0.606)
    assert found.because.startswith("fewer rows a label than any set of ours")


def test_other_rungs_are_believed_ahead_by_what_they_were_on_one_set():
    belief = Belief(low=0.8, high=0.9, because="")
    embed = ahead_of_tfidf(belief, rung="embed", cheap=True)
    # docs/LOG.md: 0.926 against 0.913 and 0.881 against 0.824.
    assert (embed.low, embed.high) == pytest.approx((0.8 + 0.013, 0.9 + 0.057))
    causal = ahead_of_tfidf(belief, rung="qwen2.5-0.5b", cheap=False)
    assert (causal.low, causal.high) == pytest.approx((0.791, 0.936))
    assert "as smollm2-135m was" in causal.because
    assert ahead_of_tfidf(Belief(low=0.99, high=1.0, because=""), rung="encoder", cheap=False).high == 1.0
