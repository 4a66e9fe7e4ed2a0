import json

import pytest

from suffice.dataset.completions import Submitted, answered, read_completions, read_rejected
from suffice.errors import DataError
from suffice.records.answers import Gold, Question, Submission
from suffice.records.progress import SILENT


@pytest.fixture
def read(write):
    """The completions of some lines."""

    def read(*lines, name="said.jsonl", no_call_in=None):
        content = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        return read_completions(write(name, content), no_call_in=no_call_in, progress=SILENT)

    return read


@pytest.fixture
def refused(read):
    """What is said of lines that cannot be read."""

    def refused(*lines, no_call_in=None):
        with pytest.raises(DataError) as caught:
            read(*lines, no_call_in=no_call_in)
        return str(caught.value)

    return refused


def questions(*ids, splits=None):
    return [
        Question(
            id=id_,
            source="rows.jsonl",
            row=n,
            text="?",
            gold=Gold(answer="1", trace=None),
            group=None,
            split=splits[n] if splits else None,
        )
        for n, id_ in enumerate(ids)
    ]


def said(*ids, of_run=False):
    completions = tuple(Submission(id=id_, text=f"for {id_}", stop_reason=None) for id_ in ids)
    return Submitted(name="said.jsonl", completions=completions, of_run=of_run)


def test_a_line_has_an_id_a_completion_and_perhaps_why_it_ended(read):
    found = read(
        {"id": "a", "completion": "x", "model": "any"},
        {"id": 2, "completion": "", "stop_reason": "length"},
        {"id": "c", "completion": "y", "finish_reason": "stop"},
    )
    assert [(one.id, one.text, one.stop_reason, one.truncated) for one in found.completions] == [
        ("a", "x", None, False),
        ("2", "", "length", True),
        ("c", "y", "stop", False),
    ]


def kept(id_, text="x", reason="end", *, held=False):
    """A line as `store/completions.py` writes it."""
    counts = {"n_prompt_tokens": 9, "n_tokens": 2, "seconds": 0.1, "held": held}
    return {
        "key": f"hash of {id_} and {text}",
        "completion": {"id": id_, "text": text, "stop_reason": reason, **counts},
    }


def test_a_runs_own_file_is_read_as_it_is(read, refused):
    found = read(kept("a"), kept("b", reason="length"))
    assert [(one.id, one.text, one.truncated) for one in found.completions] == [("a", "x", False), ("b", "x", True)]
    assert found.of_run
    assert not read({"id": "a", "completion": "x"}).of_run
    said_twice = refused(kept("a"), kept("a", "and so on"), kept(None))
    assert "'a', the id of said.jsonl:1 too" in said_twice
    assert "fit it again" in said_twice
    assert "said.jsonl:3: every line must have an id" in said_twice


def test_of_what_a_run_held_to_the_form_the_line_that_it_came_to_counts(read, refused):
    # What it wrote of itself, another row, what it went on with behind the beginning of the form, and both together.
    lines = (kept("a", "it is 4"), kept("b", "#### 5"), kept("a", "4"), kept("a", "it is 4\n#### 4", held=True))
    found = read(*lines)
    assert [(one.id, one.text) for one in found.completions] == [("b", "#### 5"), ("a", "it is 4\n#### 4")]
    assert "'a', the id of said.jsonl:1 too" in refused(kept("a", held=True), kept("a", "y", held=True))
    # A line that is no run's says nothing by such a key.
    assert "'a', the id of" in refused({"id": "a", "completion": "x"}, {"id": "a", "completion": "y", "held": True})


def test_a_run_asked_the_rows_that_are_in_its_file():
    rows = questions("a", "b", "c", splits=["train", "validation", "validation"])
    found = answered(rows, said("b", of_run=True), allow_missing=False)
    assert ([one.id for one in found.rows], found.n_missing) == (["b"], 0)
    with pytest.raises(DataError, match="1 that no row has, such as 'x'"):
        answered(rows, said("b", "x", of_run=True), allow_missing=False)


def test_every_bad_line_is_named_at_once(refused):
    found = refused(
        {"id": "a", "completion": "x"},
        "no json",
        {"completion": "x"},
        {"id": "b", "completon": "x"},
        {"id": "c", "completion": ["x"]},
        {"id": "a", "completion": "again"},
        {"id": "d", "completion": "x", "stop_reason": 3},
        "[1]",
    )
    lines = [line for line in found.splitlines() if line.startswith("said.jsonl")]
    assert [line.split(":")[1] for line in lines] == ["2", "3", "4", "5", "6", "7", "8"]
    assert "no 'completion' (nearest: 'completon')" in found
    assert "'a', the id of said.jsonl:1 too" in found


