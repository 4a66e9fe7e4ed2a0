from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.kinds.answer import judge
from suffice.kinds.extraction.final_answer import boxed, parse, without_thoughts
from suffice.kinds.numbers.numerals import last_numeral
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import ParsedAnswer

NUMBER = AnswerSpec()
CHOICE = AnswerSpec(type="choice", form="Answer: {answer}")
BOXED = AnswerSpec(type="expression", form=r"\boxed{{answer}}")
TEXT = AnswerSpec(type="text", form="{answer}")


@pytest.mark.parametrize(
    ("text", "strict", "lenient", "answer"),
    [
        ("9 * 2 = 18\n#### 18", "18", "18", "18"),
        ("#### 1,000\n\n", "1,000", "1,000", "1,000"),
        ("#### 18 dollars", None, "18", "18 dollars"),
        ("####18", None, "18", "18"),
        ("#### 18\nNext question: 3", None, "3", "18"),
        ("The answer is $18 a day for 5 days.", None, "5", "$18 a day for 5 days"),
        ("**Answer:** 18", None, "18", "18"),
        ("Answer:\n18", None, "18", "18"),
        ("A: 18", None, "18", "18"),
        (r"so \boxed{18}.", None, "18", "18"),
        (r"The answer is 3? No: \boxed{18}", None, "18", "18"),
        ("#### Step 3: add 4\nIt makes 18", None, "18", "18"),
        ("<think>5</think>\n#### 7", "7", "7", "7"),
        ("La respuesta es 18.", None, "18", "18"),
        ("The answer is 18! Well done.", None, "18", "18"),
        ("The answer is **18!**", None, "18", "18"),
        ("The answer is 5! = 120", None, "120", "5! = 120"),
        ("3 − 8 = −5", None, "-5", "-5"),
        ("#### NaN", None, None, "NaN"),
        ("5 then\n#### infinity", None, "5", "infinity"),
        ("no idea", None, None, None),
        ("", None, None, None),
        ("#### ", None, None, None),
    ],
)
def test_a_number_is_found_strictly_leniently_and_by_what_the_text_says(text, strict, lenient, answer):
    parsed = parse(text, NUMBER)
    assert (parsed.strict, parsed.lenient, parsed.answer) == (strict, lenient, answer)


@pytest.mark.parametrize(
    ("text", "strict", "answer"),
    [
        ("Answer: C", "C", "C"),
        ("Answer: A, C", "A, C", "A, C"),
        ("Answer: C because D is wrong", None, "C"),
        ("A train goes. The answer is (B).", None, "B"),
        ("**A**", None, "A"),
        ("Answer: c", None, "C"),
        ("Answer: a, as is known", None, None),
        ("The answer is a dog", None, None),
        ("so\nc", None, "C"),
        ("(c)", None, "C"),
        ("Answer: c) Paris", None, "C"),
        ("f(c) or so", None, None),
        ("Answer: Ｃ", None, "C"),
        ("（ｃ）", None, "C"),
        ("Answer: Z", None, None),
        ("A: both B and C\nB: none of them\nSo I take D", None, "D"),
    ],
)
def test_a_choice_is_one_of_those_that_there_are(text, strict, answer):
    parsed = parse(text, CHOICE)
    assert (parsed.strict, parsed.answer) == (strict, answer)


def test_letters_of_a_task_in_small_letters_are_read_as_capitals_where_they_stand_alone():
    spec = AnswerSpec(type="choice", choices=("a", "b"))
    assert parse("#### B", spec).answer == "b"
    assert parse("A train is late, so (b)", spec).answer == "b"
    # "ß" in capitals is two letters.
    assert parse("#### ß", AnswerSpec(type="choice", choices=("ß", "a"))).answer == "ß"


def test_words_are_choices_in_any_case_and_spelt_as_the_task_spells_them():
    spec = AnswerSpec(type="choice", choices=("yes", "no", "not sure"), form="{answer}")
    assert parse("Well. Not Sure", spec).answer == "not sure"


