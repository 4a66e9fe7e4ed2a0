import json
from pathlib import Path

import pytest

from suffice.dataset import guess_task
from suffice.errors import DataError
from suffice.records.task import DataSpec, Task


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_table_is_guessed_with_a_reason_for_everything(write):
    write("Messages (May).csv", "id,message,category,set,date\n1,a,y,train,d\n2,b,x,test,d\n3,c,x,train,d\n")
    guess = guess_task(Path("Messages (May).csv"))
    assert guess.name == "messages-may"
    assert guess.data == DataSpec(path="Messages (May).csv", text="message", label="category", id="id", split="set")
    assert guess.labels == (("x", 2), ("y", 1))
    assert (guess.n_rows, guess.target.at_least) == (3, 0.95)
    assert guess.because == (
        "the file is read as a table",
        "text: column 'message' (found by name)",
        "label: column 'category' (found by name)",
        "split: column 'set' (found by name)",
        "id: column 'id' (found by name, and every row has another value)",
        "'date' not read: data.time=COLUMN makes the test split the latest part",
        "labels: 2 different values of 3 rows: 'x' 2, 'y' 1",
        "2 labels have fewer than 10 rows: a misspelt label, or too few to learn from and to judge by; a few dozen "
        "each are the least to begin with",
        "target: accuracy of at least 0.95 (nothing else was said)",
    )


def test_the_guess_is_a_whole_task(write):
    write("m.csv", "subject,body,label\na,b,x\n")
    guess = guess_task(Path("m.csv"))
    task = Task(name=guess.name, data=guess.data, target=guess.target, labels=tuple(name for name, _ in guess.labels))
    assert task.data.text == ("subject", "body")


@pytest.mark.parametrize("name", ["oos", "Out of scope", "OUT-OF-DOMAIN"])
def test_a_label_named_like_none_of_the_others_is_no_label(write, name):
    write("m.csv", f"text,label\na,x\nb,y\nc,{name}\nd,{name}\n")
    guess = guess_task(Path("m.csv"))
    assert guess.data.out_of_scope == name
    assert guess.labels == (("x", 1), ("y", 1))
    assert f"out of scope: label {name!r} (by its name), which no rung learns" in guess.because
    Task(name="m", data=guess.data, target=guess.target, labels=tuple(label for label, _ in guess.labels))


def test_a_label_that_only_sounds_like_it_stays_one(write):
    write("m.csv", "text,label\na,oos\nb,out_of_scope_question\n")
    assert guess_task(Path("m.csv"), given={"out_of_scope": "none"}).labels == (
        ("oos", 1),
        ("out_of_scope_question", 1),
    )


@pytest.mark.parametrize("ids", [["1", "1"], ["1", ""]])
def test_an_id_column_that_repeats_or_has_gaps_is_not_proposed(write, ids):
    write("m.csv", "id,text,label\n" + "".join(f"{id_},a,x\n" for id_ in ids))
    guess = guess_task(Path("m.csv"))
    assert guess.data.id is None
    assert any("column 'id' repeats or has gaps; if it names a customer" in said for said in guess.because)


@pytest.mark.parametrize("ids", [[1, None], [1, 1.5], [1, [2]], [1, "1"]])
def test_ids_that_are_no_names_are_not_proposed(write, ids):
    write("m.jsonl", "\n".join(json.dumps({"id": id_, "text": "a", "label": "x"}) for id_ in ids))
    assert guess_task(Path("m.jsonl")).data.id is None


def test_columns_of_a_fine_tuning_file_are_not_named_as_it_is_recognised(write):
    write("m.jsonl", '{"prompt": "a", "completion": "x", "uuid": "u1"}\n')
    guess = guess_task(Path("m.jsonl"))
    assert guess.data == DataSpec(path="m.jsonl", id="uuid")
    assert guess.because[0] == "the file is read as prompt/completion pairs"


def test_columns_that_may_be_groups_are_pointed_out(write):
    write("m.csv", "text,label,customer_id,Thread\na,x,1,2\n")
    (said,) = [said for said in guess_task(Path("m.csv")).because if "data.group" in said]
    assert said == (
        "'customer_id' and 'Thread' not read: data.group=COLUMN keeps all rows of one customer or thread in one split"
    )


@pytest.mark.parametrize("text", ["text", "prompt"])
def test_that_no_column_is_a_split_stays_said_in_the_proposed_task(write, read, text):
    label = {"text": "label", "prompt": "completion"}[text]
    write("m.csv", f"{text},{label},split\na,x,train\nb,y,test\n")
    guess = guess_task(Path("m.csv"), given={"split": "none"})
    assert (guess.data.split, guess.n_test) == ("none", None)
    assert [row["split"] for row in read("m.csv", split=guess.data.split)] == [None, None]


def test_a_target_that_was_said_is_taken(write):
    write("m.csv", "text,label\na,x\n")
    guess = guess_task(Path("m.csv"), at_least=0.9)
    assert guess.target.at_least == 0.9
    assert guess.because[-1] == "target: accuracy of at least 0.9 (given)"


@pytest.mark.parametrize(
    ("file", "name"),
    [("Größe.csv", "groe"), ("été 2024.v2.csv", "ete-2024-v2"), ("消息.csv", "task"), ("_.csv", "task")],
)
def test_names_are_made_of_letters_that_folders_can_have(write, file, name):
    write(file, "text,label\na,x\n")
    assert guess_task(Path(file)).name == name


def test_a_file_that_cannot_be_read_is_told_as_always(write):
    write("m.csv", "text,label\na,x\nshort\n")
    with pytest.raises(DataError, match=r"m\.csv:3: a row must have 2 cells"):
        guess_task(Path("m.csv"))
