"""Knowledge that has changed since it was indexed is noticed."""

from __future__ import annotations

import pytest

from suffice.errors import DataError
from suffice.retrieval import changes_since, require_unchanged


def test_files_added_changed_removed_and_mended_are_told_apart(write, read, folder):
    for name in ("same.md", "changed.md", "gone.md"):
        write(name, f"text of {name}")
    write("mended.txt", b"\0")
    write("photo.png", b"1")
    knowledge = read()
    require_unchanged(knowledge, [folder])
    write("changed.md", "other text")
    write("mended.txt", "now it is text")
    write("new.md", "new")
    write("photo.png", b"2")
    (folder / "gone.md").unlink()
    changes = changes_since(knowledge, [folder])
    assert (changes.added, changes.changed, changes.removed) == (
        ("new.md",),
        ("changed.md", "mended.txt"),
        ("gone.md",),
    )
    assert changes.n == 4
    with pytest.raises(
        DataError, match=r"(?s)new\.md: .*a file added.*mended\.txt: .*gone\.md: .*build the index again"
    ):
        require_unchanged(knowledge, [folder])