def test_null_is_told_as_null(refused):
    whole = {"id": "a", "completion": "x"}
    assert "got: null as 'completion', or no such key\n  fix: add" in refused(whole, {"id": "b", "completion": None})
    assert "got: null as 'id', or no such key" in refused(whole, {"id": None, "completion": "x"})
    said = refused({"id": "b", "completion": None, "tool_calls": None}, no_call_in=lambda _: None)
    assert "got: null as 'completion' and 'tool_calls', or no such key" in said
    assert "a text, empty where nothing was written; or 'tool_calls', a list of them" in said
    assert "got: no 'completion'\n" in refused({"id": "b"})


def test_a_line_that_is_no_object_is_told_with_what_a_line_of_completions_looks_like(refused):
    assert 'fix: write every row as {"id": ..., "completion": ...}' in refused({"id": "a", "completion": "x"}, "[1]")


def test_calls_in_no_known_shape_are_told_by_line_but_where_a_run_kept_them(read, refused):
    def fives(calls):
        return calls.index(5) if 5 in calls else None

    lines = ({"id": "a", "tool_calls": ["call"]}, {"id": "b", "completion": "x", "tool_calls": ["call", 5]})
    said = refused(*lines, no_call_in=fives)
    assert said.startswith("said.jsonl:2: tool_calls must be calls, each with the name of a tool and arguments\n")
    assert "got: 5 at position 1\n" in said
    assert 'or as {"name": ..., "arguments": ...}' in said
    run = kept("a")
    run["completion"]["tool_calls"] = [5]
    assert read(run, no_call_in=fives).completions[0].tool_calls == (5,)


def test_an_empty_file_is_an_error_not_a_zero(read, refused):
    assert "got: an empty file" in refused()
    with pytest.raises(DataError, match="the file must have completions"):
        read("[]", name="said.json")


def test_a_file_that_is_not_there_is_named(tmp_path):
    (tmp_path / "said.jsonl").touch()
    with pytest.raises(DataError, match=r"no such file \(nearest: 'said.jsonl'\)"):
        read_completions(tmp_path / "sad.jsonl", progress=SILENT)


def test_completions_come_in_the_order_of_the_rows():
    found = answered(questions("a", "b"), said("b", "a"), allow_missing=False)
    assert [one.text for one in found.completions] == ["for a", "for b"]
    assert found.n_missing == 0


def test_an_unknown_id_is_an_error_that_names_the_nearest():
    with pytest.raises(DataError, match=r"1 that no row has, such as 'row-3' \(nearest: 'row-2'\)"):
        answered(questions("row-1", "row-2"), said("row-2", "row-3"), allow_missing=True)


def test_a_row_without_a_completion_is_an_error_unless_it_may_be_left_out():
    with pytest.raises(DataError, match="none for 1 of 2 rows, such as 'b'"):
        answered(questions("a", "b"), said("a"), allow_missing=False)
    found = answered(questions("a", "b"), said("a"), allow_missing=True)
    assert (len(found.rows), found.n_missing) == (1, 1)


def test_only_splits_that_were_answered_are_meant():
    rows = questions("a", "b", "c", splits=["train", "test", "test"])
    assert len(answered(rows, said("b", "c"), allow_missing=False).rows) == 2
    with pytest.raises(DataError, match="none for 1 of 2 rows, such as 'c'"):
        answered(rows, said("b"), allow_missing=False)


def test_rows_that_nobody_gave_ids_are_known_by_their_numbers_too():
    rows = questions("rows.jsonl:0:1234abcd", "rows.jsonl:1:1234abcd")
    found = answered(rows, said("1", "rows.jsonl:0:1234abcd"), allow_missing=False)
    assert [one.text for one in found.completions] == ["for rows.jsonl:0:1234abcd", "for 1"]
    assert [one.id for one in found.completions] == [one.id for one in rows]


def test_two_names_of_one_row_are_two_completions_of_it():
    rows = questions("rows.jsonl:0:1234abcd")
    with pytest.raises(DataError, match="one completion"):
        answered(rows, said("0", "rows.jsonl:0:1234abcd"), allow_missing=False)


def test_rows_can_be_cut_down_to_those_that_others_have():
    found = answered(questions("a", "b"), said("a", "b"), allow_missing=False).only({"b"})
    assert ([one.id for one in found.rows], [one.id for one in found.completions]) == (["b"], ["b"])
    assert found.n_missing == 1


def test_rejected_rows_are_named_by_id_or_number_one_a_line(write):
    assert read_rejected(write("no.txt", "b\n\n a \n"), known=questions("a", "b", "c")) == {"a", "b"}


def test_ids_that_no_row_has_and_files_that_are_not_there_are_refused(write, tmp_path):
    with pytest.raises(DataError, match=r"no.txt:2: an id must be that of a row\n  got: 'bx'.*\n  fix: correct it"):
        read_rejected(write("no.txt", "a\nbx\n"), known=questions("a", "b"))
    with pytest.raises(DataError, match="rejected rows must be named in a text file"):
        read_rejected(tmp_path / "none.txt", known=questions("a"))
