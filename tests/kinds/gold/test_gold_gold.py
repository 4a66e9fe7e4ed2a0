import pytest

from suffice.dataset.cells import Fault
from suffice.kinds.gold.gold import gold_of
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold

NUMBER, CHOICE, TEXT = (AnswerSpec(type=kind) for kind in ("number", "choice", "text"))


@pytest.mark.parametrize(
    ("answer", "trace", "found"),
    [
        ("72", None, ("72", None)),
        ("72", "48/2 = 24", ("72", "48/2 = 24")),
        ("He has 9 * 2 = 18.\n#### 18", None, ("18", "He has 9 * 2 = 18.")),
        ("So it is \\boxed{18}.", None, ("18", None)),
        ("<think>9 * 2</think>The answer is 18.", None, ("18", "9 * 2")),
        ("So she makes $18.", None, ("$18", None)),
        ("#### 18.0", "twice nine\n#### 18", ("18.0", "twice nine")),
        ("-5", None, ("-5", None)),
    ],
)
def test_answer_and_trace_are_told_apart_whatever_the_shape(answer, trace, found):
    assert gold_of(answer, trace, NUMBER) == Gold(answer=found[0], trace=found[1])


@pytest.mark.parametrize(
    ("answer", "form", "trace"),
    [
        ("9 * 2 = 18\nA: 18", "A: {answer}", "9 * 2 = 18"),
        ("A: 18", "A: {answer}", None),
        ("9 * 2 = 18\nSo \\boxed{18}", "\\boxed{{answer}}", "9 * 2 = 18"),
        ("9 * 2 = 18\n\\boxed{\n18\n}", "#### {answer}", "9 * 2 = 18"),
        ("9 * 2 = 18\nAnswer: $18\nThe answer is 18.\n#### 18", "#### {answer}", "9 * 2 = 18"),
        # What reasons in the same line is kept, and only the mark of its answer goes.
        ("9 * 2 = 18. #### 18", "#### {answer}", "9 * 2 = 18."),
        ("She makes 9 * 2 = \\boxed{18} a day.", "\\boxed{{answer}}", "She makes 9 * 2 = 18 a day."),
        ("Answer: 9 * 2 = 18\n#### 18", "#### {answer}", "Answer: 9 * 2 = 18"),
        # A heading of Markdown is no answer, and another answer is no repetition of this one.
        ("#### Step 1: double\n9 * 2 = 18\n#### 18", "#### {answer}", "#### Step 1: double\n9 * 2 = 18"),
        ("The answer is 17\n#### 18", "#### {answer}", "The answer is 17"),
    ],
)
def test_a_trace_ends_before_the_answer_that_is_taught_behind_it(answer, form, trace):
    assert gold_of(answer, None, AnswerSpec(form=form)) == Gold(answer="18", trace=trace)


@pytest.mark.parametrize(
    ("spec", "answer", "said", "trace"),
    [
        (AnswerSpec(type="text", form="Answer: {answer}"), "They went far.\nAnswer: Paris", "Paris", "They went far."),
        (TEXT, "They went far.\nAnswer: Paris\n#### Paris", "Paris", "They went far."),
        # A heading in thoughts that says something else.
        (TEXT, "<think>#### Travel\nThey went far.</think>\n#### Paris", "Paris", "#### Travel\nThey went far."),
        (CHOICE, "Not A.\nThe answer is B.\n#### B", "B", "Not A."),
        (CHOICE, "The answer is B, it is warm.\n#### B", "B", "The answer is B, it is warm."),
        (AnswerSpec(type="expression"), "Add $x$.\n\\boxed{2x}", "2x", "Add $x$."),
    ],
)
def test_answers_of_other_types_are_not_taught_twice_either(spec, answer, said, trace):
    assert gold_of(answer, None, spec) == Gold(answer=said, trace=trace)


def test_a_trace_of_its_own_column_ends_before_the_answer_as_well():
    assert gold_of("18", "9 * 2 = 18\nThe answer is 18.", NUMBER) == Gold(answer="18", trace="9 * 2 = 18")
    assert gold_of("18", "#### 18", NUMBER) == Gold(answer="18", trace=None)


@pytest.mark.parametrize(
    ("line", "trace"),
    [
        ("#### 18\n", None),
        ("A: 18\n", None),
        ("\\boxed{18}\n", None),
        ("the \\boxed{18} ", "the 18" + " the 18" * 6_999),
    ],
)
def test_an_answer_that_is_said_again_and_again_is_read_in_time(line, trace):
    # A second or two on an idle machine; what is quadratic takes minutes.
    assert gold_of("18", line * 7_000, NUMBER).trace == trace


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
