import pytest

from suffice.audit.completions import AnswerRows
from suffice.records.answer_spec import AnswerSpec


def choices(*rows, of=None):
    questions, answers = zip(*rows, strict=True)
    n = len(rows)
    spec = AnswerSpec(type="choice", choices=of)
    return AnswerRows(questions=questions, traces=(None,) * n, answers=answers, completions=answers, spec=spec)


CLEAR = [
    ("What is 1 + 1?\nA) 2\nB) 3\nC) both (A) and (B)\nD) neither", "D"),
    ("Vitamin A is in which? (A) carrots, (B) milk, (C) -", "A"),
    ("A. cow B. hen: which of both lays eggs? Or is it E?", "E"),
    ("Which letter comes first?", "J"),
    ("Pick: **A.** tea **B.** rum **C**: both", "C"),
]


@pytest.mark.parametrize("asked", ["What is 2 + 2? (A) 3 (B) 4", "What is 2 + 2?\nA. 3\nB. 4", "A: 3\nB: 4\n2 + 2?"])
def test_a_right_letter_that_the_question_does_not_list_is_found(found, asked):
    [one] = found("choice_not_offered", choices(*CLEAR, (asked, "C")))
    assert one.rows.tolist() == [5]
    assert (
        one.got == "in 1 of 5 questions that list their choices the right one is none of those that the question lists"
    )
    assert one.score == 0.2


@pytest.mark.parametrize("asked", ["Which?\nA) \nB) hen", "Which? (A) (B) hen", "Which?\n**A.**\n**B.** hen"])
def test_a_right_letter_with_nothing_behind_it_is_found(found, asked):
    [one] = found("choice_not_offered", choices(*CLEAR, (asked, "A"), (asked, "B")))
    assert one.rows.tolist() == [5]
    assert one.got == "in 1 of 6 questions that list their choices the right one is listed as nothing"


def test_names_are_listed_behind_a_word_that_says_so(found):
    colours = ("red", "green", "blue")
    rows = [
        ("The sea is blue. Which colour has it? Options: red, green", "blue"),
        ("Which colour has grass? Options: red, green", "green"),
        ("Red or green, he asked, which is the sky?", "blue"),
    ]
    [one] = found("choice_not_offered", choices(*rows, of=colours))
    assert one.rows.tolist() == [0]


def test_offered_choices_are_clear(found):
    assert found("choice_not_offered", choices(*CLEAR)) == []


def test_without_choices_or_without_lists_it_does_not_apply(why_not):
    assert why_not("choice_not_offered", [("2 + 2?", None, "4")]) == "answers are no choices"
    reason = "no question lists its choices in a way that is read"
    assert why_not("choice_not_offered", choices(CLEAR[3])) == reason