# The sign "İ" is an "i" to a pattern that ignores case, and none when it is folded.
def test_choices_in_signs_that_fold_in_odd_ways_are_read():
    spec = AnswerSpec(type="choice", choices=("in", "out"), form="{answer}")
    assert parse("it is İN", spec).answer in {"in", None}


def test_a_form_is_no_part_of_a_longer_word():
    spec = AnswerSpec(form="A: {answer}")
    assert parse("DNA: 5\nso 3 + 4 = 7", spec).answer == "7"
    assert parse("so A: 6 eggs", spec).answer == "6 eggs"


@pytest.mark.parametrize(
    ("text", "answer", "stated"),
    [
        ("The answer is 5 or 6.", "5 or 6", True),
        ("#### between 3 and 5", "between 3 and 5", True),
        ("#### 5, 6", "5, 6", True),
        ("so\n5 or 6.", "5 or 6.", False),
        (r"\boxed{5} or \boxed{6}", "5 or 6", True),
        (r"$\boxed{5}$ \text{ or } $\boxed{6}$", "5 or 6", True),
        ("The answer is not 6, it is 5.", "5", True),
        ("#### not 6, but 5", "5", True),
        ("The answer isn't 6, it's 5", "5", False),
        ("2 + 3 = 5. The answer is not 6.", "5", False),
        ("The answer is not 6.", None, False),
        ("The answer is 5. It is not 6.", "5", True),
        ("It makes 5 or 6 eggs.\nThe answer is 5.", "5", True),
        ("It cannot be 18.", None, False),
        ("#### not 18", None, False),
        ("It isn't 18, it is 12", "12", False),
        ("So it makes 18, not 19", "18", False),
        ("Neither 5 nor 6 will do", None, False),
        ("2 + 3 = 5\nIt is not 6.", "5", False),
        ("#### >18", ">18", True),
        ("#### at least 18", "at least 18", True),
        ("The answer is no more than 18 eggs.", "no more than 18 eggs", True),
    ],
)
def test_numbers_left_open_stay_as_they_are_said_and_denied_ones_are_passed_over(text, answer, stated):
    parsed = parse(text, NUMBER)
    assert (parsed.answer, parsed.stated) == (answer, stated)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The answer is A or B.", "A or B"),
        ("The answer is A, B, or C", "A, B, or C"),
        ("The answer is A/B", "A/B"),
        ("(A) or (B)", "(A) or (B)"),
        ("The answer is not A but B.", "B"),
        ("The answer is not A, it's B", "B"),
        ("The answer is neither A nor B but C", "C"),
        ("The answer is A, not B", "A"),
        ("The answer is A because B or C is wrong", "A"),
        ("Is it A or B?\nThe answer is B", "B"),
        ("The answer is not A", None),
        ("#### not A", None),
        ("not A", None),
        ("It isn't A", None),
        ("It isn’t option A, so B", "B"),
        ("Not (A).", None),
        ("not (a)", None),
        ("It is not a B", None),
        ("Neither A nor B.", None),
        ("It cannot be A or B. So C", "C"),
    ],
)
def test_choices_left_open_stay_as_they_are_said_and_denied_ones_are_passed_over(text, answer):
    assert parse(text, CHOICE).answer == answer


def test_a_choice_that_begins_with_not_is_no_denial():
    spec = AnswerSpec(type="choice", choices=("sure", "not sure"))
    assert parse("The answer is not sure", spec).answer == "not sure"
    assert parse("I am not sure", spec).answer == "not sure"


def test_a_short_text_may_be_a_denial():
    assert parse("It is so.\nnot 18", TEXT).answer == "not 18"


@pytest.mark.parametrize("text", ["#### １８", "#### ١٨", "#### १८", "الجواب هو ١٨", "答案是１８。"])
def test_a_number_is_found_in_the_digits_of_any_script(text):
    parsed = parse(text, NUMBER)
    assert (parsed.strict, parsed.lenient, parsed.answer) == (None, "18", "18")


