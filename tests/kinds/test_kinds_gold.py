import pytest

from suffice.dataset.cells import Fault
from suffice.kinds.gold import gold_of
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold

NUMBER, CHOICE, TEXT = (AnswerSpec(type=kind) for kind in ("number", "choice", "text"))


@pytest.mark.parametrize(
    ("answer", "trace", "found"),
    [
        ("72", None, ("72", None)),
        ("72", "48/2 = 24", ("72", "48/2 = 24")),
        ("He has 9 * 2 = 18.\n#### 18", None, ("18", "He has 9 * 2 = 18.")),
        ("So it is \\boxed{18}.", None, ("18", "So it is \\boxed{18}.")),
        ("<think>9 * 2</think>The answer is 18.", None, ("18", "9 * 2")),
        ("So she makes $18.", None, ("$18", None)),
        ("#### 18.0", "twice nine\n#### 18", ("18.0", "twice nine\n#### 18")),
        ("-5", None, ("-5", None)),
    ],
)
def test_answer_and_trace_are_told_apart_whatever_the_shape(answer, trace, found):
    assert gold_of(answer, trace, NUMBER) == Gold(answer=found[0], trace=found[1])


def test_a_choice_is_told_by_its_letter_alone():
    assert gold_of("(B) because of the rest", None, CHOICE).answer == "B"


def test_a_short_text_is_its_own_answer():
    assert gold_of("Paris", None, TEXT).answer == "Paris"
    assert gold_of("The answer is Paris", None, TEXT).answer == "Paris"
    assert gold_of("He was born there.\nThe answer is Paris", None, TEXT).answer == "Paris"


@pytest.mark.parametrize(
    ("answer", "trace", "spec", "rule", "got"),
    [
        ("", None, NUMBER, "must hold the right answer", "nothing"),
        ("####", None, NUMBER, "must hold the right answer", "nothing"),
        ("step one\nstep 5", None, NUMBER, "must hold the right answer", "no answer marked"),
        ("It was built.\nParis is large.", None, TEXT, "must hold the right answer", "no answer marked"),
        ("5 or 6", None, NUMBER, "must hold one right answer", "2 numbers"),
        (r"\boxed{5} or \boxed{6}", None, NUMBER, "must hold one right answer", "'5' and '6'"),
        ("5", "so\n#### 6", NUMBER, "must hold one right answer", "'5' and '6'"),
        ("NaN", None, NUMBER, "must be a finite number", "NaN"),
        ("#### inf", None, NUMBER, "must be a finite number", "inf"),
        ("many", None, NUMBER, "must be a finite number", "many"),
        ("#### 5 or 6", None, NUMBER, "must be a finite number", "5 or 6"),
        ("A or B", None, CHOICE, "must be one of the choices", "A or B"),
        ("5!", None, NUMBER, "must be a finite number", "5!"),
        ("#### 5:30", None, NUMBER, "must be a finite number", "5:30"),
        ("Q", None, CHOICE, "must be one of the choices", "'Q'"),
    ],
)
def test_no_answer_two_answers_and_answers_of_another_type_are_faults(answer, trace, spec, rule, got):
    with pytest.raises(Fault, match=rule) as caught:
        gold_of(answer, trace, spec)
    assert got in caught.value.got
    assert caught.value.fix


def test_a_million_digits_are_an_answer():
    assert len(gold_of("9" * 1_000_000, None, NUMBER).answer) == 1_000_000
