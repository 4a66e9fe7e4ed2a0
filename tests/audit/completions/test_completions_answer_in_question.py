from dataclasses import replace

import pytest

from suffice.audit.completions import AnswerRows
from suffice.records.answer_spec import AnswerSpec

CLEAR = [
    ("She has 18 eggs and sells none. How many are left?", None, "18"),
    ("Is it true? Say yes or no.", None, "yes"),
    ("Where was he born?", "He was born in Lyon, he says.", "Lyon"),
    ("The answer is 3.5 to what is asked. And the half of it?", None, "3"),
    ("It fell below zero. Answer: 5 is wrong. So what is it?", None, "-5"),
]


@pytest.mark.parametrize(
    "row",
    [
        ("She sells half of 36. Answer: 18", None, "18"),
        ("She sells half of 36. (#### 18)", None, "18"),
        ("She sells half of 7 pounds. The answer is 3.5. How many?", None, "3.5"),
        ("She sells half of 2000. Answer: 1,000", None, "1000"),
        ("Marie Curie was born in which year, if Marie Curie is who was born then?", None, "Marie Curie"),
        ("He sold 36 / 2 = 18 eggs. How many did he sell?", "He sold 36 / 2 = 18 eggs", "18"),
    ],
)
def test_questions_that_hold_their_own_answer_are_found(found, row):
    [one] = found("answer_in_question", [*CLEAR, row])
    assert one.rows.tolist() == [len(CLEAR)]
    assert one.got == "1 of 6 questions hold their own answer"


def test_numbers_short_words_and_other_answers_are_clear(found):
    assert found("answer_in_question", CLEAR) == []


def test_answers_of_a_closed_set_may_be_listed(found):
    rows = [(f"Is {animal} a mammal or a reptile?", None, "mammal") for animal in ("cow", "dog", "cat")]
    assert found("answer_in_question", rows) == []


def test_an_answer_that_stands_in_the_context_is_what_a_reading_task_is(found):
    rows = AnswerRows(
        questions=("Where was he born?", "When did she leave?"),
        traces=(None, None),
        answers=("Lyon", "1887"),
        completions=("#### Lyon", "#### 1887"),
        contexts=("He was born in Lyon.", "She left in 1887."),
        spec=AnswerSpec(type="text"),
    )
    assert found("answer_in_question", rows) == []
    assert found("unlearnable", rows) == []
    assert found("unlearnable", replace(rows, contexts=None))[0].rows.tolist() == [0, 1]
