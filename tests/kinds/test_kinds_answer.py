import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from suffice.dataset.cells import Fault
from suffice.kinds.answer import (
    answer_given,
    answer_schema,
    chat,
    conversation,
    default_instruction,
    end_in_form,
    form_demanded,
    judge,
    parse,
    prompt,
    render,
    render_answer,
    up_to_form,
    wordings,
)
from suffice.kinds.gold.gold import gold_of
from suffice.kinds.prompts import Example
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import AnswerVerdict, Gold
from suffice.records.constraint import Constraint

NUMBER = AnswerSpec()
CHOICE = AnswerSpec(type="choice", choices=("yes", "no"), form="Answer: {answer}")


def test_a_prompt_shows_examples_in_the_shape_of_the_question():
    shown = (Example(text="2 + 2?", answer=render_answer(Gold(answer="4", trace="2 + 2 = 4"), NUMBER)),)
    frame = prompt("Count.", examples=shown)
    assert frame.before + render("3 + 3?") + frame.after == (
        "Count.\n\nQuestion: 2 + 2?\nAnswer: 2 + 2 = 4\n#### 4\n\nQuestion: 3 + 3?\nAnswer:"
    )


def test_what_is_rendered_as_right_is_parsed_as_right():
    gold = Gold(answer="4", trace="2 + 2 = 4")
    verdict = judge(parse(render_answer(gold, NUMBER), NUMBER), "4", NUMBER)
    assert verdict == AnswerVerdict(strict=True, lenient=True, verified=True, gave_up=False)


@pytest.mark.parametrize(
    ("answer", "taught"),
    [
        # What the form takes already stays as it is written.
        ("18", "18"),
        ("1,000", "1,000"),
        ("18.50", "18.50"),
        ("-1/2", "-1/2"),
        ("50%", "50%"),
        # The same number with nothing beside it, worked out by hand.
        ("$1,000", "1000"),
        ("18 dollars", "18"),
        ("-$2.50", "-2.50"),
        ("50 percent", "50%"),
        ("3 1/2 hours", "7/2"),
        ("\\frac{6}{8}", "3/4"),
        ("2.5e3", "2500"),
        ("12,5", "12.5"),
        ("1 000 km", "1000"),
        ("9 * 2 = 18", "18"),
    ],
)
def test_a_number_is_taught_as_its_form_takes_it_and_is_strictly_right(answer, taught):
    said = render_answer(Gold(answer=answer, trace=None), NUMBER)
    assert said == f" #### {taught}"
    verdict = judge(parse(said, NUMBER), answer, NUMBER)
    assert (verdict.strict, verdict.verified) == (True, True)


def test_a_unit_of_the_gold_is_left_aside_by_letters_and_held_against_others_by_value():
    assert judge(parse("#### 50", NUMBER), "50 cents", NUMBER).strict
    assert judge(parse("#### 51", NUMBER), "50 cents", NUMBER) == AnswerVerdict(
        strict=False, lenient=False, verified=False, gave_up=False
    )
    assert judge(parse("The answer is 50 euros", NUMBER), "50 cents", NUMBER).verified is False


def test_an_answer_of_several_lines_is_taught_in_one():
    spec = AnswerSpec(type="text", form="Answer: {answer}")
    assert render_answer(Gold(answer="New\n York", trace=None), spec) == " Answer: New York"


def test_thoughts_of_a_trace_that_never_end_do_not_swallow_the_answer():
    said = render_answer(Gold(answer="18", trace="<think>9 * 2"), NUMBER)
    assert said == " <think>9 * 2\n</think>\n#### 18"
    assert parse(said, NUMBER).strict == "18"


_FORMS = (
    "#### {answer}",
    "A: {answer}",
    "Answer: {answer}",
    "\\boxed{{answer}}",
    "{answer}",
    "The answer is {answer}.",
)
_EXPRESSIONS = (
    "x^2+1",
    "\\frac{x}{2}",
    "\\{1, 2\\}",
    "(0, 1]",
    "3 \\sqrt{2}",
    "$y$",
    "\\boxed{\n2x\n}",
    "So \\boxed{2x}.",
)
_NUMBERS = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["", "-", "$", "-$", "$-", "+", "−", "about ", "#### ", "\\boxed{"]),
    st.integers(0, 10**9).map(lambda number: f"{number:,}") | st.decimals(0, 10**6, places=3).map(str),
    st.sampled_from(["", "/7", " 1/2", "e3", " * 10^4", ".0"]),
    st.sampled_from(["", "%", " percent", " dollars", " cents", " km", " apples", ".", "}"]),
    st.sampled_from(["", "\n#### 7", "\nA: 7", " for 5 days"]),
)


_GOLDS = {
    "number": _NUMBERS,
    "choice": st.sampled_from(
        ["B", "A, C", "(B) because of C", "The answer is A and D", "\\boxed{\\text{C}}", "A: B\n#### B"]
    ),
    "text": st.text(alphabet="abAB 0123456789.,%/+-*=:$()'\n", max_size=20),
    "expression": st.sampled_from(_EXPRESSIONS),
}
_TRACES = st.none() | st.text(alphabet="ab 12=#<>\n", max_size=20) | st.sampled_from(["<think>1 + 1", "no </think>"])


