"""Where the cache is."""

from __future__ import annotations

from pathlib import Path

import pytest

from suffice.errors import StorageError
from suffice.store.home import home


def test_the_environment_names_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SUFFICE_HOME", str(tmp_path))
    assert home() == tmp_path


@pytest.mark.parametrize("value", ["", None])
def test_without_it_home_is_a_folder_of_the_person_s_own(
    value: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SUFFICE_HOME") if value is None else monkeypatch.setenv("SUFFICE_HOME", value)
    assert home() == tmp_path / ".suffice"


def test_a_tilde_is_the_person_s_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SUFFICE_HOME", "~/elsewhere")
    assert home() == tmp_path / "elsewhere"


def test_the_home_of_somebody_unknown_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUFFICE_HOME", "~nobody-of-that-name/suffice")
    with pytest.raises(StorageError, match=r"SUFFICE_HOME: .*\n  got: '~nobody-.*\n  fix: set SUFFICE_HOME to"):
        home()
