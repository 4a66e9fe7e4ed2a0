import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged_answers import judge_all

from suffice.evaluate.completions.waterfall import waterfall
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import ANSWER_CLASSES


@pytest.mark.parametrize(
    ("completion", "stop_reason", "name"),
    [
        ("9 * 2 = 18\n#### 18", "stop", "right"),
        ("#### 18.0", "length", "right"),
        ("#### 18 dollars", "stop", "right_value_wrong_form"),
        ("9 * 2 = 18", "length", "right_value_wrong_form"),
        ("9 * 2 = 17", "length", "truncated_without_answer"),
        ("", "max_tokens", "truncated_without_answer"),
        ("9 times 2 is", "length", "truncated_without_answer"),
        ("#### 9 * 2", "length", "truncated_without_answer"),
        ("#### 9 * 2", "stop", "right_value_wrong_form"),
        ("9 * 2", "stop", "no_answer"),
        ("I do not know", "stop", "no_answer"),
        ("", None, "no_answer"),
        ("#### 17", "stop", "right_form_wrong_value"),
        ("#### 17", "length", "right_form_wrong_value"),
        ("The answer is 17", "length", "wrong_form_wrong_value"),
        ("9 * 2 = 17", "stop", "wrong_form_wrong_value"),
        ("9 * 2 = 17", None, "wrong_form_wrong_value"),
        ("#### NaN", "stop", "wrong_form_wrong_value"),
    ],
)
def test_a_row_is_in_the_first_class_that_fits(judge, completion, stop_reason, name):
    layer = waterfall(judge([("18", completion, stop_reason)]))
    assert [one.name for one in layer.classes if one.n] == [name]
    (found,) = (one for one in layer.classes if one.n)
    assert (found.share, found.ids) == (1.0, ("q0",))
    assert found.n_truncated == (stop_reason in {"length", "max_tokens"})


def test_who_does_not_say_why_it_ended_was_not_cut_off(judge):
    layer = waterfall(judge([("18", "9 * 2 = 17"), ("18", "9 * 2 = 17", "stop")]))
    assert layer.n_ends_known == 1
    assert sum(one.n_truncated for one in layer.classes) == 0


SPECS = [
    AnswerSpec(),
    AnswerSpec(form="{answer}"),
    AnswerSpec(type="choice", form="Answer: {answer}"),
    AnswerSpec(type="text", form="{answer}"),
]
PIECES = st.lists(
    st.sampled_from(["#### ", "18", "B", "\\boxed{", "}", "\n", "The answer is ", "<think>", "NaN", "%", "$", " ", "x"])
    | st.text(max_size=5),
    max_size=12,
).map("".join)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.just("B 18"), PIECES, st.sampled_from([None, "stop", "length"])), min_size=1, max_size=8),
    st.sampled_from(SPECS),
)
def test_the_classes_add_up_to_all_rows_whatever_was_answered(rows, spec):
    layer = waterfall(judge_all(rows, spec=spec))
    assert sum(one.n for one in layer.classes) == len(rows)
    assert sum(one.share for one in layer.classes) == pytest.approx(1.0, abs=1e-12)
    assert tuple(one.name for one in layer.classes) == ANSWER_CLASSES
