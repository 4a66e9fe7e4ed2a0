"""JSON Lines give a section for each row."""

from __future__ import annotations

import pytest


def test_rows_keep_title_id_and_line(write, read):
    rows = '{"id": 7, "title": "Fees", "text": "None."}\n\n{"text": "No title.", "url": "x"}\n{"id": "b", "text": "B"}'
    write("kb.jsonl", rows)
    assert [(p.record, p.headings, p.text, p.line) for p in read().passages] == [
        ("7", ("Fees",), "None.", 1),
        (None, (), "No title.", 3),
        ("b", (), "B", 4),
    ]
    assert read().skipped == ()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("{", "Expecting property name"),
        ("[1]", "no JSON object"),
        ('{"texts": "x"}', "no text (nearest: 'texts')"),
        ('{"text": 3}', "its text is no string"),
        ('{"text": "x", "title": 3}', "its title is no string"),
        ('{"text": "x", "id": 1.5}', "its id is neither string nor whole number"),
        ('{"text": "x", "text": "y"}', "a key is there twice"),
        ('{"id": "a", "text": "other"}', "the id 'a' is that of line 1 already"),
        ("[" * 100_000, "recursion"),
    ],
)
def test_a_bad_row_is_named_and_costs_no_other(write, read, row, why):
    write("kb.jsonl", '{"id": "a", "text": "first"}\n' + row + '\n{"text": "last"}\n')
    knowledge = read()
    assert [p.text for p in knowledge.passages] == ["first", "last"]
    (problem,) = knowledge.skipped
    assert problem.where == "kb.jsonl:2"
    assert why in problem.got
    assert '{"id": ..., "title": ..., "text": ...}' in problem.fix


def test_a_number_that_is_too_long_is_told_by_its_digits_and_costs_no_other_row(write, read):
    write("kb.jsonl", '{"text": "first"}\n{"id": ' + "9" * 5_000 + ', "text": "x"}\n')
    (problem,) = read().skipped
    assert [p.text for p in read().passages] == ["first"]
    assert (problem.where, problem.got, problem.fix) == (
        "kb.jsonl:2",
        "one of 5,000 digits",
        "write it as text, in quotes",
    )


def test_half_a_surrogate_pair_becomes_a_mark_that_can_be_written(write, read):
    write("kb.jsonl", '{"text": "a \\ud83d b", "title": "\\ud83d"}')
    (passage,) = read().passages
    assert (passage.text, passage.headings) == ("a ? b", ("?",))
