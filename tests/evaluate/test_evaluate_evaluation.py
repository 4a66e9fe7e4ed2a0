from dataclasses import fields, replace
from typing import get_type_hints

import numpy as np
import pytest

from suffice.errors import DataError
from suffice.evaluate import evaluate
from suffice.evaluate.evaluation import LAYERS
from suffice.records.evaluation import Evaluation

Y = np.array([0, 0, 1, 2])
NAMES = {"rung": "tfidf", "run": "tfidf-n9-s0-ab12", "split": "validation"}


def test_every_layer_is_filled_from_the_same_rows(predict):
    found = evaluate(predict([0, 1, 1, 2]), Y, np.arange(4), **NAMES, n_empty=1, seed=0)
    assert (found.rung, found.run, found.split) == ("tfidf", "tfidf-n9-s0-ab12", "validation")
    assert found.labels == ("a", "b", "c")
    assert found.accuracy.accuracy == 0.75
    assert [label.recall for label in found.per_label] == [0.5, 1.0, 1.0]
    assert found.confusion.worst[0].ids == ("id1",)
    assert found.probability.reliability[0].n == 4
    assert found.form.n_empty == 1


def test_the_layers_are_the_fields_of_the_record_in_its_order():
    header = ["rung", "run", "split", "labels"]
    assert header + [name for name, _ in LAYERS] == [field.name for field in fields(Evaluation)]


@pytest.mark.parametrize(("name", "layer"), LAYERS)
def test_a_layer_gives_what_its_field_holds(name, layer):
    assert get_type_hints(layer)["return"] == get_type_hints(Evaluation)[name]


def test_the_same_seed_gives_the_same_evaluation_and_zero_is_a_seed(predict):
    groups = np.arange(4)
    first, again, other = (evaluate(predict([0, 1, 1, 2]), Y, groups, **NAMES, n_empty=0, seed=s) for s in (0, 0, 1))
    assert first == again != other


def test_nothing_scored_is_an_error_not_a_zero(predict):
    none = np.array([], dtype=np.int64)
    with pytest.raises(
        DataError, match=r"validation rows of tfidf-n9-s0-ab12: .*\n  got: 0 rows\n  fix: check that the"
    ):
        evaluate(predict([]), none, none, **NAMES, n_empty=0, seed=0)


@pytest.mark.parametrize("outside", [-1, 3])
def test_a_label_outside_the_set_is_our_own_fault(predict, outside):
    with pytest.raises(AssertionError, match="labels of scored rows are in the label set"):
        evaluate(predict([0, 1]), np.array([0, outside]), np.arange(2), **NAMES, n_empty=0, seed=0)


def test_rows_that_do_not_fit_together_are_our_own_fault(predict):
    answers = predict([0, 1])
    with pytest.raises(AssertionError, match="one label and one group for each row"):
        evaluate(answers, np.array([0, 1, 1]), np.arange(3), **NAMES, n_empty=0, seed=0)
    with pytest.raises(AssertionError, match="one label and one group for each row"):
        evaluate(answers, np.array([0, 1]), np.arange(1), **NAMES, n_empty=0, seed=0)
    with pytest.raises(AssertionError, match="one probability for each row and label"):
        evaluate(replace(answers, probs=answers.probs[:1]), np.array([0, 1]), np.arange(2), **NAMES, n_empty=0, seed=0)
    with pytest.raises(AssertionError, match="empty texts are among the rows"):
        evaluate(answers, np.array([0, 1]), np.arange(2), **NAMES, n_empty=3, seed=0)


def test_a_probability_that_is_no_number_is_our_own_fault(predict):
    answers = predict([0, 1])
    probs = answers.probs.copy()
    probs[1, 1] = np.nan
    with pytest.raises(AssertionError, match="probabilities are numbers"):
        evaluate(replace(answers, probs=probs), np.array([0, 1]), np.arange(2), **NAMES, n_empty=0, seed=0)
