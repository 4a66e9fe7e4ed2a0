from dataclasses import replace

import pytest

from suffice.audit.completions import AnswerRows
from suffice.records.answer_spec import AnswerSpec


def texts(*rows):
    questions, answers = zip(*rows, strict=True)
    n, spec = len(rows), AnswerSpec(type="text", form="{answer}")
    return AnswerRows(questions=questions, traces=(None,) * n, answers=answers, completions=answers, spec=spec)


CLEAR = [("Anna lives in Lyon. Where does she live?", "Lyon"), ("Is it true?", "yes")]


def test_answers_with_a_name_from_nowhere_are_found(found):
    [one] = found("unlearnable", texts(*CLEAR, ("Who wrote Faust?", "Goethe")))
    assert one.rows.tolist() == [2]
    assert one.got.startswith("1 of 3 answers have a number or a name that is in neither question, context nor trace")


def test_names_that_other_rows_have_as_answers_may_be_learned(found):
    assert found("unlearnable", texts(*CLEAR, ("Who wrote Faust?", "Goethe"), ("Who wrote Egmont?", "Goethe"))) == []


def test_traces_that_compute_with_a_number_from_nowhere_are_found(found):
    rows = [("Half of 48?", "48/2 = 24", "24"), ("How many miles did he run?", "26.2 * 3 = 78.6", "78.6")]
    [one] = found("unlearnable", rows)
    assert one.rows.tolist() == [1]
    assert one.got == "1 of 2 traces compute with a number that is neither in the question nor computed before"


def test_numbers_without_a_trace_may_have_been_computed(why_not):
    reason = "no answer is a number with a trace: one without may have been computed"
    assert why_not("unlearnable", [("Half of 48?", None, "24")]) == reason


@pytest.mark.parametrize(
    ("type_", "answer", "reason"),
    [
        ("choice", "A", "a choice is one of those that the task names, and stands in no text; see choice_not_offered"),
        ("expression", "x^2", "an expression is worked out, and stands in no text that it could be looked for in"),
    ],
)
def test_answers_that_stand_in_no_text_are_not_looked_for(why_not, type_, answer, reason):
    rows = replace(texts(("Which one?", answer)), spec=AnswerSpec(type=type_))
    assert why_not("unlearnable", rows) == reason


def test_what_the_documents_say_can_be_learned(found):
    rows = texts(*CLEAR, ("Who wrote Faust?", "Goethe"), ("Who wrote Emilia Galotti?", "Lessing"))
    [one] = found("unlearnable", replace(rows, knowledge="Faust is by Goethe."))
    assert one.rows.tolist() == [3]
    assert "neither question, context, trace nor knowledge" in one.got


def test_however_many_names_are_asked_of_the_documents_each_is_told(found):
    # More names than are looked up together.
    names = [f"Aaa{'b' * 90}{'cdefghij'[k // 64]}{'cdefghij'[k // 8 % 8]}{'cdefghij'[k % 8]}" for k in range(200)]
    rows = texts(*((f"Who is it, number {k}?", name) for k, name in enumerate(names)))
    [one] = found("unlearnable", replace(rows, knowledge="\n".join(names[::2])))
    assert one.rows.tolist() == list(range(1, 200, 2))
