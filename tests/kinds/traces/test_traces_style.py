from __future__ import annotations

import pytest

from suffice.kinds.traces.style import form_in_words, form_of, styles_of

GSM8K = "She sold 48/2 = <<48/2=24>>24 clips.\nThen 48+24 = <<48+24=72>>72.\n#### 72"
BOXED = "1. She sold 24 clips.\n2. Then 48 more.\nThe answer is $\\boxed{72}$."
THOUGHT = "<think>48 and 24</think>The answer is 72 clips."


def test_the_form_of_a_completion_is_what_a_person_sees():
    form = form_of(GSM8K)
    assert (form.marker, form.written, form.layout) == ("####", "number", "lines")
    assert (form.thinks, form.annotated, form.latex, form.script) == (False, True, False, "latin")
    form = form_of(BOXED)
    assert (form.marker, form.written, form.layout) == ("\\boxed", "number", "list")
    assert form.latex is False
    form = form_of(THOUGHT)
    assert (form.marker, form.written, form.layout) == ("answer is", "number with unit", "prose")
    assert form.thinks is True


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("72", "number"),
        ("-7.5", "number"),
        ("1,234", "number with separators"),
        ("1 234", "number with separators"),
        ("3/4", "fraction"),
        ("\\frac{3}{4}", "fraction"),
        ("$72", "number with unit"),
        ("72 clips", "number with unit"),
        ("Paris", "words"),
        ("", "nothing"),
    ],
)
def test_how_an_answer_is_written_is_told(said, written):
    assert form_of(f"So.\n#### {said}").written == written


def test_an_answer_alone_and_no_marker_are_told():
    assert form_of("#### 72").layout == "answer alone"
    form = form_of("72")
    assert (form.marker, form.written, form.layout) == ("none", "nothing", "prose")


def test_scripts_are_told_by_most_letters():
    assert form_of("Ответ: 72 apples или").script == "cyrillic"
    assert form_of("答案是 72").script == "cjk"
    assert form_of("72").script == ""


def test_styles_are_sorted_by_how_frequent_they_are_and_the_majority_is_named():
    styles = styles_of([THOUGHT, GSM8K, GSM8K.replace("72", "73"), BOXED])
    assert [style.rows for style in styles.styles] == [(1, 2), (0,), (3,)]
    assert styles.majority.form == form_of(GSM8K)
    assert styles.consistency == 0.5
    assert form_in_words(styles.majority.form) == (
        "answer marked by '####', written as number; lines; calculator annotations; latin"
    )


def test_what_differs_between_two_forms_is_named():
    assert form_of(GSM8K).differences(form_of(GSM8K.replace("#### 72", "#### $72"))) == ("written",)
    assert form_of(GSM8K).differences(form_of(GSM8K)) == ()


@pytest.mark.parametrize("text", ["", "#" * 100_000, "answer " * 15_000, "9" * 1_000_000, "1 234" * 20_000])
def test_any_text_has_a_form(text):
    assert styles_of([text]).n == 1


def test_a_mark_is_shown_as_it_is_written():
    assert form_in_words(form_of("So it is \\boxed{72}.")).startswith("answer marked by '\\boxed',")
