from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest

from commands import run_suffice
from suffice import __version__

COMMANDS = (
    "init",
    "advise",
    "audit",
    "review",
    "clean",
    "diff",
    "fit",
    "classify",
    "train",
    "evaluate",
    "compare",
    "report",
    "bundle",
    "drift",
    "collect",
    "demo",
    "runs",
    "runs list",
    "runs rm",
    "models",
    "models list",
    "models pull",
)


def _processor_seconds(home) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = run_suffice("--help", home=home)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ran.returncode == 0
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


# Processor time and the least of five: the wall clock of a busy machine says nothing about the command.
def test_help_is_there_in_less_than_four_tenths_of_a_second(tmp_path):
    assert min(_processor_seconds(tmp_path) for _ in range(5)) < 0.4


@pytest.mark.parametrize("arguments", [["--help"], ["fit", "--help"], ["models", "list"]])
def test_torch_is_not_loaded_for_help_or_the_list_of_models(tmp_path, arguments):
    code = (
        "import sys; from suffice.cli.main import app; "
        f"app({arguments!r}, standalone_mode=False); "
        "print('LOADED', [name for name in ('torch', 'transformers', 'sklearn') if name in sys.modules])"
    )
    environment = os.environ | {"SUFFICE_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "LOADED []"


def test_importing_the_package_loads_and_does_nothing():
    code = "import sys; before = set(sys.modules); import suffice; print(sorted(set(sys.modules) - before))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "torch" not in ran.stdout
    assert "numpy" not in ran.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does_in_eighty_columns(suffice, command):
    ran = suffice(*command.split(), "--help")
    assert ran.code == 0
    assert ran.out.lower().startswith("usage: suffice")
    assert max(map(len, ran.out.splitlines())) <= 80


def test_the_help_names_every_command_and_the_exit_codes(suffice):
    ran = suffice("--help")
    assert all(command.split()[0] in ran.out for command in COMMANDS)
    assert "0 done, 1 our fault, 2 yours to fix, 3 the target was not" in " ".join(ran.out.split())


def test_an_unknown_command_is_the_persons_to_mend(suffice):
    ran = suffice("fti")
    assert (ran.code, ran.out) == (2, "")
    assert "fti" in ran.err
    assert "--help" in ran.err


def test_the_version_is_told(suffice):
    assert suffice("--version") == (0, f"suffice {__version__}\n", "")
