"""suffice evaluate TASK --completions FILE."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from suffice.records.answers import ANSWER_CLASSES

TASK = """\
name: sums
kind: answer
data:
  path: rows.jsonl
answer:
  type: number
target:
  at_least: 0.8
"""


def write_lines(path: Path, rows) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def task(tmp_path):
    """A task of twenty sums."""
    rows = [{"id": f"q{n}", "question": f"What is {n} and {n}?", "answer": str(2 * n)} for n in range(20)]
    write_lines(tmp_path / "rows.jsonl", rows)
    (tmp_path / "task.yaml").write_text(TASK, encoding="utf-8")
    return tmp_path / "task.yaml"


@pytest.fixture
def completions(tmp_path):
    """Ten right, five right in another form, two cut off, one silent, two wrong."""
    said = [f"{n} + {n} = {2 * n}\n#### {2 * n}" for n in range(10)]
    said += [f"The answer is ${2 * n}." for n in range(10, 15)]
    said += ["Let me add 15 and", "Let me add 16 and", "I do not know", "#### 1", "It is 2"]
    rows = [
        {"id": f"q{n}", "completion": text, "stop_reason": "length" if n in {15, 16} else "stop"}
        for n, text in enumerate(said)
    ]
    return write_lines(tmp_path / "said.jsonl", rows)


def test_json_has_the_figures_and_nothing_else(task, completions, suffice):
    ran = suffice("evaluate", task, "--completions", completions, "--json")
    assert (ran.code, ran.err) == (0, "")
    document = json.loads(ran.out)
    assert list(document)[:6] == ["n", "accuracy", "waterfall", "examples", "trace", "clusters"]
    assert list(document)[6:11] == ["overlays", "without_rejected", "form", "repetition", "support"]
    assert list(document)[11:] == ["classes", "n_truncated", "n_ends_unknown", "n_gave_up", "says_other", "n_left_out"]
    assert document["n"] == 20
    assert {grader: score["n_correct"] for grader, score in document["accuracy"].items()} == {
        "strict": 10,
        "lenient": 15,
        "verified": 15,
    }
    assert document["accuracy"]["verified"]["accuracy"] == 0.75
    assert document["waterfall"] == {
        "right": 0.5,
        "right_value_wrong_form": 0.25,
        "truncated_without_answer": 0.1,
        "no_answer": 0.05,
        "right_form_wrong_value": 0.05,
        "wrong_form_wrong_value": 0.05,
    }
    assert document["examples"][10] == {
        "id": "q10",
        "class": "right_value_wrong_form",
        "strict": False,
        "lenient": True,
        "verified": True,
        "truncated": False,
        "first_wrong_step": None,
        "wrong": None,
        "overlay": None,
    }
    # The ten in form have a line that adds, the five in another are a sentence, and five more say something.
    assert (document["trace"]["n_equations"], document["trace"]["n_wrong"]) == (10, 0)
    assert document["without_rejected"]["why"]
    assert document["clusters"]["why"]
    assert [one["id"] for one in document["examples"] if one["truncated"]] == ["q15", "q16"]
    assert (document["n_truncated"], document["n_ends_unknown"], document["n_left_out"]) == (2, 0, 0)
    assert document["form"]["ids"] == ["q10", "q11", "q12", "q13", "q14"]
    cut = document["classes"][2]
    assert (cut["name"], cut["n"], cut["n_truncated"], cut["ids"]) == ("truncated_without_answer", 2, 2, ["q15", "q16"])
    # Clopper and Pearson (1934) of 2 of 20, by scipy 1.17: binomtest(2, 20).proportion_ci().
    assert (cut["interval"]["low"], cut["interval"]["high"]) == pytest.approx((0.0123, 0.3170), abs=5e-4)


def test_json_says_what_was_left_out_given_up_and_not_known_to_have_ended(task, tmp_path, suffice):
    # An expression of 2,000 letters is longer than any that is compared, so that it counts as wrong.
    rows = [{"id": "q0", "completion": f"#### {'y' * 2_000}"}, {"id": "q1", "completion": "#### 2"}]
    short = write_lines(tmp_path / "short.jsonl", rows)
    given = ("evaluate", task, "--completions", short, "--allow-missing", "answer.type=expression")
    document, said = json.loads(suffice(*given, "--json").out), " ".join(suffice(*given).out.split())
    assert (document["n"], document["n_left_out"], document["n_ends_unknown"]) == (2, 18, 2)
    assert (document["n_gave_up"], document["n_truncated"]) == (1, 0)
    assert "counted in no figure below: 18 rows" in said
    assert "nobody knows whether they were cut off: 2 lines" in said
    assert "not compared within the limits, and counted as wrong: 1 answer" in said


def test_a_person_sees_graders_waterfall_and_rows_within_80_columns(task, completions, suffice):
    ran = suffice("evaluate", task, "--completions", completions)
    assert ran.code == 0, ran.err
    assert max(map(len, ran.out.splitlines())) <= 80
    said = " ".join(ran.out.split())
    assert "verified: by value 15 0.750" in said
    assert "right value, wrong form 5 25.0%" in said
    assert "no answer found: such as q17" in said
    assert "lost to form alone:" in said
    assert "cut off: 2 completions" in said


def test_kinds_of_failures_are_named_with_figures_and_rows(tmp_path, suffice):
    asked = [f"{'Twice as many' if n % 4 == 0 else 'Some more'} {chr(97 + n % 23)}{n % 17} of {n}?" for n in range(200)]
    rows = [{"id": f"q{n}", "question": text, "answer": str(n)} for n, text in enumerate(asked)]
    write_lines(tmp_path / "rows.jsonl", rows)
    (tmp_path / "task.yaml").write_text(TASK, encoding="utf-8")
    said = [{"id": f"q{n}", "completion": f"#### {n + (n % 4 == 0 or n % 11 == 0)}"} for n in range(200)]
    completions = write_lines(tmp_path / "said.jsonl", said)
    document = json.loads(suffice("evaluate", tmp_path / "task.yaml", "--completions", completions, "--json").out)
    (cluster,) = document["clusters"]["clusters"]
    assert cluster["name"] == 'says "twice as many"'
    assert (cluster["accuracy"], len(cluster["typical"])) == (0.0, 10)
    assert document["clusters"]["vectors_of"] == "words (TF-IDF)"
    ran = suffice("evaluate", tmp_path / "task.yaml", "--completions", completions)
    assert max(map(len, ran.out.splitlines())) <= 80
    told = " ".join(ran.out.split())
    assert f'says "twice as many": {cluster["n"]} rows' in told
    assert f"such as: {'; '.join(cluster['typical'][:3])}" in told
    assert f"the other {document['clusters']['n_scattered']} of" in told


def test_few_failures_are_not_sorted_into_kinds(task, completions, suffice):
    told = " ".join(suffice("evaluate", task, "--completions", completions).out.split())
    assert "kinds of failures: not looked for, since 5 rows failed" in told


def test_two_files_are_compared_paired(task, completions, tmp_path, suffice):
    rows = [{"id": f"q{n}", "completion": f"#### {2 * n if n else 1}"} for n in range(20)]
    other = write_lines(tmp_path / "other.jsonl", rows)
    ran = suffice("evaluate", task, "--completions", completions, "--against", other)
    said = " ".join(ran.out.split())
    # Right alone: the first on q0, the other on q15 to q19; (1 - 5) / 20.
    assert "said.jsonl minus other.jsonl on 20 rows, by value: -20.0 points" in said
    assert "right alone 1 and 5 times" in said
    document = json.loads(suffice("evaluate", task, "--completions", completions, "--against", other, "--json").out)
    assert document["against"]["accuracy"]["verified"]["n_correct"] == 19
    assert document["comparison"]["difference"] == pytest.approx(-0.2)
    assert "from other.jsonl to said.jsonl, 6 of 20 answers flip (30.0%" in said
    assert "5 from right to wrong, 1 from wrong to right; accuracy -20.0 points" in said
    assert document["flips"]["rate"] == pytest.approx(0.3)
    assert document["overlays"]["suspected_gold"]["n"] == 0


def test_accuracy_is_told_without_right_answers_that_a_person_rejected(task, completions, tmp_path, suffice):
    (tmp_path / "no.txt").write_text("q17\nq18\n", encoding="utf-8")
    ran = suffice("evaluate", task, "--completions", completions, "--rejected", tmp_path / "no.txt")
    said = " ".join(ran.out.split())
    assert "without 2 rows whose right answer was rejected:" in said
    assert "verified: by value 15 0.833" in said
    ran = suffice("evaluate", task, "--rejected", tmp_path / "no.txt")
    assert "--rejected: does not fit here" in ran.err


def test_every_layer_and_row_can_be_written_to_a_file(task, completions, tmp_path, suffice):
    out = tmp_path / "full.json"
    assert suffice("evaluate", task, "--completions", completions, "--out", out, "--json").code == 0
    written = json.loads(out.read_text(encoding="utf-8"))["evaluation"]
    assert [one["name"] for one in written["waterfall"]["classes"]] == list(ANSWER_CLASSES)
    assert written["form"]["n_permutations"] == 100
    assert written["examples"][0]["answer"] == "0"


def test_rows_without_a_completion_are_refused_or_counted(task, completions, tmp_path, suffice):
    short = tmp_path / "short.jsonl"
    short.write_text("".join(completions.read_text(encoding="utf-8").splitlines(keepends=True)[:5]), encoding="utf-8")
    ran = suffice("evaluate", task, "--completions", short)
    assert (ran.code, ran.out) == (2, "")
    assert "none for 15 of 20 rows, such as 'q5'" in ran.err
    ran = suffice("evaluate", task, "--completions", short, "--allow-missing")
    assert ran.code == 0
    assert "counted in no figure below: 15 rows" in " ".join(ran.out.split())
    ran = suffice("evaluate", task, "--completions", completions, "--against", short)
    assert ran.code == 2
    ran = suffice("evaluate", task, "--completions", completions, "--against", short, "--allow-missing", "--json")
    assert json.loads(ran.out)["comparison"]["n"] == 5


def test_bad_lines_and_unknown_ids_end_with_exit_code_2(task, completions, tmp_path, suffice):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "q1", "completion": "x"}\nno json\n{"id": "q2"}\n', encoding="utf-8")
    ran = suffice("evaluate", task, "--completions", bad)
    assert ran.code == 2
    assert "bad.jsonl:2" in ran.err
    assert "bad.jsonl:3" in ran.err
    unknown = write_lines(tmp_path / "unknown.jsonl", [{"id": "q99", "completion": "x"}])
    ran = suffice("evaluate", task, "--completions", unknown)
    assert ran.code == 2
    assert "1 that no row has, such as 'q99'" in ran.err


def test_an_answer_of_5000_digits_that_is_no_text_is_told_to_be_written_as_one(task, tmp_path, suffice):
    long = tmp_path / "long.jsonl"
    long.write_text(f'{{"id": "q0", "completion": {"7" * 5_000}}}\n', encoding="utf-8")
    ran = suffice("evaluate", task, "--completions", long)
    assert (ran.code, ran.out) == (2, "")
    assert "long.jsonl:1: a number in JSON must have at most 4,300 digits" in ran.err
    assert "write it as text, in quotes" in ran.err
    assert "sys." not in ran.err


def test_options_of_the_other_use_are_refused(task, completions, tmp_path, suffice):
    ran = suffice("evaluate", tmp_path, "--against", completions)
    assert ran.code == 2
    assert "it goes with --completions FILE.jsonl and a task file" in " ".join(ran.err.split())
    ran = suffice("evaluate", task)
    assert ran.code == 2
    assert "a run is a folder" in ran.err
    ran = suffice("evaluate", task, "--completions", completions, "--test")
    assert ran.code == 2
    assert "--test: does not fit here" in ran.err


def test_settings_take_the_place_of_the_file_s(task, completions, suffice):
    ran = suffice("evaluate", task, "answer.form=The answer is ${answer}.", "--completions", completions, "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["waterfall"]["right"] == 0.25


def test_labels_have_no_completions(task, completions, suffice):
    task.write_text(TASK.replace("kind: answer\n", "").replace("answer:\n  type: number\n", ""), encoding="utf-8")
    ran = suffice("evaluate", task, "--completions", completions)
    assert ran.code == 2
    assert "this command is for tasks whose kind is answer or tools" in ran.err


@pytest.mark.parametrize("command", ["review", "clean", "advise", "collect"])
def test_what_cannot_be_done_yet_says_what_can(task, command, suffice):
    ran = suffice(command, task)
    assert (ran.code, ran.out) == (2, "")
    said = " ".join(ran.err.split())
    assert "task.yaml:2: this command is for tasks whose kind is classify got: kind: answer" in said
    assert f"suffice evaluate {task} --completions FILE.jsonl" in "".join(ran.err.split("\n")).replace("  ", " ")


TOOLS = """\
name: calls
kind: tools
data:
  path: requests.jsonl
