"""The file that people label requests in."""

from __future__ import annotations

import csv

import pytest

from suffice.errors import DataError, StorageError
from suffice.store.labelling import NO_LABEL, ToLabel, labelled, read_labelling, write_labelling


def row(number, *, label="", text="my card"):
    return ToLabel(id=f"r{number}", why="random", at="2026-11-30T10:00:00+00:00", text=text, label=label)


def test_what_was_written_is_read_back_quotes_and_lines_included(tmp_path):
    rows = [row(0), row(1, label="card", text='he said "no",\nand went'), row(2, text="žluťoučký kůň")]
    write_labelling(tmp_path / "to_label.csv", rows, option="--to")
    assert read_labelling(tmp_path / "to_label.csv", option="--to") == rows


def test_messages_in_plain_text_are_for_the_person_alone_unless_they_say_otherwise(tmp_path):
    path = tmp_path / "to_label.csv"
    write_labelling(path, [row(0)], option="--to")
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    write_labelling(path, [row(0), row(1)], option="--to")
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["to_label.csv"]


def test_no_cell_is_a_formula_and_every_text_comes_back_as_it_was(tmp_path):
    # How formulas begin: OWASP, CSV Injection.
    begins = ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
    texts = [f"{begin}HYPERLINK(0) " for begin in begins] + ["'=1", "''+1", "'quoted' words ", "' -1", "'", ""]
    path = tmp_path / "to_label.csv"
    for _ in range(2):  # Written again, as `collect` does to add rows, it is the same.
        write_labelling(path, [row(i, text=text, label="-1") for i, text in enumerate(texts)], option="--to")
        with path.open(newline="") as file:
            cells = [cell for line in csv.reader(file) for cell in line]
        assert not [cell for cell in cells if cell.startswith(tuple(begins))]
        found = read_labelling(path, option="--to")
        assert [(one.text, one.label) for one in found] == [(text, "-1") for text in texts]


def test_what_a_spreadsheet_makes_of_it_is_read_too(tmp_path):
    path = tmp_path / "to_label.csv"
    path.write_bytes("\ufeffid,why,at,text,label,note\r\nr0,random,,my card, card ,sure?\r\n".encode())
    assert read_labelling(path, option="--labels") == [
        ToLabel(id="r0", why="random", at="", text="my card", label="card")
    ]


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "messages.csv"
    path.write_text("text,label\nmy card,card\n")
    with pytest.raises(DataError, match=r"none named id, why, at\n.*that `suffice collect` wrote"):
        read_labelling(path, option="--labels")
    with pytest.raises(StorageError):
        read_labelling(tmp_path, option="--labels")


def test_an_id_that_is_there_twice_is_refused(tmp_path):
    write_labelling(tmp_path / "twice.csv", [row(0), row(1), row(0, label="card")], option="--to")
    with pytest.raises(DataError, match=r"twice.csv, row 3.*\n.*'r0', the id of row 1 too\n.*take one of the two"):
        read_labelling(tmp_path / "twice.csv", option="--labels")


def test_rows_with_a_label_are_told_and_labels_that_are_none_all_at_once():
    rows = [row(0), row(1, label="card"), row(2, label=NO_LABEL)]
    assert labelled(rows, ["card", "money"], outside=None, name="f.csv") == rows[1:]
    with pytest.raises(
        DataError, match=r"row 2: .*2 labels, \(none\) where none is right[\s\S]*nearest: 'money'"
    ) as told:
        labelled([row(0), row(1, label="mony"), row(2, label="Card")], ["card", "money"], outside=None, name="f.csv")
    assert len(told.value.problems) == 2


def test_a_message_that_is_none_of_the_tasks_has_a_label_where_the_task_has_one():
    rows = [row(0, label="oos"), row(1, label="card")]
    assert labelled(rows, ["card"], outside="oos", name="f.csv") == rows
    with pytest.raises(DataError, match=r"1 labels, oos where the message is none of the task's, \(none\) where none"):
        labelled([row(0, label="other")], ["card"], outside="oos", name="f.csv")
