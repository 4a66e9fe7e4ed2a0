import json

import pytest

from suffice.errors import DataError
from suffice.pipeline.completions import CompletionFiles, score_completions
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
        files = CompletionFiles(
            path=write("said.jsonl", said),
            against=None if against is None else write("other.jsonl", against),
            allow_missing=allow_missing,
            rejected=rejected,
        )
        return score_completions(task, files, folder=tmp_path, seed=0, progress=SILENT)

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


def test_flips_between_two_files_of_one_system_are_told_both_ways(score):
    # Right is 1. The first says so on q0, q2 and q4, the other on q1 to q3 alone: from the other to the first q1 and q3
    # are lost, q0 and q4 are won, and q2 stays.
    other = [{"id": f"q{n}", "completion": f"#### {1 if n in {1, 2, 3} else 9}"} for n in range(5)]
    found = score([row(n) for n in range(5)], [right(n) for n in range(5)], against=other)
    assert (found.flips.n_right_to_wrong, found.flips.n_wrong_to_right, found.flips.n) == (2, 2, 5)
    assert (found.flips.rate, found.flips.difference, found.comparison.difference) == (0.8, 0.0, 0.0)
    assert score([row(0)], [right(0)]).flips is None


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


def by_a_run(n):
    return {"key": f"hash {n}", "completion": {"id": f"q{n}", "text": f"#### {1 + n % 2}", "stop_reason": "end"}}


def test_a_finished_runs_own_file_is_scored_on_the_rows_that_it_asked(score, tmp_path):
    rows = [row(n, split="test" if n > 7 else "validation" if n > 3 else "train") for n in range(10)]
    with pytest.raises(DataError, match=r"got: no manifest.json beside them[\s\S]*--allow-missing"):
        score(rows, [by_a_run(n) for n in range(4, 7)])
    (tmp_path / "manifest.json").touch()
    found = score(rows, [by_a_run(n) for n in range(4, 7)])
    assert (found.evaluation.n, found.evaluation.accuracy.verified.n_correct, found.n_left_out) == (3, 2, 0)
    # Of those of any other system it is not known which rows were asked: all of the split are meant.
    with pytest.raises(DataError, match="none for 1 of 4 rows"):
        score(rows, [right(n) for n in range(4, 7)])


@pytest.mark.parametrize("brought", [True, False])
def test_what_a_run_wrote_for_the_sealed_test_is_not_scored_here(score, brought):
    rows = [row(n, **({"split": "test" if n > 4 else "train"} if brought else {})) for n in range(10)]
    with pytest.raises(DataError, match=r"got: those of \d rows of it\n  fix: .*suffice evaluate RUN --test"):
        score(rows, [by_a_run(n) for n in range(10)], allow_missing=True)
    # Whoever wrote another file is not known, and nothing was chosen on its rows.
    assert score(rows, [right(n) for n in range(10)]).evaluation.n == 10


def test_scored_rows_are_counted_by_the_split_that_a_fit_has_them_in(score):
    rows = [row(n, split="test" if n > 7 else "validation" if n > 4 else "train") for n in range(10)]
    counts = score(rows, [right(n) for n in range(10)]).split_counts
    assert (counts["validation"], counts["test"], sum(counts.values())) == (3, 2, 10)
    assert score(rows, [right(n) for n in range(8, 10)]).split_counts["test"] == 2
