import json

import pytest

from suffice.dataset.requests import read_requests
from suffice.errors import DataError
from suffice.kinds.calls.rows import read_row
from suffice.records.progress import SILENT
from suffice.records.task import DataSpec

TOOLS = [{"name": "f", "parameters": {"type": "object", "properties": {"x": {"type": "integer"}}}}]
ASKED = [{"role": "user", "content": "call f with 1"}]
CALLS = [{"f": {"x": [1]}}]


@pytest.fixture
def read(write, tmp_path):
    """The requests of some rows."""

    def read(*rows, name="rows.jsonl", **data):
        write(name, "".join(json.dumps(row) + "\n" for row in rows))
        return read_requests(
            DataSpec(path=name, **data),
            folder=tmp_path,
            read_row=lambda row, where: read_row(row, where=where),
            text_of=lambda example: example.messages[-1].content,
            progress=SILENT,
        )

    return read


def test_bfcl_s_form_and_openai_s_are_read_with_id_group_and_split(read):
    one, other = read(
        {"id": "a", "messages": ASKED, "tools": TOOLS, "accepted_calls": CALLS, "who": "x", "split": "test"},
        {"id": "b", "messages": ASKED, "tools": TOOLS, "accepted_calls": [], "who": "x", "split": "train"},
        group="who",
    )
    assert (one.id, one.text, one.group, one.split, one.row) == ("a", "call f with 1", "x", "test", 0)
    assert (one.example.accepted[0].name, other.example.accepted) == ("f", ())
    call = {"type": "function", "function": {"name": "f", "arguments": json.dumps({"x": 1})}}
    (chat,) = read({"messages": [*ASKED, {"role": "assistant", "tool_calls": [call]}], "tools": TOOLS})
    assert chat.example.accepted == one.example.accepted
    assert chat.id.startswith("rows.jsonl:0:")


def test_lists_may_be_json_in_a_text(read):
    (found,) = read({"messages": json.dumps(ASKED), "tools": json.dumps(TOOLS), "accepted_calls": json.dumps(CALLS)})
    assert found.example.tools[0].name == "f"


def test_the_column_of_accepted_calls_may_have_another_name(read):
    (found,) = read({"messages": ASKED, "tools": TOOLS, "ground_truth": CALLS}, label="ground_truth")
    assert found.example.accepted[0].name == "f"


def test_a_row_that_is_no_object_is_told_with_what_a_row_of_requests_looks_like(write, tmp_path):
    write("rows.jsonl", "[1]\n")
    with pytest.raises(DataError, match=r'fix: write every row as \{"messages": '):
        read_requests(
            DataSpec(path="rows.jsonl"),
            folder=tmp_path,
            read_row=lambda row, where: read_row(row, where=where),
            text_of=str,
            progress=SILENT,
        )


def test_every_bad_row_is_named_at_once(read):
    with pytest.raises(DataError) as caught:
        read(
            {"id": "a", "messages": ASKED, "tools": []},
            {"id": "b", "messages": ASKED, "tools": TOOLS, "accepted_calls": CALLS},
            {"id": "b", "messages": ASKED, "tools": TOOLS, "accepted_calls": CALLS},
        )
    said = str(caught.value)
    assert "rows.jsonl:1: tools: must be a list of at least one tool" in said
    assert "rows.jsonl:3: id must be there once" in said


def test_files_without_messages_or_tools_are_refused(read):
    with pytest.raises(DataError, match="a column must hold the tools"):
        read({"messages": ASKED, "functions": TOOLS})
    with pytest.raises(DataError, match="the file must have rows"):
        read()
