import pytest

from suffice.records.diagnosis import Gap
from suffice.records.evaluation import Interval
from suffice.text.plan_words import tenths, together_sentence


def gap(*, joint: float, reaching: tuple[tuple[str, ...], ...] = ()) -> Gap:
    """Of a rung that is right in 0.8, where 0.9 is asked."""
    return Gap(
        rung="tfidf",
        metric="accuracy",
        target=0.9,
        measured=0.8,
        shares=(),
        joint=joint,
        joint_interval=Interval(low=0.02, high=0.15, confidence=0.9),
        interaction=0.0,
        unexplained=0.1 - joint,
        evidence=None,
        reaching=reaching,
    )


@pytest.mark.parametrize(
    ("probability", "said"),
    [(0.0, "under 1 in 10"), (0.04, "under 1 in 10"), (0.06, "1 in 10"), (0.5, "5 in 10"), (0.94, "9 in 10")],
)
def test_a_probability_is_told_in_tenths(probability, said):
    assert tenths(probability) == said


@pytest.mark.parametrize("probability", [0.96, 0.999, 1.0])
def test_nothing_is_ever_told_as_sure(probability):
    assert tenths(probability) == "over 9 in 10"


def test_what_no_switch_explains_is_told_beside_what_all_of_them_bring():
    # Ten points are missing and three are found.
    said = together_sentence(gap(joint=0.03))
    assert said.startswith("together they bring +3.0 points (+2.0 to +15.0 points)")
    assert said.endswith("no switch that was run explains the 7.0 points that are then missing")


def test_the_smallest_sets_of_switches_that_reach_the_target_are_named():
    said = together_sentence(gap(joint=0.12, reaching=(("train_labels",), ("next_rung", "training"))))
    assert said.endswith("; the target is reached by train labels, or by next rung and training")


def test_where_nothing_is_missing_nothing_is_said_to_reach_the_target():
    said = together_sentence(gap(joint=0.12, reaching=((),)))
    assert said == "together they bring +12.0 points (+2.0 to +15.0 points)"
