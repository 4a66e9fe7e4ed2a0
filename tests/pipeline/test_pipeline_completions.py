import json

import pytest

from suffice.errors import DataError
from suffice.pipeline.completions import score_completions
from suffice.records.progress import SILENT
from suffice.records.task import DataSpec, TargetSpec, Task


@pytest.fixture
def score(tmp_path):
    """Scores completions of rows of question and right answer."""

    def score(rows, said, *, against=None, allow_missing=False, rejected=None):
        def write(name, lines):
            (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
            return tmp_path / name

        write("rows.jsonl", rows)
        task = Task(name="t", kind="answer", data=DataSpec(path="rows.jsonl"), target=TargetSpec(at_least=0.9))
        return score_completions(
            task,
            write("said.jsonl", said),
            against=None if against is None else write("other.jsonl", against),
            folder=tmp_path,
            allow_missing=allow_missing,
            rejected=rejected,
            seed=0,
            progress=SILENT,
        )

    return score


def row(n, text=None, **more):
    asked = f"{'abcdefghij'[n]} asks {n * 977} things of {n} kinds?"
    return {"id": f"q{n}", "question": text or asked, "answer": "1"} | more


def right(n):
    return {"id": f"q{n}", "completion": f"#### {1 + n % 2}"}


def test_copies_of_a_question_are_no_independent_rows(score):
    apart = score([row(n) for n in range(8)], [right(n) for n in range(8)])
    copies = score([row(n, "The same question for all?") for n in range(8)], [right(n) for n in range(8)])
    one, other = apart.evaluation.accuracy.verified, copies.evaluation.accuracy.verified
    assert one.accuracy == other.accuracy == 0.5
    assert other.interval.low < one.interval.low


def test_figures_do_not_depend_on_the_order_of_the_lines(score):
    rows = [row(n) for n in range(6)]
    assert score(rows, [right(n) for n in range(6)]) == score(rows, [right(n) for n in reversed(range(6))])


def test_two_files_on_different_rows_are_refused(score):
    rows = [row(n, split="test" if n < 3 else "train") for n in range(6)]
    with pytest.raises(DataError, match="two files are compared on the same rows"):
        score(rows, [right(n) for n in range(3)], against=[right(n) for n in range(3, 6)], allow_missing=True)


def test_a_comparison_is_of_the_rows_that_both_answered(score):
    rows = [row(n) for n in range(6)]
    found = score(rows, [right(n) for n in range(4)], against=[right(n) for n in range(1, 6)], allow_missing=True)
    assert (found.comparison.n, found.n_left_out, found.comparison.difference) == (3, 3, 0.0)


def test_what_two_files_say_with_one_voice_is_suspected_in_both(score):
    rows, said = [row(n) for n in range(3)], [{"id": f"q{n}", "completion": "#### 7"} for n in range(3)]
    found = score(rows, said, against=[said[0], right(1), right(2)])
    assert found.evaluation.overlays.suspected_gold.ids == ("q0",)
    assert found.against.overlays.suspected_gold.ids == ("q0",)


def test_right_answers_that_a_person_rejected_count_in_the_first_figure_alone(score, tmp_path):
    (tmp_path / "no.txt").write_text("q1\nq3\n", encoding="utf-8")
    found = score([row(n) for n in range(4)], [right(n) for n in range(4)], rejected=tmp_path / "no.txt").evaluation
    assert found.accuracy.verified.accuracy == 0.5
    assert (found.without_rejected.n_rejected, found.without_rejected.accuracy.verified.accuracy) == (2, 1.0)


def test_a_context_is_read_and_answers_are_held_against_it(score):
    found = score(
        [row(0, context="It is 1 of 5."), row(1)], [{"id": f"q{n}", "completion": "#### 6"} for n in range(2)]
    )
    assert (found.evaluation.support.unsupported.of, found.evaluation.support.unsupported.ids) == (1, ("q0",))
