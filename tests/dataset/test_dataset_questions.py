import json
from dataclasses import replace
from functools import partial

import pytest

from suffice.dataset.chunk import Chunk
from suffice.dataset.find_questions import find_question_columns
from suffice.dataset.questions import question_rows, questions_of, read_questions
from suffice.errors import DataError
from suffice.kinds.gold.gold import gold_of
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold
from suffice.records.progress import SILENT
from suffice.records.task import DataSpec
from suffice.store.versions import open_version, write_version


@pytest.fixture
def read(write, tmp_path):
    """The questions of rows, written as JSON Lines."""

    def read(*rows, spec=None, name="rows.jsonl", **data):
        write(name, "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows))
        read_gold = partial(gold_of, spec=spec or AnswerSpec())
        return read_questions(DataSpec(path=name, **data), folder=tmp_path, read_gold=read_gold, progress=SILENT)

    return read


@pytest.fixture
def refused(read):
    """What is said of rows that cannot be read."""

    def refused(*rows, **given):
        with pytest.raises(DataError) as caught:
            read(*rows, **given)
        return str(caught.value)

    return refused


QUESTION = "How many?"


@pytest.mark.parametrize(
    ("row", "trace"),
    [
        ({"question": QUESTION, "answer": "18"}, None),
        ({"question": QUESTION, "answer": 18}, None),
        ({"question": QUESTION, "answer": "9 * 2 = 18\n#### 18"}, "9 * 2 = 18"),
        ({"question": QUESTION, "trace": "9 * 2 = 18", "answer": "18"}, "9 * 2 = 18"),
        ({"problem": QUESTION, "solution": "So \\boxed{18}."}, None),
        ({"problem": QUESTION, "solution": "9 * 2\nso \\boxed{18}.", "answer": "18"}, "9 * 2"),
        ({"prompt": QUESTION, "completion": "<think>9 * 2</think>18"}, "9 * 2"),
        ({"instruction": QUESTION, "input": "", "output": "9 * 2\n#### 18"}, "9 * 2"),
        (
            {
                "messages": [
                    {"role": "system", "content": "Count."},
                    {"role": "user", "content": QUESTION},
                    {"role": "assistant", "content": "9 * 2\n#### 18"},
                ]
            },
            "9 * 2",
        ),
        ({"conversations": [{"from": "human", "value": QUESTION}, {"from": "gpt", "value": "It is 18."}]}, None),
    ],
)
def test_every_shape_of_questions_is_read(read, row, trace):
    (found,) = read(row)
    assert (found.text, found.gold) == (QUESTION, Gold(answer="18", trace=trace))


def test_what_an_instruction_is_to_be_followed_on_belongs_to_the_question(read):
    (found,) = read({"instruction": "Add.", "input": "9 and 9", "output": "18"})
    assert found.text == "Add.\n\n9 and 9"


def test_columns_are_taken_as_they_are_named(read):
    row = {"q": QUESTION, "right": "18", "how": "9 * 2", "answer": "7", "who": "c1", "part": "test"}
    (found,) = read(row, text="q", label="right", trace="how", group="who", split="part")
    assert (found.text, found.gold, found.group, found.split) == (
        QUESTION,
        Gold(answer="18", trace="9 * 2"),
        "c1",
        "test",
    )


def test_an_id_is_found_by_name_and_made_where_there_is_none(read):
    assert read({"id": 7, "question": QUESTION, "answer": "18"})[0].id == "7"
    assert read({"question": QUESTION, "answer": "18"})[0].id.startswith("rows.jsonl:0:")


def test_gsm8k_as_it_is_kept_here_brings_its_split(read):
    (found,) = read({"question": QUESTION, "trace": "a", "answer": "18", "split": "test", "n_steps": 2})
    assert found.split == "test"


def test_all_unreadable_rows_are_named_at_once_by_line(refused):
    said = refused(
        {"question": QUESTION, "answer": "5 or 6"},
        {"question": QUESTION, "answer": "18"},
        {"question": QUESTION, "answer": ""},
        {"question": "", "answer": "18"},
        '{"question": "What?", "answer": NaN}\n',
        '{"question": "What?", "answer": "Infinity"}\n',
        {"question": QUESTION, "answer": "many\nsteps, and nothing else"},
        {"question": QUESTION, "answer": "so\n#### 5\n#### 6"},
        "no json\n",
    )
    assert [line.split(" ")[0] for line in said.splitlines() if line.startswith("rows.jsonl")] == [
        f"rows.jsonl:{line}:" for line in (1, 3, 4, 5, 6, 7, 8, 9)
    ]
    assert "the answer must hold one right answer" in said
    assert "the answer must be a finite number" in said
    assert "different ones: '5' and '6'" in said


def test_an_id_that_is_there_twice_is_named_with_its_first_line(refused):
    said = refused(*[{"id": "a", "question": QUESTION, "answer": "18"}] * 2)
    assert "rows.jsonl:2: id must be there once" in said
    assert "'a', the id of rows.jsonl:1 too" in said


def test_a_chat_must_end_in_an_answer(refused):
    said = refused({"messages": [{"role": "user", "content": "How many?"}]})
    assert "the chat must end with a question and the assistant's answer" in said


def test_a_file_without_answers_says_which_columns_there_are(refused):
    said = refused({"question": QUESTION, "other": "x"})
    assert "say which one holds the right answer: data.label=COLUMN" in said
    assert "'question', 'other'" in said


def test_one_column_is_not_question_and_answer(refused):
    assert "'question' for both" in refused({"question": "18"}, text="question", label="question")


def test_a_file_without_rows_is_an_error(refused):
    assert "the file must have rows" in refused("", name="empty.jsonl")


def test_a_trace_of_a_hundred_thousand_signs_and_an_answer_of_a_million_digits_are_read(read):
    long, digits = "9 * 2 = 18. " * 9_000, "7" * 1_000_000
    found = read({"question": QUESTION, "answer": f"{long}\n#### 18"}, {"question": QUESTION, "answer": digits})
    assert (found[0].gold.answer, found[1].gold.answer) == ("18", digits)


def test_questions_come_back_from_the_rows_of_a_data_version(read, tmp_path):
    rows = read(
        {"question": "a?", "answer": "9 * 2 = 18\n#### 18", "id": "one", "split": "train"},
        {"question": "b?", "answer": "5", "id": "two", "split": "test"},
    )
    manifest = write_version(
        tmp_path / "data", [question_rows(rows)], parent=None, change="", sources=(), text=("question",)
    )
    data = open_version(tmp_path / "data", manifest.name)
    # How the data writes an answer is not kept.
    assert questions_of(data) == tuple(replace(row, written=None) for row in rows)
    # Each is labelled as what answers are to be.
    assert data.labels == ["right", "right"]
    assert data.splits == ["train", "test"]


def test_another_right_answer_is_another_data_version(read, tmp_path):
    names = [
        write_version(tmp_path, [question_rows(read(row))], parent=None, change="", sources=(), text=("question",)).name
        for row in ({"question": "a?", "answer": "5"}, {"question": "a?", "answer": "6"})
    ]
    assert names[0] != names[1]


def test_what_is_not_read_of_chats_is_said_where_there_is_something():
    asked = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "18"}]
    chats = ([asked], [[{"role": "system", "content": "Count."}, *asked]], [asked, [*asked, *asked]])
    notes = [
        find_question_columns(
            DataSpec(path="rows.jsonl"),
            chunk=Chunk(first_row=0, places=range(len(cells)), columns={"messages": cells}),
            source="rows.jsonl",
            split_by_file=False,
        ).notes
        for cells in chats
    ]
    said = ("system messages, and turns before the last question, are not read",)
    assert notes == [(), said, said]


def test_a_row_that_is_no_object_is_told_with_what_a_row_of_questions_looks_like(refused):
    assert 'fix: write every row as {"question": ..., "answer": ...}' in refused("[1]\n")
