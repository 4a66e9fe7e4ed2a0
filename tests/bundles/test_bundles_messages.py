from __future__ import annotations

import pytest

from suffice.bundles.messages import TextColumns, form_of, read_messages, read_rows
from suffice.errors import DataError


def _read(lines, form, *names, chosen=False):
    columns = TextColumns(names=names or ("text",), chosen=chosen)
    return list(read_messages(iter(lines), form=form, columns=columns, name="new", whole=False))


def test_a_line_is_a_message_and_an_empty_line_an_empty_one():
    assert _read(["one\n", "\n", "two\r\n", "three"], "lines") == ["one", "", "two", "three"]


def test_csv_finds_the_column_by_name_and_keeps_line_ends_in_cells():
    lines = ["id,Message\n", '1,"two\n', 'lines"\n', "2,plain\n"]
    assert _read(lines, "csv") == ["two\nlines", "plain"]


def test_csv_takes_the_column_that_is_named():
    assert _read(["text,note\n", "a,b\n"], "csv", "note", chosen=True) == ["b"]


def test_json_lines_are_strings_or_objects_and_blank_lines_are_none():
    assert _read(['"one"\n', '{"id": 1, "message": "two"}\n', "\n", '{"text": "three"}\n'], "jsonl") == [
        "one",
        "two",
        "three",
    ]


@pytest.mark.parametrize(
    ("lines", "form", "found"),
    [
        (["one\n", "two\n"], "lines", [(0, None), (1, None)]),
        (["ID,text\n", "a,one\n", ",two\n"], "csv", [(0, "a"), (1, None)]),
        (["text\n", "one\n"], "csv", [(0, None)]),
        # As in a data version blank lines are no rows, and a whole number is an id. An id is no must here.
        (
            ['{"id": 7, "text": "one"}\n', "\n", '{"text": "two"}\n', '{"id": [1], "text": "three"}\n', '"four"\n'],
            "jsonl",
            [(0, "7"), (1, None), (2, None), (3, None)],
        ),
    ],
)
def test_a_row_keeps_its_place_and_its_id(lines, form, found):
    rows = read_rows(lines, form=form, columns=TextColumns(names=("text",), chosen=False), name="new", whole=False)
    assert [(row.number, row.id) for row in rows] == found


def test_half_a_surrogate_pair_becomes_a_replacement_character():
    assert _read(['"half \\ud83d"\n', '"whole \\ud83d\\ude42"\n'], "jsonl") == ["half �", "whole 🙂"]


