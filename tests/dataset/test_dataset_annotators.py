import json

import pytest

from suffice.dataset import guess_task, open_source
from suffice.records.progress import SILENT
from suffice.records.task import DataSpec

NAMED = ["ann", "bob", "cy"]


def votes(rows):
    return [(row["label"], row["annotations"]) for row in rows]


def test_each_annotator_may_have_a_column_and_leave_cells_empty(write, read):
    write("m.csv", "text,label,ann,bob,cy\na,x,x,y,\nb,y,,,\nc,y,y,,y\n")
    read_back = read("m.csv", label="label", annotators=NAMED)
    assert votes(read_back) == [("x", ["x", "y"]), ("y", None), ("y", ["y", "y"])]


@pytest.mark.parametrize("name", ["m.csv", "m.jsonl"])
def test_one_column_may_list_what_all_chose(write, read, name):
    cells = [["x", "y"], [], [7, None, True], None]
    if name == "m.csv":
        quoted = (json.dumps(cell).replace('"', '""') for cell in cells)
        write(name, "text,label,votes\n" + "".join(f'a,x,"{cell}"\n' for cell in quoted) + "a,x,\n")
    else:
        write(name, "\n".join(json.dumps({"text": "a", "label": "x", "votes": cell}) for cell in [*cells, ""]))
    said = votes(read(name, label="label", annotators="votes"))
    assert said == [("x", given) for given in (["x", "y"], None, ["7", "true"], None, None)]


def test_without_a_label_it_is_what_most_annotators_chose(write, read):
    write("m.csv", "text,ann,bob,cy\na,x,y,y\nb,,x,\n")
    assert votes(read("m.csv", annotators=NAMED)) == [("y", ["x", "y", "y"]), ("x", ["x"])]


def test_a_tie_is_settled_by_the_text_alone_and_favours_no_label(write, read):
    rows = [json.dumps({"text": f"text {n % 2_000}", "votes": ["y", "x", "z", "x", "y"]}) for n in range(2_100)]
    write("m.jsonl", "\n".join(rows))
    labels = [row["label"] for row in read("m.jsonl", annotators=["votes"])]
    assert labels[2_000:] == labels[:100]
    assert set(labels) == {"x", "y"}
    # Five standard deviations of a fair coin: 5 * sqrt(2,000) / 2 = 112.
    assert abs(labels[:2_000].count("x") - 1_000) < 112


def test_where_the_label_comes_from_is_said(write, tmp_path):
    write("m.csv", "text,intent,ann,bob,cy\na,x,x,y,y\n")
    columns = open_source(
        DataSpec(path="m.csv", annotators=["ann", "BOB", "cy"]), folder=tmp_path, progress=SILENT
    ).columns
    assert columns.sentences() == (
        "the file is read as a table",
        "text: column 'text' (found by name)",
        "label: columns 'ann', 'bob' and 'cy' (what most annotators chose, a tie drawn by the message)",
        "annotators: columns 'ann', 'bob' and 'cy' (named in the task file)",
        "column 'intent' is not read as the label: data.label=intent takes it",
    )


def test_a_proposed_task_keeps_the_annotators(write, tmp_path):
    path = write("m.csv", "text,ann,bob\na,x,x\nb,y,y\n")
    guess = guess_task(path, given={"annotators": ("ann", "bob")})
    assert (guess.data.label, guess.data.annotators) == (None, ("ann", "bob"))
    assert guess.labels == (("x", 1), ("y", 1))


def test_a_named_annotator_that_is_missing_is_told_with_the_nearest(write, refused):
    write("m.csv", "text,label,anna,bob\na,x,x,y\n")
    (problem,) = refused("m.csv", annotators=["ana", "bob"])
    assert problem.rule == "data.annotators must name a column of the file"
    assert problem.got.startswith("no column 'ana' (nearest: 'anna')")


@pytest.mark.parametrize(
    ("annotators", "rule", "got"),
    [
        (["ann", "ann"], "every annotator must have a column of its own", "'ann', 'ann'"),
        (["ann", "text"], "text and annotators must be different columns", "'text' for both"),
        ([], "data.annotators must name a column of the file", "an empty list"),
    ],
)
def test_columns_that_hold_no_second_opinion_are_refused(write, refused, annotators, rule, got):
    write("m.csv", "text,ann,bob\na,x,y\n")
    assert [(p.rule, p.got) for p in refused("m.csv", annotators=annotators)] == [(rule, got)]


def test_a_row_that_nobody_labelled_is_told_where_its_label_is_needed(write, refused):
    write("m.csv", "text,ann,bob\na,x,\nb,,\n")
    (problem,) = refused("m.csv", annotators=["ann", "bob"])
    assert (problem.where, problem.got) == ("m.csv:3", "no label")
    assert problem.rule == "annotators must have labelled every row whose label is what most of them chose"
    assert problem.fix.startswith("have the row labelled, take it out, or name")


@pytest.mark.parametrize(
    ("cell", "rule", "got"),
    [
        ("x;y", "must be a list of labels", "'x;y'"),
        ({"ann": "x"}, "must be a list of labels", "an object: {'ann': 'x'}"),
        (["x", 1.5], "must be one label", "a number: 1.5"),
        (["x", ["y"]], "must be one label", "a list: ['y']"),
    ],
)
def test_what_is_no_list_of_labels_is_told(write, refused, cell, rule, got):
    write("m.jsonl", json.dumps({"text": "a", "label": "x", "votes": cell}))
    (problem,) = refused("m.jsonl", label="label", annotators="votes")
    assert (problem.rule, problem.got) == (f"annotators {rule}", got)
    assert problem.fix.startswith(('write it as ["refund", "delivery"]', "give every row one label", "write the label"))


def test_a_fine_tuning_file_with_named_annotators_is_a_table(write, read):
    write("m.jsonl", json.dumps({"prompt": "a", "completion": "x", "votes": ["x", "y", "y"]}))
    assert votes(read("m.jsonl", text="prompt", annotators="votes")) == [("y", ["x", "y", "y"])]