@settings(max_examples=500, deadline=None)
@given(kind=st.sampled_from(sorted(_GOLDS)), form=st.sampled_from(_FORMS), trace=_TRACES, data=st.data())
def test_what_is_taught_is_right_whatever_the_gold(kind, form, trace, data):
    spec = AnswerSpec(type=kind, form=form)
    try:
        gold = gold_of(data.draw(_GOLDS[kind]), trace, spec)
    except Fault:
        assume(False)
    parsed = parse(render_answer(gold, spec), spec)
    assert parsed.strict is not None
    verdict = judge(parsed, gold.answer, spec)
    assert (verdict.strict, verdict.verified) == (True, True)


def test_the_default_instruction_shows_the_form_and_the_choices():
    assert default_instruction(NUMBER).endswith("reads: #### <the number>")
    assert default_instruction(CHOICE).endswith("The choices are: yes, no.")


def test_a_chat_model_is_told_the_task_and_then_the_question_alone():
    system, user = chat(" 2 + 2? ", instruction="", spec=NUMBER)
    assert (system.role, system.content) == ("system", default_instruction(NUMBER))
    assert (user.role, user.content) == ("user", "2 + 2?")


def test_three_graders_see_three_things():
    verdict = judge(parse("The answer is 18.00 dollars for 5 days", NUMBER), "18", NUMBER)
    assert verdict == AnswerVerdict(strict=False, lenient=False, verified=True, gave_up=False)


def test_what_cannot_be_compared_in_time_is_wrong_and_said():
    spec = AnswerSpec(type="expression", form="{answer}")
    verdict = judge(parse("y" * 2_000, spec), "x", spec)
    assert (verdict.verified, verdict.gave_up) == (False, True)


def test_a_conversation_shows_examples_as_turns_and_takes_no_instruction_for_none():
    shown = (Example(text="1 + 1?", answer=" #### 2"),)
    said = conversation("2 + 2?", told="Add.", examples=shown)
    assert [(one.role, one.content) for one in said] == [
        ("system", "Add."),
        ("user", "1 + 1?"),
        ("assistant", "#### 2"),
        ("user", "2 + 2?"),
    ]
    assert [one.role for one in conversation("2 + 2?", told="")] == ["user"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", "#### "),
        ("2 + 2 = 4\n", "2 + 2 = 4\n#### "),
        ("<think>2 + 2", "<think>2 + 2\n</think>\n#### "),
        ("<think>a</think> 4", "<think>a</think> 4\n#### "),
    ],
)
def test_what_was_written_goes_on_where_the_answer_would_have_to_stand(written, expected):
    assert up_to_form(written, AnswerSpec()) == expected


@pytest.mark.parametrize(
    ("spec", "answer", "is_one"),
    [
        (AnswerSpec(), "-12.5", True),
        (AnswerSpec(), "3/4", True),
        (AnswerSpec(), "twelve", False),
        (AnswerSpec(), "12 apples", False),
        (AnswerSpec(form="\\boxed{{answer}}"), "12}", True),
        (AnswerSpec(form="\\boxed{{answer}}"), "12", False),
        (AnswerSpec(type="text"), "Paris", True),
        (AnswerSpec(type="text"), "Paris\nRome", False),
    ],
)
def test_an_answer_is_held_to_its_type_and_to_what_the_form_has_behind_it(spec, answer, is_one):
    assert (re.fullmatch(end_in_form(spec).pattern, answer) is not None) == is_one


def test_a_choice_is_held_to_the_choices_closed_and_to_what_the_form_has_behind_them():
    spec = AnswerSpec(type="choice", choices=("a.b", "c"), form="\\boxed{{answer}}")
    assert end_in_form(spec) == Constraint(choices=("a.b}", "c}"))
    assert end_in_form(AnswerSpec(type="choice")).choices == tuple("ABCDEFGHIJ")


def test_wordings_name_one_form_and_the_last_is_none_at_all():
    named = {one.name: one.instruction for one in wordings(AnswerSpec())}
    assert named.pop("none") == ""
    assert all("#### <the number>" in said for said in named.values())
    assert named["default"] == default_instruction(AnswerSpec())


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ('{"answer": "18"}', "18"),
        ('{"answer": "#### 18"}', "18"),
        ("#### 18", "18"),
        ("It is 18.", "18"),
        ('{"answer": ""}', None),
        ('{"result": "18"}', None),
        ("I would rather not say.", None),
        ("", None),
        ("[" * 100_000, None),
    ],
)
def test_an_answer_that_was_asked_for_alone_is_read_by_its_schema_or_in_words(reply: str, answer: str | None) -> None:
    assert answer_given(reply, AnswerSpec()) == answer


def test_the_form_is_demanded_by_its_last_line_and_a_schema_of_the_answer_alone() -> None:
    spec = AnswerSpec(type="choice", choices=("yes", "no"), form="Answer: {answer}")
    assert form_demanded(spec).endswith("in a line that reads: Answer: <your choice>")
    schema = answer_schema(spec)
    assert schema["properties"]["answer"]["enum"] == ["yes", "no"]
    assert (schema["required"], schema["additionalProperties"]) == (["answer"], False)