@pytest.mark.parametrize(
    ("lines", "form", "message"),
    [
        (['"one"\n', "{bad\n"], "jsonl", r"new:2: every line must be JSON\n  got: '\{bad'\n  fix: correct the line"),
        (['{"text": 3}\n'], "jsonl", r"new:1: every line must be a string or have the message under 'text'"),
        (['"one"\n', '["two"]\n'], "jsonl", r"new:2: .*\n  got: \['two'\]"),
        (["[" * 100_000], "jsonl", "new:1: every line must be JSON"),
        (["text,b\n", "one,1\n", "two\n"], "csv", r"new:3: every row must have 2 cells, .*\n  got: 1 cells"),
        (["text\n", '"never closed\n'], "csv", r"new:2: must be CSV"),
        (['"never closed\n'], "csv", r"new:1: must be CSV"),
        (["titel,b\n", "one,1\n"], "csv", r"new:1: must have a column 'text'\n.*'titel', 'b'\n  fix: .*--text"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_how_to_mend_it(lines, form, message):
    with pytest.raises(DataError, match=message):
        _read(lines, form)


@pytest.mark.parametrize(
    ("lines", "form", "where"),
    [
        (['"one"\n', "{bad\n", '"two"\n', '{"a": 1}\n'], "jsonl", ["new:2", "new:4"]),
        (["text,b\n", "one,1\n", "two\n", "three,3\n", "four,4,4\n", '"never\n'], "csv", ["new:3", "new:5", "new:6"]),
    ],
)
def test_of_what_is_all_there_every_bad_row_is_told_and_of_a_pipe_the_first(lines, form, where):
    columns = TextColumns(names=("text",), chosen=False)
    for whole, told in ((True, where), (False, where[:1])):
        rows = read_rows(lines, form=form, columns=columns, name="new", whole=whole)
        assert next(rows).text == "one"
        with pytest.raises(DataError) as caught:
            next(rows)
        assert [problem.where for problem in caught.value.problems] == told
        assert {problem.fix for problem in caught.value.problems} == {"correct the line and run again"}


def test_bad_rows_beyond_what_is_shown_are_counted():
    with pytest.raises(DataError, match=r"and 5 more problems") as caught:
        list(read_messages(["{\n"] * 25, form="jsonl", columns=FROM_A_COLUMN, name="new", whole=True))
    assert len(caught.value.problems) == 20
    assert caught.value.problems[0].fix.endswith("with --out FILE the answers before it are kept")


def test_a_column_named_wrongly_brings_the_nearest():
    with pytest.raises(DataError, match=r"nearest: 'message'"):
        _read(["message,b\n", "one,1\n"], "csv", "mesage", chosen=True)


def test_columns_that_a_bundle_was_taught_to_join_are_joined_again():
    rows = ["id,Subject,body\n", "1,card,was lost\n", "2,,hello\n"]
    assert _read(rows, "csv", "subject", "body") == ["card\n\nwas lost", "hello"]
    objects = ['{"subject": "card", "body": "was lost"}\n', '{"subject": null, "body": "hello"}\n']
    assert _read(objects, "jsonl", "subject", "body") == ["card\n\nwas lost", "hello"]


def test_one_of_two_columns_is_not_enough():
    with pytest.raises(DataError, match=r"new:1: must have a column 'subject' and 'body'\n  got: columns 'body'"):
        _read(["body\n", "hello\n"], "csv", "subject", "body")
    with pytest.raises(DataError, match=r"have the message under 'subject' and 'body'"):
        _read(['{"body": "hello"}\n'], "jsonl", "subject", "body")


def test_a_single_column_may_go_by_any_name_that_init_knows():
    assert _read(["id,question\n", "1,why?\n"], "csv", "text") == ["why?"]
    assert _read(['{"question": "why?"}\n'], "jsonl", "text") == ["why?"]


def test_of_a_chat_the_last_user_message_is_asked_answered_or_not():
    turns = '{"role": "system", "content": "sort"}, {"role": "user", "content": "my card"}'
    answered = '{"messages": [' + turns + ', {"role": "assistant", "content": "card"}]}\n'
    asked = '{"messages": [' + turns + "]}\n"
    assert _read([answered, asked], "jsonl", "messages") == ["my card", "my card"]
    with pytest.raises(DataError, match="have the message under 'messages'"):
        _read(['{"messages": [{"role": "system", "content": "sort"}]}\n'], "jsonl", "messages")


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("where is my card?\n", "lines"),
        ("Hi, question\n", "lines"),  # a usual name of a column, and not the bundle's
        ("message, text me\n", "lines"),
        ("id,Text\n", "csv"),
        ("text\n", "csv"),
        ('{"text": "my card"}\n', "jsonl"),
        ('{"error": 500}\n', "lines"),
        ('"quoted"\n', "lines"),
        ("{bad\n", "lines"),
        ("[" * 100_000, "lines"),
        ("\n", "lines"),
    ],
)
def test_a_stream_without_a_name_is_told_by_its_first_line(line, form):
    assert form_of(line, TextColumns(names=("text",), chosen=False)) == form


FROM_A_COLUMN = TextColumns(names=("question",), chosen=False, context="passage")


@pytest.mark.parametrize(
    ("lines", "form", "found"),
    [
        (["Passage,question\n", "Ada is here.,who?\n", ",when?\n"], "csv", ["Ada is here.", None]),
        (
            ['{"question": "who?", "passage": "Ada \\ud83d"}\n', '{"question": "a", "passage": null}\n', '"b"\n'],
            "jsonl",
            ["Ada \ufffd", None, None],
        ),
        # A file whose rows do without the column was fitted on as it is, and is answered as it is.
        (['{"question": "who?"}\n', '{"question": "a", "passage": ""}\n'], "jsonl", [None, None]),
        (["who?\n"], "lines", [None]),
    ],
)
def test_what_a_row_is_to_be_answered_from_is_read_beside_it(lines, form, found):
    rows = read_rows(lines, form=form, columns=FROM_A_COLUMN, name="new", whole=False)
    assert [row.context for row in rows] == found


def test_a_table_without_the_column_that_a_bundle_was_fitted_on_is_refused():
    with pytest.raises(DataError, match=r"new:1: must have a column 'passage'.*\n.*'pasage'\)\n  fix: .*--context"):
        list(read_rows(["pasage,question\n", "a,b\n"], form="csv", columns=FROM_A_COLUMN, name="new", whole=False))


def test_a_column_of_contexts_that_was_named_now_is_in_every_line():
    columns = TextColumns(names=("question",), chosen=False, context="passage", context_chosen=True)
    lines = ['{"question": "a", "passage": null}\n', '{"question": "b", "pasage": "c"}\n']
    with pytest.raises(DataError, match=r"new:2: every line must have 'passage', be it null\n.*nearest: 'pasage'"):
        list(read_rows(lines, form="jsonl", columns=columns, name="new", whole=False))


def test_a_context_that_is_no_text_is_named_with_its_line():
    rows = ['{"question": "a", "passage": ["a"]}\n']
    with pytest.raises(DataError, match=r"new:1: .*'passage', must be text or null\n  got: \['a'\]"):
        list(read_rows(rows, form="jsonl", columns=FROM_A_COLUMN, name="new", whole=False))
