from suffice.audit.completions import AnswerRows


def written(completions):
    n = len(completions)
    return AnswerRows(questions=("?",) * n, traces=(None,) * n, answers=("72",) * n, completions=tuple(completions))


PLAIN = ["So 48 + 24 = 72.\n#### 72"] * 8


def test_answers_in_several_forms_are_found_and_that_of_most_is_named(found):
    [one] = found("answer_styles", written([PLAIN[0], "So 72.\n#### $72", *PLAIN[1:], "The answer is 72."]))
    assert one.rows.tolist() == [1, 9]
    assert one.got == (
        "3 forms of answers; 8 of 10 are (answer marked by '####', written as number; prose; latin), "
        "1 differ by written, 1 differ by marker and layout"
    )
    assert one.fix.startswith("write all answers in the form of most rows")


def test_one_form_and_one_in_fifty_in_another_is_clear(found):
    assert found("answer_styles", written(PLAIN)) == []
    assert found("answer_styles", written([*PLAIN * 7, "The answer is 72."])) == []


def test_a_single_row_has_no_style_to_keep_to(why_not):
    assert why_not("answer_styles", [("a?", None, "1")]) == "there are fewer than two rows"
