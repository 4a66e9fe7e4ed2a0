import pytest
from sklearn import metrics

from suffice.evaluate.probability import probability
from suffice.records.evaluation import NotMeasured, ReliabilityBin

# Ten rows at 0.6 of which six are right, ten at 0.9 of which eight are.
Y_PRED = [0] * 20
Y_TRUE = [0] * 6 + [1] * 4 + [0] * 8 + [2] * 2
CONFIDENCE = [0.6] * 10 + [0.9] * 10


def test_log_loss_is_that_of_scikit_learn(score):
    scored = score(Y_TRUE, Y_PRED, confidence=CONFIDENCE)
    expected = metrics.log_loss(Y_TRUE, scored.predictions.probs)
    assert probability(scored).log_loss == pytest.approx(expected)


def test_calibration_error_and_curve_by_hand(score):
    layer = probability(score(Y_TRUE, Y_PRED, confidence=CONFIDENCE))
    expected = [(0.6, 0.6, 10), (0.9, 0.8, 10)]
    assert all(isinstance(part, ReliabilityBin) for part in layer.reliability)
    assert [(part.confidence, part.accuracy, part.n) for part in layer.reliability] == [
        (pytest.approx(confidence), pytest.approx(right), n) for confidence, right, n in expected
    ]
    # Half of the rows are off by 0, half by 0.1.
    assert layer.ece == pytest.approx(0.05)


def test_the_floor_is_what_chance_leaves_of_true_probabilities(score):
    layer = probability(score(Y_TRUE, Y_PRED, confidence=CONFIDENCE))
    # By hand: half the mean deviations of Binomial(10, 0.6) and Binomial(10, 0.9), 1.2039 and 0.6974, over ten.
    assert layer.ece_floor == pytest.approx((1.2039 + 0.6974) / 20, rel=0.05)


def test_the_seed_decides_the_floor_alone(score):
    first, again, other = (probability(score(Y_TRUE, Y_PRED, confidence=CONFIDENCE, seed=s)) for s in (0, 0, 1))
    assert first == again
    assert first.ece_floor != other.ece_floor
    assert first.ece == other.ece


def test_where_nobody_stated_a_probability_nothing_is_measured_and_nothing_made_up(score):
    layer = probability(score([0, 1, 2], [0, 1, -1], hosted=True))
    assert layer == NotMeasured(why="the rung gives labels and states no probabilities")
