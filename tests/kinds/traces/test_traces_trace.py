"""Traces computed anew: faults, strangers, the last line, and what a slip alone has spoilt. Worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suffice.kinds.numbers.arithmetic_tokens import tokens_of
from suffice.kinds.numbers.known import KnownNumbers, numbers_said
from suffice.kinds.traces.slips import overlay
from suffice.kinds.traces.steps import steps_of
from suffice.kinds.traces.trace import check_read, check_trace, read_trace, shown

QUESTION = "Natalia sold clips to 48 friends in April, and then half as many in May. How many altogether?"
RIGHT = "Natalia sold 48/2 = <<48/2=24>>24 clips in May.\nShe sold 48+24 = <<48+24=72>>72 clips altogether."


def faults(trace, **given):
    return [(fault.step, fault.what, fault.got, fault.expected) for fault in check_trace(trace, **given).faults]


def test_a_right_trace_has_no_fault_no_stranger_and_ends_in_the_answer():
    check = check_trace(RIGHT, question=QUESTION, answer="72", gold_trace=RIGHT)
    assert (check.n_steps, check.n_gold_steps) == (2, 2)
    assert (check.n_equations, check.n_annotations, check.n_exact) == (2, 2, 2)
    assert (check.faults, check.strangers, check.first_wrong) == ((), (), None)
    assert check.last_line_agrees is True
    assert check.stated is None


def test_the_first_wrong_step_says_what_stands_there_and_what_should():
    trace = "48/2 = 24 clips in May.\n48+24 = 82 altogether.\n82 - 1 = 80."
    assert faults(trace) == [(1, "arithmetic", "48+24 = 82", "72"), (2, "arithmetic", "82 - 1 = 80", "81")]
    check = check_trace(trace)
    assert check.wrong_steps == (1, 2)
    assert check.first_wrong == check.faults[0]


def test_a_result_copied_wrongly_is_a_fault_of_its_step():
    assert faults("so she has <<36/3=12>>18 left") == [(0, "copied", "18", "12")]


def test_a_quantity_with_two_values_is_a_contradiction():
    assert faults("Let x = 5\nso y = 7\nTherefore x = 6") == [(2, "contradiction", "x = 6", "5")]
    assert faults("Total cost: 3 * 4 = $12\nTotal cost = $12.00") == []
    assert faults("x = 0.33\nx = 1/3") == []
    assert faults("x = 2y\nx = 3 + y") == []


def test_a_number_from_nowhere_is_told_and_is_no_fault():
    check = check_trace("48 * 37 = 1776", question=QUESTION)
    assert [(one.step, one.number) for one in check.strangers] == [(0, "37")]
    assert check.faults == ()


@pytest.mark.parametrize(
    ("question", "trace"),
    [
        ("He works 3 weeks", "3 * 7 = 21"),  # days of a week
        ("He eats twenty-five", "25 * 12 = 300"),
        ("Two dozen eggs", "24 / 2 = 12"),
        ("A 15% discount on 80", "80 * 0.15 = 12\n80 * 85% = 68"),
        ("three quarters of 80", "80 * 3/4 = 60\n0.75 * 80 = 60"),
        ("2 million people", "2,000,000 / 4 = 500,000"),
        ("from 8:45 on", "60 - 45 = 15"),
        ("in 5th place of 9", "5 + 9 = 14"),
        ("10 by 3 people", "10 / 3 = 3.3333\n3.33 * 3 = 9.99"),
    ],
)
def test_numbers_of_the_question_in_any_form_and_results_are_known(question, trace):
    assert check_trace(trace, question=question).strangers == ()


def test_without_a_question_no_number_comes_from_nowhere():
    assert check_trace("48 * 37 = 1776").strangers == ()


@pytest.mark.parametrize(
    ("last", "answer", "agrees"),
    [
        ("He has 20 - 5 = 15 left.", "15", True),
        ("He has 20 - 5 = 15 left.", "20", False),  # what is computed with is no result
        ("So it takes 4 days.", "4", True),
        ("So it takes four days.", "4", True),
        ("That is 1/2 * 100 = 50%", "50", True),
        ("He pays 2 / 4 = $0.50 each", "50", True),  # cents
        ("They lost 3 - 13 = -10", "10", True),
        ("It is 15/4 = 3.75", "4", True),
        ("No number here.", "4", None),
        ("It takes 4 days.", "Paris", None),
    ],
)
def test_the_last_line_agrees_with_the_answer_or_not(last, answer, agrees):
    assert check_trace(f"1 + 1 = 2\n{last}", answer=answer).last_line_agrees is agrees


@pytest.mark.parametrize("line", ["#### 72", "A: 72", "The answer is 72", "**Final answer:** 72", r"\boxed{72}"])
def test_a_line_that_states_the_answer_is_no_step(line):
    check = check_trace(f"{RIGHT}\n{line}")
    assert check.n_steps == 2
    assert check.stated is not None
    assert check.stated.lstrip("*: {").startswith("72")
    assert check.last_line_agrees is True


def test_steps_are_lines_or_the_sentences_of_a_single_line():
    assert [step.text for step in steps_of("1. First 2 + 2 = 4.\n\n- Then 4.5 more. Or so.\n---\n").steps] == [
        "First 2 + 2 = 4.",
        "Then 4.5 more. Or so.",
    ]
    assert [step.text for step in steps_of("He has 4.5 apples. Then 3 more.").steps] == [
        "He has 4.5 apples.",
        "Then 3 more.",
    ]
    assert steps_of(" \n").steps == ()


def test_an_empty_trace_has_nothing():
    check = check_trace("", question=QUESTION, answer="72")
    assert (check.n_steps, check.n_equations, check.last_line_agrees) == (0, 0, None)


def test_a_number_at_the_end_of_a_text_that_was_cut_off_is_not_judged():
    assert len(read_trace("100 - 30 = 7").equations) == 1
    assert read_trace("100 - 30 = 7", truncated=True).equations == ()
    assert read_trace("so <<100-30=70>>7", truncated=True).equations == ()
    assert len(read_trace("100 - 30 = 70 left", truncated=True).equations) == 1


SLIP = "48/2 = 25 clips in May.\n48+25 = 73 altogether.\n#### 73"


def overlaid(text, *, right, gold):
    read = read_trace(text)
    return overlay(read, check_read(read), right=right, gold=gold)


def test_a_wrong_answer_by_one_slip_that_comes_out_right_when_it_is_put_right_is_unlucky():
    assert overlaid(SLIP, right=False, gold="72") == "unlucky"
    assert overlaid(SLIP, right=False, gold="74") is None  # put right, it is 72


def test_two_slips_are_not_called_unlucky():
    assert overlaid(SLIP.replace("73 alto", "74 alto").replace("#### 73", "#### 74"), right=False, gold="72") is None


def test_a_number_copied_wrongly_is_a_slip_as_well():
    trace = "He has <<36/3=12>>18 left\nand sells 18*2 = <<18*2=36>>36\nA: 36"
    assert overlaid(trace, right=False, gold="24") == "unlucky"


def test_a_right_answer_by_a_wrong_step_is_lucky_and_by_right_ones_nothing():
    assert overlaid("48/2 = 25\n48 + 24 = 72\n#### 72", right=True, gold="72") == "lucky"
    assert overlaid(RIGHT, right=True, gold="72") is None


def test_a_wrong_answer_without_a_wrong_step_is_neither():
    assert overlaid("48 + 2 = 50\n#### 50", right=False, gold="72") is None


def test_numbers_are_read_in_digits_and_in_words():
    found = numbers_said("two hundred and five, 3 dozen, twenty-one, half, $1,000 at 20%")
    assert {2, 200, 205, 36, 21, 1000, 20} <= found


def test_looking_a_number_up_knows_its_rounded_forms():
    known = KnownNumbers([tokens_of("10")[0].value / 3])
    assert [tokens_of(said)[0] in known for said in ("3.33", "3.34", "3", "4", "3.5")] == [
        True,
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "trace",
    [
        "9" * 1_000_000,
        "(" * 20_000,
        "1+" * 20_000 + "1=3",
        "<<" * 50_000,
        "1,000," * 16_000,
        "5 a b c d e f " * 5_000,
        "2^64^2 + 2^60 = 3\n" * 1_000,
        "\\frac{" * 16_000,
        "x = " * 25_000,
    ],
    ids=["digits", "open", "plus", "annotations", "commas", "words", "powers", "latex", "named"],
)
def test_nothing_hangs(trace):
    # Under a second each on an idle machine; what is quadratic takes minutes.
    check = check_trace(trace, question=trace[:100_000], answer=trace[:100_000])
    assert check.n_wrong == 0


# A superscript is a digit to `str.isdigit` and none to `int`: found by a property test of the waterfall.
def test_superscripts_are_no_number_in_words():
    assert check_trace("18\u00b2", answer="18").last_line_agrees in {True, False, None}


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (Fraction(1234), "1,234"),
        (Fraction(-7, 2), "-3.5"),
        # Twenty digits before the point are more than a float holds: it would say ...00000.5 as ...00000.
        (Fraction(10**20 * 2 + 1, 2), "100000000000000000000.5"),
        (Fraction(10, 3), "about 3.33333"),
        (Fraction(-1, 6), "about -0.166667"),
        # 1e308 is the largest power of ten of a float; a seventh of 1e400 is 1.42857e399.
        (Fraction(10**400, 7), "about 1.42857e+399"),
        # Digits that nobody reads to their end are not shown as if they ended there.
        (Fraction(10**400), "about 1e+400"),
        (Fraction(10**400 * 2 + 1, 2), "about 1e+400"),
    ],
)
def test_a_number_is_shown_as_a_person_writes_it_however_large(number, said):
    assert shown(number) == said


def test_a_step_that_computes_a_number_beyond_any_float_is_a_fault_and_no_crash():
    [fault] = check_trace("(10^38)^8 * 10^38 / 7 = 5").faults
    # 10^(38 * 9) = 10^342, and 10 / 7 = 1.42857...
    assert fault.expected == "about 1.42857e+341"


@settings(max_examples=200, deadline=None)
@given(
    numbers=st.lists(st.integers(0, 10**40 - 1), min_size=2, max_size=12),
    signs=st.lists(st.sampled_from([" + ", " - ", " * ", " / ", "^", "^64 * "]), min_size=11, max_size=11),
)
def test_whatever_numbers_a_trace_computes_with_it_is_read(numbers, signs):
    said = "".join(f"{number}{sign}" for number, sign in zip(numbers[:-1], signs, strict=False))
    trace = f"{said}{numbers[-1]} = 5\nso <<{said}{numbers[-1]}=6>>7"
    for fault in check_trace(trace, question=trace).faults:
        assert fault.expected
