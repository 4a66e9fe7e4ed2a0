"""The command line in this process: the same code as `suffice`, without the seconds that a process takes to start."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from commands import time_few
from suffice.cli import main as suffice_cli


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def suffice(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs `suffice ARGUMENTS` with a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    time_few(monkeypatch)

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["suffice", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            suffice_cli()
        out, err = capfd.readouterr()
        return Ran(code=ended.value.code, out=out, err=err)

    return run
