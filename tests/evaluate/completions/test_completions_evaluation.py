from dataclasses import fields

from hypothesis import given, settings
from hypothesis import strategies as st
from judged_answers import judge_all

from suffice.evaluate.completions.evaluation import LAYERS, evaluate_completions
from suffice.records.answer_spec import AnswerSpec
from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.evaluation import NotMeasured
from suffice.store.strict_json import dumps, loads

FEW = NotMeasured(why="few rows failed")


def evaluated(judged):
    return evaluate_completions(judged, clusters=FEW)


def test_every_layer_fills_a_field():
    assert {field for field, _ in LAYERS} <= {field.name for field in fields(CompletionEvaluation)}


def test_every_row_has_its_class_and_what_was_read(judge):
    found = evaluated(judge([("18", "it is 18", "length"), ("7", "so it is\nthe answer: " + "7" * 500)]))
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
    found = evaluated(judge([("18", "#### 18")]))
    layers = (found.trace, found.overlays.lucky, found.form, found.support)
    assert all(isinstance(layer, NotMeasured) and layer.why for layer in layers)


def test_an_example_points_at_its_first_wrong_step_and_says_what_is_wrong(judge):
    found = evaluated(judge([("72", "He has 24 eggs.\n24 + 24 = 49\n49 + 24 = 72\n#### 72")]))
    (example,) = found.examples
    # 49 + 24 is 73: the third step is wrong as well, and comes later.
    assert (example.first_wrong_step, example.overlay) == (1, "lucky")
    assert example.wrong == "step 1: 24 + 24 = 49, which should be 48"


def test_clusters_are_those_that_were_made_apart(judge):
    assert evaluated(judge([("18", "#### 18")])).clusters is FEW


def test_answers_that_could_not_be_compared_are_counted(judge):
    spec = AnswerSpec(type="expression", form="{answer}")
    assert evaluated(judge([("x", "y" * 2_000), ("x", "x")], spec=spec)).n_gave_up == 1


def test_an_evaluation_is_the_same_when_it_is_read_back(judge):
    found = evaluated(judge([("18", "it is 18"), ("7", "#### 8")]))
    assert loads(dumps(found).encode(), CompletionEvaluation) == found


PIECES = st.lists(
    st.sampled_from(
        ["#### ", "18", "²", "½", "\n", " = ", "+", "(", "<<2*3=6>>", "<think>", "$", "%", "1e9", "two dozen"]
    )
    | st.text(max_size=4),
    max_size=14,
).map("".join)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.just("18"), PIECES, st.sampled_from([None, "length"])), min_size=1, max_size=5), PIECES)
def test_whatever_is_written_is_evaluated_and_read_back(rows, gold_trace):
    found = evaluated(judge_all(rows, context="He has 18 eggs.", gold_trace=gold_trace))
    assert loads(dumps(found).encode(), CompletionEvaluation) == found
    assert sum(one.n for one in found.waterfall.classes) == found.n == len(rows)