target:
  at_least: 0.8
"""


@pytest.fixture
def tools(tmp_path):
    """A task of ten requests: eight for a sum, two for which no tool is right."""
    numbers = {name: {"type": "integer"} for name in ("a", "b")}
    tool = {"name": "add", "parameters": {"type": "object", "properties": numbers, "required": ["a", "b"]}}
    rows = [
        {
            "id": f"q{n}",
            "messages": [{"role": "user", "content": f"{'What is' if n < 8 else 'Sing of'} {n} and {n * n}?"}],
            "tools": [tool],
            "accepted_calls": [{"add": {"a": [n], "b": [n * n]}}] if n < 8 else [],
        }
        for n in range(10)
    ]
    write_lines(tmp_path / "requests.jsonl", rows)
    (tmp_path / "task.yaml").write_text(TOOLS, encoding="utf-8")
    return tmp_path / "task.yaml"


def test_a_command_about_labels_says_what_can_be_done_with_a_task_of_tool_calls(tools, suffice):
    ran = suffice("review", tools)
    assert (ran.code, ran.out) == (2, "")
    said = " ".join(ran.err.split())
    assert "this command is for tasks whose kind is classify got: kind: tools" in said
    assert "fit it: suffice fit" in said
    assert "score what a system called" in said


def added(n, b=None):
    return json.dumps([{"name": "add", "arguments": {"a": n, "b": n * n if b is None else b}}])


def test_calls_are_scored_by_form_and_value_and_two_files_are_compared(tools, tmp_path, suffice):
    said = [added(n) for n in range(4)] + [f"Sure: {added(4)}", added(5, 0), "Let me", "25", "[]", added(9)]
    first = write_lines(tmp_path / "said.jsonl", [{"id": f"q{n}", "completion": text} for n, text in enumerate(said)])
    calls = [{"function": {"name": "add", "arguments": json.dumps({"a": n, "b": n * n})}} for n in range(8)]
    rows = [{"id": f"q{n}", "tool_calls": calls[n : n + 1]} for n in range(10)]
    other = write_lines(tmp_path / "calls.jsonl", rows)
    ran = suffice("evaluate", tools, "--completions", first, "--against", other)
    assert ran.code == 0, ran.err
    assert max(map(len, ran.out.splitlines())) <= 80
    text = " ".join(ran.out.split())
    assert "strict: in the form asked for 5 0.500" in text
    assert "verified: by value 6 0.600" in text
    assert "wrong values of arguments: such as q5 (q5: call 0, b: 0; right: 25)" in text
    assert "called when none was right 1 10.0%" in text
    # Right alone: the second on q5, q6, q7 and q9; (0 - 4) / 10.
    assert "by value: -40.0 points" in text
    document = json.loads(suffice("evaluate", tools, "--completions", first, "--json").out)
    assert sum(document["waterfall"].values()) == pytest.approx(1.0)
    assert document["waterfall"]["silent"] == 0.2
    assert document["examples"][9] == {
        "id": "q9",
        "class": "called_when_none_right",
        "strict": False,
        "lenient": False,
        "verified": False,
        "truncated": False,
        "first_wrong_step": None,
        "wrong": "call 0: add",
        "overlay": None,
    }


def test_a_line_of_calls_needs_them_in_a_list(tools, tmp_path, suffice):
    bad = write_lines(tmp_path / "bad.jsonl", [{"id": "q0", "tool_calls": "add"}, {"id": "q1"}])
    ran = suffice("evaluate", tools, "--completions", bad)
    assert ran.code == 2
    assert "bad.jsonl:1: tool_calls must be a list" in ran.err
    assert "every line must have an id and a completion, or tool_calls" in ran.err


def test_flat_calls_are_read_and_a_file_in_a_shape_of_its_own_is_no_file_of_wrong_calls(tools, tmp_path, suffice):
    flat = [{"name": "add", "arguments": {"a": n, "b": n * n}} for n in range(8)]
    rows = [{"id": f"q{n}", "tool_calls": flat[n : n + 1]} for n in range(10)]
    said = write_lines(tmp_path / "said.jsonl", rows)
    assert json.loads(suffice("evaluate", tools, "--completions", said, "--json").out)["waterfall"]["right"] == 1.0
    odd = write_lines(tmp_path / "odd.jsonl", [{**row, "tool_calls": [5]} for row in rows])
    ran = suffice("evaluate", tools, "--completions", odd)
    assert ran.code == 2
    assert "odd.jsonl:10: tool_calls must be calls" in ran.err


def test_a_text_that_calls_something_else_than_its_tool_calls_is_told(tools, tmp_path, suffice):
    flat = [{"name": "add", "arguments": {"a": n, "b": n * n}} for n in range(8)]
    rows = [{"id": f"q{n}", "completion": added(n, 0 if n == 3 else None), "tool_calls": [flat[n]]} for n in range(8)]
    rows += [{"id": f"q{n}", "completion": "No."} for n in (8, 9)]
    said = write_lines(tmp_path / "said.jsonl", rows)
    told = " ".join(suffice("evaluate", tools, "--completions", said).out.split())
    passed = "rows whose text makes other calls than their tool_calls, and is passed over: 1 of 10 rows"
    assert passed in told
    assert "right by value, and lost to the strict grader alone for their form" in told
    assert json.loads(suffice("evaluate", tools, "--completions", said, "--json").out)["says_other"]["ids"] == ["q3"]


def test_calls_with_half_a_surrogate_pair_are_judged_told_and_written(tools, tmp_path, suffice):
    said = [r'[{"name": "a\ud800d", "arguments": {}}]', r'[{"name": "add", "arguments": {"a": "\ud800"}}]']
    rows = [{"id": f"q{n}", "completion": said[n % 2]} for n in range(10)]
    completions = write_lines(tmp_path / "halves.jsonl", rows)
    ran = suffice("evaluate", tools, "--completions", completions, "--json", "--out", tmp_path / "all.json")
    assert ran.code == 0, ran.err
    wrong = [one["wrong"] for one in json.loads(ran.out)["examples"]]
    assert r"a\ud800d" in wrong[0]
    written = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert [one["wrong"] for one in written["evaluation"]["examples"]] == wrong
