from suffice.evaluate.completions.support import support
from suffice.records.answer_spec import AnswerSpec
from suffice.records.evaluation import NotMeasured

CONTEXT = "Marie Curie won the prize of physics in 1903 and that of chemistry in 1911."


def test_answers_with_names_and_numbers_from_elsewhere_are_found(judge):
    rows = [("1911", "#### 1911"), ("1911", "#### 1934"), ("8", "1911 - 1903 = 8\n#### 8")]
    found = support(judge(rows, context=CONTEXT))
    assert (found.unsupported.ids, found.unsupported.of, found.right_unsupported) == (("q1",), 3, 0)


def test_a_right_answer_without_support_is_counted_apart(judge):
    spec = AnswerSpec(type="text", form="{answer}")
    rows = [("Marie Curie", "Marie Curie"), ("Poland", "Poland"), ("physics", "In physics")]
    found = support(judge(rows, context=CONTEXT, spec=spec))
    assert (found.unsupported.ids, found.right_unsupported) == (("q1",), 1)


def test_without_a_context_there_is_nothing_to_stand_on(judge):
    assert isinstance(support(judge([("18", "#### 18")])), NotMeasured)
