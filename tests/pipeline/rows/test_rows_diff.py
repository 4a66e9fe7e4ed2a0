from __future__ import annotations

import pytest

from messages import message_rows, write_task
from suffice.errors import DataError
from suffice.pipeline.labels.clean import clean
from suffice.pipeline.rows.diff import diff
from suffice.records.progress import SILENT
from suffice.store.task_file import load_task


@pytest.fixture
def cleaned(tmp_path, monkeypatch):
    """Cleans a task of the current folder whose first rows are there twice; gives the version's name."""
    monkeypatch.chdir(tmp_path)

    def run(n_twice, *, name="messages"):
        rows = message_rows(60)
        task = write_task(tmp_path / name, [*rows, *rows[:n_twice]])
        out = tmp_path / "suffice-out" / name
        decisions = tmp_path / "decisions.jsonl"
        made = clean(
            load_task(task), decisions=decisions, also_test=False, folder=task.parent, out=out, progress=SILENT
        )
        return made.version.name

    return run


def compared(first, second, tmp_path, *, out=None):
    return diff(first, second, out=out, here=tmp_path)


def test_raw_and_latest_are_the_rows_as_read_and_as_cleaned_last_however_often(cleaned, tmp_path):
    names = [cleaned(10), cleaned(20)]
    found = compared("raw", "latest", tmp_path)
    assert names[0] != names[1] == found.second
    assert found.n_rows[0] == 80
    assert len(found.dropped) == 80 - found.n_rows[1] > 0


def test_a_source_that_is_as_it_was_once_is_the_version_as_read_again(cleaned, tmp_path):
    name = cleaned(10)
    cleaned(20)
    assert cleaned(10) == name
    found = compared("raw", "latest", tmp_path)
    assert (found.n_rows[0], found.second) == (70, name)


def test_a_version_is_found_by_its_folder_and_in_a_given_output_folder(cleaned, tmp_path):
    name, out = cleaned(10), tmp_path / "suffice-out" / "messages"
    by_folder = compared(str(out / "data" / name), "raw", tmp_path)
    assert by_folder == compared(name[:9], "raw", tmp_path / "elsewhere", out=out)


def test_what_several_tasks_have_is_told_with_the_candidates(cleaned, tmp_path):
    cleaned(10), cleaned(20, name="others")
    with pytest.raises(DataError, match=r"(?s)VERSION: .*'latest', which several have.*say which: .*clean-.*clean-"):
        compared("latest", "raw", tmp_path)


def test_where_there_is_no_version_the_way_to_name_one_is_told(tmp_path):
    with pytest.raises(DataError, match=r"(?s)'raw', which none has.*there is none here; name the output folder"):
        compared("raw", "latest", tmp_path)
    assert list(tmp_path.iterdir()) == []
