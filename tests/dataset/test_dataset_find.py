import json

import pytest

from suffice.dataset import open_source
from suffice.records.progress import SILENT
from suffice.records.task import DataSpec


@pytest.fixture
def columns_of(write, tmp_path):
    """The columns found in a CSV with this header and one row."""

    def columns_of(header, row=None, **data):
        cells = row or [f"cell {n}" for n in range(len(header))]
        write("m.jsonl", json.dumps(dict(zip(header, cells, strict=True))))
        return open_source(DataSpec(path="m.jsonl", **data), folder=tmp_path, progress=SILENT).columns

    return columns_of


@pytest.mark.parametrize(
    ("header", "text", "label"),
    [
        (["text", "label"], "text", "label"),
        (["Category", "Message"], "Message", "Category"),
        ([" UTTERANCE ", "intent"], " UTTERANCE ", "intent"),
        (["id", "question", "topic", "text_length"], "question", "topic"),
        (["body", "tag"], "body", "tag"),
        (["text", "label", "label_text"], "text", "label_text"),
    ],
)
def test_text_and_label_are_found_by_name(columns_of, header, text, label):
    columns = columns_of(header)
    assert (columns.shape, columns.text.names, columns.label.names) == ("table", (text,), (label,))
    assert columns.text.why == columns.label.why == "found by name"


def test_of_two_candidates_the_likelier_is_taken_and_said(columns_of):
    columns = columns_of(["message", "text", "topic", "label"])
    assert (columns.text.names, columns.label.names) == (("text",), ("label",))
    assert columns.notes == (
        "text is read from 'text'; 'message' could be it too: data.text=COLUMN takes another",
        "label is read from 'label'; 'topic' could be it too: data.label=COLUMN takes another",
    )


def test_subject_and_body_are_joined(columns_of, read):
    columns = columns_of(["subject", "body", "label"], ["Card", "It is lost", "card"])
    assert columns.text.names == ("subject", "body")
    assert [r["text"] for r in read("m.jsonl")] == ["Card\n\nIt is lost"]


def test_subject_beside_a_whole_text_is_not_joined(columns_of):
    assert columns_of(["subject", "body", "text", "label"]).text.names == ("text",)


def test_named_columns_are_followed_and_nothing_else_is_guessed_for_them(columns_of):
    columns = columns_of(["text", "note", "label", "kind"], text="note", label="KIND")
    assert (columns.text.names, columns.label.names) == (("note",), ("kind",))
    assert columns.text.why == "named in the task file"
    assert columns.notes == ()


def test_a_named_column_that_is_missing_is_never_replaced_by_a_guess(write, refused):
    write("m.csv", "text,label,customer\na,x,c\n")
    problems = refused("m.csv", text="txt", id="number", group="customer")
    assert [(p.where, p.rule) for p in problems] == [
        ("m.csv", "data.text must name a column of the file"),
        ("m.csv", "data.id must name a column of the file"),
    ]
    assert problems[0].got == "no column 'txt' (nearest: 'text'); the columns are 'text', 'label', 'customer'"
    assert problems[0].fix == "correct data.text"


def test_one_of_several_named_columns_may_be_the_missing_one(write, refused):
    write("m.csv", "subject,body,label\na,b,x\n")
    (problem,) = refused("m.csv", text=["subject", "bdy"])
    assert problem.got.startswith("no column 'bdy' (nearest: 'body')")


def test_a_file_without_text_or_label_lists_its_columns_and_the_option(write, refused):
    write("m.csv", "words,kind\na,x\n")
    assert [(p.where, p.rule, p.got) for p in refused("m.csv")] == [
        ("m.csv", f"a column must hold the {role}", "no name that says so; the columns are 'words', 'kind'")
        for role in ("text", "label")
    ]
    text, label = (problem.fix for problem in refused("m.csv"))
    assert "--label COLUMN with init, data.label=COLUMN with fit" in label
    assert "`data.annotators: [ann, bob]`" in label
    assert "data.annotators" not in text


def test_a_list_of_no_columns_is_refused(write, refused):
    write("m.csv", "text,label\na,x\n")
    (problem,) = refused("m.csv", text=[])
    assert (problem.rule, problem.got) == ("data.text must name a column of the file", "an empty list")


def test_text_and_label_must_be_different_columns(write, refused):
    write("m.csv", "text,label\na,x\n")
    (problem,) = refused("m.csv", label="text")
    assert (problem.got, problem.fix) == ("'text' for both", "correct data.text or data.label")


def test_id_group_and_time_are_never_guessed(columns_of):
    columns = columns_of(["id", "text", "label", "group", "time", "customer", "date"])
    assert (columns.id, columns.group, columns.time) == (None, None, None)
    assert "id" in columns.available


@pytest.mark.parametrize("name", ["split", "set", "FOLD", "partition", "subset"])
def test_a_split_column_is_found_by_name(columns_of, name):
    columns = columns_of(["text", "label", name], ["a", "x", "Train"])
    assert columns.split is not None
    assert columns.split.names == (name,)


@pytest.mark.parametrize(("header", "beside"), [(["split"], ": column 'split' is not read"), ([], "")])
def test_a_task_can_say_that_no_column_is_a_split(columns_of, header, beside):
    columns = columns_of(["text", "label", *header], ["a", "x", "train"][: 2 + len(header)], split="none")
    assert columns.split is None
    assert columns.notes == (f"split: made here (data.split=none){beside}",)