# 9 * 2 = 36 / 2 = 20 - 2 = 18; nobody has said so.
@pytest.mark.parametrize("text", ["9 times 2 is", "9 * 2", "9 * 2 =", "We have 36/2", "So 20 − 2", "It is 9 * 2."])
def test_arithmetic_that_nobody_carried_out_is_no_answer_where_nothing_is_stated(text):
    assert parse(text, NUMBER) == ParsedAnswer(strict=None, lenient=last_numeral(text), answer=None, stated=False)


@pytest.mark.parametrize("text", ["#### 9 * 2", "#### 9 * 2 =", "The answer is 36/2", "so n = 20 − 2", "#### 36/2"])
def test_arithmetic_that_is_stated_is_an_answer_unless_the_text_was_cut_off_in_it(text):
    assert parse(text, NUMBER).answer is not None
    parsed = parse(text, NUMBER, cut_off=True)
    assert (parsed.strict, parsed.answer, parsed.stated) == (None, None, False)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("#### 1/2", "1/2"),
        ("so it is 5/10", "5/10"),
        ("#### 3 1/2 hours", "3 1/2 hours"),
        ("#### 10^6", "10^6"),
        ("9 * 2 = 18", "18"),
        ("#### 18", "18"),
        ("#### 9 * 2\nsince there are", "9 * 2"),
    ],
)
def test_fractions_results_and_what_was_said_before_the_cut_stay_answers(text, answer):
    assert parse(text, NUMBER, cut_off=True).answer == answer


def test_no_strict_answer_stands_in_two_boxes_of_which_one_is_meant():
    spec = AnswerSpec(form=r"\boxed{{answer}}")
    assert parse(r"\boxed{5} or \boxed{6}", spec).strict is None
    assert parse(r"\boxed{5}, then \boxed{6}", spec).strict == "6"


@pytest.mark.parametrize(
    ("form", "kind", "text", "answer"),
    [
        ("<answer>{answer}</answer>", "text", "<answer>Paris</answer>\nThanks", "Paris"),
        ("<answer>{answer}</answer>", "text", "I think <answer>Paris. Or so</answer>.", "Paris. Or so"),
        ("<answer>{answer}</answer>", "expression", "I think <answer>x+1</answer>.", "x+1"),
        ("<answer>{answer}</answer>", "number", "<answer>18</answer> for 5", "18"),
        ("<answer>{answer}</answer>", "choice", "<answer>A</answer> or B", "A"),
        ("**{answer}**", "text", "I say **Paris** now", "Paris"),
        ("#### {answer} ####", "text", "#### Paris #### so", "Paris"),
        ("A: {answer}.", "text", "A: 1.5 m. So\nbye", "1.5 m"),
        (r"\fbox{{answer}}", "expression", r"so \fbox{\frac{1}{2}} it is", r"\frac{1}{2}"),
    ],
)
def test_an_answer_ends_where_the_form_ends(form, kind, text, answer):
    assert parse(text, AnswerSpec(type=kind, form=form)).answer == answer


def test_a_short_text_ends_with_its_sentence_and_the_lenient_reader_looks_behind_the_sign():
    spec = AnswerSpec(type="text", form="Answer: {answer}")
    parsed = parse("The answer is Paris. It is the capital of France.", spec)
    assert (parsed.strict, parsed.lenient, parsed.answer) == (None, "Paris", "Paris")
    parsed = parse("Answer: St. Louis. It is large.\nIs there anything else?", spec)
    assert (parsed.lenient, parsed.answer) == ("Is there anything else?", "St. Louis")
    assert parse("It is known.\nParis. It is the capital.", spec).lenient == "Paris"


