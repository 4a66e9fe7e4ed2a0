import pytest

from suffice.text.plan_words import tenths


@pytest.mark.parametrize(
    ("probability", "said"),
    [(0.0, "under 1 in 10"), (0.04, "under 1 in 10"), (0.06, "1 in 10"), (0.5, "5 in 10"), (0.94, "9 in 10")],
)
def test_a_probability_is_told_in_tenths(probability, said):
    assert tenths(probability) == said


@pytest.mark.parametrize("probability", [0.96, 0.999, 1.0])
def test_nothing_is_ever_told_as_sure(probability):
    assert tenths(probability) == "over 9 in 10"
