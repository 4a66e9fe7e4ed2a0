from dataclasses import fields

from suffice.evaluate.answers.evaluation import LAYERS, evaluate_answers
from suffice.records.answer_evaluation import AnswerEvaluation
from suffice.records.answer_spec import AnswerSpec
from suffice.records.evaluation import NotMeasured
from suffice.store.strict_json import dumps, loads


def test_every_layer_fills_a_field():
    assert {field for field, _ in LAYERS} <= {field.name for field in fields(AnswerEvaluation)}


def test_every_row_has_its_class_and_what_was_read(judge):
    found = evaluate_answers(judge([("18", "it is 18", "length"), ("7", "so it is\nthe answer: " + "7" * 500)]))
    first, second = found.examples
    assert (first.id, first.class_, first.verified, first.truncated, first.answer, first.gold) == (
        "q0",
        "right_value_wrong_form",
        True,
        True,
        "18",
        "18",
    )
    assert second.answer == "7" * 200 + "..."
    assert (first.strict, first.lenient, first.first_wrong_step) == (False, True, None)


def test_what_was_not_looked_at_says_why(judge):
    found = evaluate_answers(judge([("18", "#### 18")]))
    assert all(isinstance(layer, NotMeasured) for layer in (found.trace, found.clusters, found.overlays))


def test_answers_that_could_not_be_compared_are_counted(judge):
    spec = AnswerSpec(type="expression", form="{answer}")
    assert evaluate_answers(judge([("x", "y" * 2_000), ("x", "x")], spec=spec)).n_gave_up == 1


def test_an_evaluation_is_the_same_when_it_is_read_back(judge):
    found = evaluate_answers(judge([("18", "it is 18"), ("7", "#### 8")]))
    assert loads(dumps(found).encode(), AnswerEvaluation) == found