FORMS = (
    "#### {answer}",
    "Answer: {answer}",
    r"\boxed{{answer}}",
    "{answer}",
    "<answer>{answer}</answer>",
    "A: {answer}.",
)
ANSWERS = {
    "number": st.sampled_from(["18", "1/2", "50%", "-5", "1,000", "3.50", "1/2%"]),
    "choice": st.sampled_from(["A", "B", "A, C", "C, A", "A, B, C"]),
    "text": st.one_of(st.sampled_from(["Paris", "St. Louis", "C++", "Paris. It is", "5 or 6"]), st.text(max_size=9)),
    "expression": st.sampled_from(["x+1", r"\frac{1}{2}", "$x$", r"\{1, 2\}"]),
}


# What the last line holds in the form asked for is the last thing that could be an answer.
@given(st.data(), st.sampled_from(list(ANSWERS)), st.sampled_from(FORMS))
def test_what_is_right_strictly_is_right_leniently(data, kind, form):
    spec = AnswerSpec(type=kind, form=form)
    gold, said = data.draw(ANSWERS[kind]), data.draw(ANSWERS[kind])
    before = data.draw(st.sampled_from(["", "9 * 2 = 18\n", "The answer is B.\n", "<think>5</think>\n", "so $x$: "]))
    after = data.draw(st.sampled_from(["", ".", " of 20 eggs", " or D", "\n", "$"]))
    verdict = judge(parse(before + form.replace("{answer}", said) + after, spec), gold, spec)
    assert verdict.lenient or not verdict.strict


def test_a_box_may_stand_anywhere_in_the_last_line():
    assert parse("so\nhence $\\boxed{\\frac{1}{2}}$.", BOXED).strict == r"\frac{1}{2}"
    assert parse("\\boxed{3}\nor so", BOXED).strict is None


def test_a_short_text_is_the_last_line():
    assert parse("It is known.\nParis", TEXT).strict == "Paris"


def test_what_stands_last_is_not_stated():
    assert parse("16 - 3 = 13", NUMBER) == ParsedAnswer(strict=None, lenient="13", answer="13", stated=False)
    assert parse("The answer is 13", NUMBER).stated


def test_thoughts_are_no_answer_even_if_they_never_end():
    assert without_thoughts("<think>it is 5</think> 7") == " 7"
    assert parse("<think>it is 5", NUMBER).answer is None
    assert without_thoughts("6 <think>5") == "6 "


def test_boxes_are_read_with_their_inner_braces_and_one_that_never_closes_ends_them():
    assert boxed(r"\boxed{1} and \boxed{\frac{a}{b\}}} then \boxed{3") == [(0, "1"), (14, r"\frac{a}{b\}}")]


@given(st.text(), st.sampled_from([NUMBER, CHOICE, BOXED, TEXT]))
def test_no_text_breaks_the_parser_and_what_is_well_formed_is_stated(text, spec):
    parsed = parse(text, spec)
    assert parsed.strict is None or (parsed.stated and parsed.answer == parsed.strict)
    assert not parsed.stated or parsed.answer is not None


@pytest.mark.parametrize("spec", [NUMBER, CHOICE, BOXED, TEXT])
@pytest.mark.parametrize(
    "text",
    [
        "word 12 + 3 = 15. ",
        "the answer is ",
        "1,",
        r"\boxed{",
        " ",
        "A ",
        "#### ",
        "<think>",
        "$x$ ",
        "9",
        "answer: 1\n",
    ],
)
def test_a_trace_of_a_hundred_thousand_signs_is_read_in_no_time(text, spec):
    started = process_time()
    parse((text * 100_000)[:100_000], spec)
    assert process_time() - started < 2.0


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("The answer is A" + " " * 100_000 + "x B", CHOICE),
        (r"\boxed{1} " * 10_000, BOXED),
        ("answer: A " * 10_000, CHOICE),
        (r"The answer is \text{" * 5_000, NUMBER),
    ],
)
def test_texts_made_to_be_slow_are_read_in_no_time(text, spec):
    started = process_time()
    parse(text, spec)
    assert process_time() - started < 2.0


def test_an_answer_of_a_million_digits_is_found():
    assert parse("#### " + "7" * 1_000_000, NUMBER).strict == "7" * 1_000_000