def test_a_column_named_like_a_split_that_holds_none_is_left_and_said(columns_of):
    columns = columns_of(["text", "label", "fold"], ["a", "x", "3"])
    assert columns.split is None
    assert columns.notes == ("column 'fold' is not read as a split: it holds '3'",)


def test_a_column_called_split_is_one_whatever_its_first_rows_hold(write, refused):
    write("m.csv", "text,label,split\na,x,\nb,x,test\nc,x,3\n")
    assert [(p.where, p.got) for p in refused("m.csv")] == [("m.csv:2", "''"), ("m.csv:4", "'3'")]
    assert "rename this one if it is none" in refused("m.csv")[0].fix


def test_of_very_many_columns_the_first_are_listed(write, refused):
    write("m.csv", ",".join(f"c{n}" for n in range(30)) + "\n" + "," * 29 + "\n")
    assert refused("m.csv")[0].got.endswith("'c18', 'c19' and 10 more")


def test_a_split_column_in_files_that_are_splits_is_left_and_said(write, read, tmp_path):
    write("a.csv", "text,label,split\na,x,test\n")
    source = open_source(DataSpec(train="a.csv"), folder=tmp_path, progress=SILENT)
    assert source.columns.notes == ("split: each file is one, and column 'split' is not read",)
    assert [r["split"] for r in read(train="a.csv")] == ["train"]


@pytest.mark.parametrize(
    ("keys", "shape"),
    [
        (("instruction", "response"), "instruction/response pairs"),
        (("Prompt", "Completion"), "prompt/completion pairs"),
    ],
)
def test_pairs_are_recognised_and_said(columns_of, read, keys, shape):
    columns = columns_of(keys, ["my card is lost", " lost card"])
    assert columns.shape == shape
    assert columns.sentences() == (
        f"the file is read as {shape}",
        f"text: column {keys[0]!r} (recognised in {shape})",
        f"label: column {keys[1]!r} (recognised in {shape})",
    )
    assert [(r["text"], r["label"]) for r in read("m.jsonl")] == [("my card is lost", "lost card")]


@pytest.mark.parametrize("answer", ["response", "output"])
def test_an_instruction_that_is_to_be_followed_on_an_input_is_read_with_it(columns_of, read, answer):
    columns = columns_of(["instruction", "input", answer], ["sort this", "my card is lost", "card"])
    assert columns.text.names == ("instruction", "input")
    assert [(r["text"], r["label"]) for r in read("m.jsonl")] == [("sort this\n\nmy card is lost", "card")]


def test_pairs_beside_text_and_label_are_a_table(columns_of):
    assert columns_of(["prompt", "completion", "text", "label"]).shape == "table"


def test_a_named_label_makes_a_table_of_pairs(columns_of):
    columns = columns_of(["instruction", "response", "kind"], text="instruction", label="kind")
    assert (columns.shape, columns.label.names) == ("table", ("kind",))


def test_an_answer_that_is_a_sentence_is_no_label(write, refused):
    rows = ["refund", " ".join("a" * 12), " ".join("a" * 13), "a\nb"]
    write("m.jsonl", "\n".join(json.dumps({"prompt": "a", "completion": row}) for row in rows))
    assert [p.where for p in refused("m.jsonl")] == ["m.jsonl:3", "m.jsonl:4"]
    assert "at most 12 words" in refused("m.jsonl")[0].rule
    assert "shorten the answers to labels" in refused("m.jsonl")[0].fix


def chat(*turns):
    return json.dumps({"messages": [{"role": role, "content": content} for role, content in turns]}) + "\n"


def test_chats_are_recognised_and_what_is_not_read_is_said(write, read, tmp_path):
    write(
        "m.jsonl", chat(("system", "Sort."), ("user", "hi"), ("assistant", "greet"), ("user", "b"), ("assistant", "x"))
    )
    columns = open_source(DataSpec(path="m.jsonl"), folder=tmp_path, progress=SILENT).columns
    assert columns.sentences() == (
        "the file is read as OpenAI fine-tuning chats",
        "text: column 'messages' (the last user message of each chat)",
        "label: column 'messages' (the assistant's answer to it)",
        "system messages, and turns before the last user message, are not read",
    )
    assert [(r["text"], r["label"]) for r in read("m.jsonl")] == [("b", "x")]


def test_of_chats_without_earlier_turns_nothing_is_said(write, tmp_path):
    write("m.jsonl", chat(("user", "b"), ("assistant", "x")))
    columns = open_source(DataSpec(path="m.jsonl"), folder=tmp_path, progress=SILENT).columns
    assert not any("are not read" in said for said in columns.sentences())


@pytest.mark.parametrize(
    ("line", "got"),
    [
        (chat(("user", "a")), "roles ['user']"),
        (chat(("assistant", "a"), ("user", "b")), "roles ['assistant', 'user']"),
        ('{"messages": null}\n', "null, or nothing there"),
        ('{"messages": "a"}\n', "'a'"),
        (
            chat(("user", [{"type": "text", "text": "a"}]), ("assistant", "x")),
            "a list: [{'type': 'text', 'text': 'a'}]",
        ),
        (chat(("user", "a"), ("assistant", None)), "null, or nothing there"),
    ],
)
def test_a_chat_that_does_not_end_with_question_and_answer_is_told(write, refused, line, got):
    write("m.jsonl", chat(("user", "a"), ("assistant", "x")) + line)
    (problem,) = refused("m.jsonl")
    assert (problem.where, problem.got) == ("m.jsonl:2", got)
    assert problem.rule.startswith("chat must")
