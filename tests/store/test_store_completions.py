"""A completion that was written down is never written twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from suffice.errors import StorageError
from suffice.records.completion import Completion
from suffice.store.completions import CompletionFile


def completion(id_: str, text: str = "Because.\nIt \u2028was \x00blocked. ½") -> Completion:
    return Completion(id=id_, text=text, n_prompt_tokens=12, n_tokens=5, stop_reason="end", seconds=0.25)


def test_what_was_written_is_found_again_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "completions.jsonl"
    file = CompletionFile(path)
    assert file.find("k1") is None
    file.add("k1", completion("a"))
    file.add("k2", completion("b", text=""))
    assert file.find("k1") == completion("a")
    again = CompletionFile(path)
    assert (again.find("k1"), again.find("k2"), again.find("k3")) == (completion("a"), completion("b", text=""), None)


def test_a_line_that_a_crash_cut_off_is_taken_away_and_the_others_stay(tmp_path: Path) -> None:
    path = tmp_path / "completions.jsonl"
    file = CompletionFile(path)
    for number in range(3):
        file.add(f"k{number}", completion(str(number)))
    whole = path.read_bytes()
    for n_lost in (1, 10, 60):
        path.write_bytes(whole[:-n_lost])
        found = CompletionFile(path)
        assert [found.find(f"k{number}") is not None for number in range(3)] == [True, True, False]
        found.add("k2", completion("2"))
        assert path.read_bytes() == whole


def test_a_later_line_of_the_same_key_counts(tmp_path: Path) -> None:
    file = CompletionFile(tmp_path / "completions.jsonl")
    file.add("k", completion("a", text="first"))
    file.add("k", completion("a", text="second"))
    assert CompletionFile(tmp_path / "completions.jsonl").find("k") == completion("a", text="second")


@pytest.mark.parametrize(
    ("line", "got"),
    [
        ("{}", "key: Field required"),
        ("no", "no JSON"),
        ('{"key": "k", "completion": {}, "more": 1}', "Field required"),
    ],
)
def test_a_line_that_is_no_completion_is_told_with_its_number(tmp_path: Path, line: str, got: str) -> None:
    path = tmp_path / "completions.jsonl"
    CompletionFile(path).add("k", completion("a"))
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(StorageError, match=rf"completions.jsonl:2: [\s\S]*{got}[\s\S]*move it away"):
        CompletionFile(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="name a file, not a folder"):
        CompletionFile(tmp_path)
