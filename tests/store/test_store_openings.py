import errno
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from suffice.errors import StorageError
from suffice.store.home import home
from suffice.store.openings import count_openings, is_spent, next_opening, open_test, spend_test


def ledger() -> Path:
    return home() / "openings.jsonl"


def test_a_test_that_was_never_opened_has_no_openings():
    assert count_openings("rows") == 0


def test_the_same_hypothesis_on_the_same_rows_is_the_same_opening():
    first = open_test("rows", "tfidf at 0.95")
    assert open_test("rows", "tfidf at 0.95") == first
    assert (first.number, count_openings("rows")) == (1, 1)


def test_the_next_opening_of_a_hypothesis_that_had_one_is_that():
    assert next_opening("rows", None) == next_opening("rows", "a") == 1
    open_test("rows", "a")
    assert [next_opening("rows", one) for one in ("a", "b", None)] == [1, 2, 2]
    assert next_opening("other rows", "a") == 1


def test_another_hypothesis_on_the_same_rows_counts_up():
    numbers = [open_test("rows", hypothesis).number for hypothesis in ("a", "b", "a", "c")]
    assert numbers == [1, 2, 1, 3]
    assert count_openings("rows") == 3


def test_other_rows_are_counted_apart():
    open_test("rows", "a")
    assert open_test("other rows", "a").number == 1
    assert (count_openings("rows"), count_openings("other rows")) == (1, 1)


def test_an_opening_says_when_in_utc():
    assert datetime.fromisoformat(open_test("rows", "a").opened_at).utcoffset().total_seconds() == 0


@pytest.mark.parametrize("left", ['{"test_sha256": "rows", "hypo', "{", "\n"])
def test_a_line_that_a_crash_cut_off_is_survived_and_not_counted(left: str):
    open_test("rows", "a")
    with ledger().open("a") as file:
        file.write(left)
    assert count_openings("rows") == 1
    assert [open_test("rows", hypothesis).number for hypothesis in ("b", "a", "c")] == [2, 1, 3]
    assert count_openings("rows") == 3


def test_a_line_that_lacks_only_its_end_counts():
    open_test("rows", "a")
    ledger().write_text(ledger().read_text().rstrip("\n"))
    assert [open_test("rows", "a").number, open_test("rows", "b").number] == [1, 2]
    assert count_openings("rows") == 2


def test_the_ledger_belongs_to_the_person_and_not_to_an_output_folder(monkeypatch, tmp_path):
    open_test("rows", "a")
    monkeypatch.chdir(tmp_path)
    assert open_test("rows", "b").number == 2
    monkeypatch.setenv("SUFFICE_HOME", str(tmp_path / "elsewhere"))
    assert open_test("rows", "b").number == 1
    assert (tmp_path / "elsewhere" / "openings.jsonl").is_file()


def test_a_ledger_that_cannot_be_written_is_told(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SUFFICE_HOME", str(tmp_path / "file"))
    with pytest.raises(StorageError, match=r"openings.jsonl: must be writable\n  got: .*\n  fix: name a folder"):
        open_test("rows", "a")


@pytest.mark.parametrize("read", [count_openings, is_spent])
def test_a_ledger_where_nobody_may_look_is_told_and_not_taken_for_an_empty_one(monkeypatch, read):
    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refuse)
    told = r"jsonl: must be writable\n  got: Permission denied\n  fix: make .*, or write elsewhere with SUFFICE_HOME$"
    with pytest.raises(StorageError, match=told):
        read("rows")


def test_two_processes_at_once_never_get_the_same_number():
    code = (
        "import sys; from suffice.store.openings import open_test\n"
        "sys.stdin.readline()\n"
        "for n in range(20): print(open_test('rows', f'{sys.argv[1]} {n}').number)\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    numbers = [int(line) for process in started for line in process.communicate()[0].split()]
    assert sorted(numbers) == list(range(1, 41))
    assert len([json.loads(line) for line in ledger().read_text().splitlines()]) == 40


def test_a_test_is_spent_once_it_was_shown_and_stays_so():
    assert not is_spent("rows")
    spend_test("rows")
    spend_test("rows")
    assert (is_spent("rows"), is_spent("other rows")) == (True, False)
    assert len((home() / "spent.jsonl").read_text().splitlines()) == 1


def test_what_is_spent_is_no_opening():
    spend_test("rows")
    assert (count_openings("rows"), open_test("rows", "a").number) == (0, 1)


def test_a_test_that_cannot_be_written_down_as_spent_is_told(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SUFFICE_HOME", str(tmp_path / "file"))
    with pytest.raises(StorageError, match=r"spent.jsonl: must be writable\n  got: .*\n  fix: name a folder"):
        spend_test("rows")
