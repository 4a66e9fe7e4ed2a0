"""What the README says is run as it is written, and the paths that the map names are there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel

from commands import OFFLINE
from served import served
from suffice.records.task import Task

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAP = (ROOT / "docs" / "MAP.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the person's two files."""
    folder = tmp_path_factory.mktemp("desk")
    wishes = {
        "refund": "my money back for order",
        "delivery": "the parcel has not come for order",
        "login": "cannot sign in",
    }
    endings = ("please", "now", "thanks", "soon", "today", "again", "still")
    rows = [
        f"{wish} {number} {endings[number % len(endings)]} {'x' * (number % 5)},{label}"
        for number in range(120)
        for label, wish in wishes.items()
    ]
    (folder / "messages.csv").write_text("message,category\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (folder / "new.txt").write_text("where is my parcel\nI want a refund\n", encoding="utf-8")
    return folder


def typed(command: str, *, desk: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "SUFFICE_HOME": str(desk / "home")} | OFFLINE
    return subprocess.run(
        ["bash", "-c", command], cwd=desk, env=environment, capture_output=True, text=True, check=False
    )


def test_the_readme_has_the_blocks_that_are_run_here() -> None:
    languages = ["console", "console", "python", "console", "console", "console", "python", "console", "console"]
    assert [language for language, _ in BLOCK.findall(README)] == languages


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = BLOCK.findall(README)[0][1].split("\n")[:-1]
    assert commands == ["make demo", "make test"]
    assert all(re.search(rf"^{command.removeprefix('make ')}:", makefile, re.MULTILINE) for command in commands)


@pytest.fixture(scope="module")
def fitted_desk(desk: Path) -> Path:
    """The desk once `init` and `fit` were typed, whichever of these tests a process comes to first."""
    commands = BLOCK.findall(README)[1][1].strip().split("\n")
    assert [command.split()[1] for command in commands] == ["init", "fit", "classify"]
    for command in commands[:2]:
        done = typed(command, desk=desk)
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return desk


def test_the_main_job_works_as_typed(fitted_desk: Path) -> None:
    desk = fitted_desk
    done = typed(BLOCK.findall(README)[1][1].strip().split("\n")[2], desk=desk)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 2
    python = BLOCK.findall(README)[2][1]
    answered = typed(f"{sys.executable} - <<'END'\n{python}END", desk=desk)
    assert answered.returncode == 0, answered.stderr
    assert len(answered.stdout.strip().split("\n")) == 2


def test_the_data_is_audited_reviewed_cleaned_and_told_apart_as_typed(fitted_desk: Path) -> None:
    desk = fitted_desk
    commands = BLOCK.findall(README)[3][1].strip().split("\n")
    assert [command.split()[1] for command in commands] == ["audit", "review", "clean", "diff"]
    for command in commands:
        answers = "k\nd\nq\n" if " review " in command else ""
        done = typed(f"printf '{answers}' | {command}", desk=desk)
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert "dropped" in done.stdout
    assert len((desk / "decisions.jsonl").read_text(encoding="utf-8").splitlines()) == 2


def test_the_server_is_started_and_asked_as_typed(fitted_desk: Path) -> None:
    desk = fitted_desk
    (start, ask, python) = (block.strip() for _, block in BLOCK.findall(README)[4:7])
    bundle = desk / start.split()[-1]
    assert bundle.is_dir(), "the main job has made it"
    with served(bundle, home=desk / "home") as up:
        here = up.url.removeprefix("http://")
        curl, ledger = ask.replace("localhost:8000", here).split("\n")
        asked = typed(curl, desk=desk)
        assert asked.returncode == 0, asked.stderr
        assert json.loads(asked.stdout)["results"][0]["label"] == "delivery"
        code = python.replace("localhost:8000", here)
        answered = typed(f"{sys.executable} - <<'END'\n{code}\nEND", desk=desk)
        assert answered.stdout.strip() == "delivery", answered.stderr
        up.end()
    told = typed(ledger, desk=desk)
    assert "tfidf" in told.stdout
    assert "delivery" in told.stdout


def test_answers_that_others_wrote_are_scored_as_typed(desk: Path) -> None:
    done = typed(BLOCK.findall(README)[7][1], desk=desk)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "strict: in the form asked for 1 0.333" in said
    assert "verified: by value 2 0.667" in said
    assert "cut off without an answer 1 33.3%" in said


def test_calls_that_others_made_are_scored_and_their_data_is_audited_as_typed(desk: Path) -> None:
    done = typed(BLOCK.findall(README)[8][1], desk=desk)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "strict: in the form asked for 1 0.333" in said
    assert "verified: by value 2 0.667" in said
    assert "arguments against the schema 1 33.3%" in said
    assert "(oslo: call 0, seats: \"two\": 'two' is not of type 'integer'; right: 2)" in said
    assert "3 requests (2 with a right call): nothing was found" in said


def test_every_path_of_the_map_is_there() -> None:
    paths = re.findall(r"`((?:src|tests|docs|benchmarks)/[^`]+)`", MAP)
    assert len(paths) >= 30
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_room_is_on_the_map() -> None:
    rooms = {folder.parent.name for folder in (ROOT / "src" / "suffice").glob("*/__init__.py")}
    assert {room for room in rooms if f"`{room}/`" not in MAP} == set()


def _keys(section: type[BaseModel], above: str = "") -> Iterator[tuple[str, object]]:
    """Every key of the task file with its default."""
    for name, field in section.model_fields.items():
        inner = field.annotation
        optional = [one for one in get_args(inner) if isinstance(one, type) and issubclass(one, BaseModel)]
        inner = optional[0] if get_origin(inner) is UnionType and optional else inner
        values = get_args(inner)[1] if get_origin(inner) is dict else None
        # Sections with names of the person's own; a slice has one key of three, which its row tells.
        if isinstance(values, type) and issubclass(values, BaseModel) and name != "slices":
            yield from _keys(values, f"{above}{name}.ID.")
        elif isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _keys(inner, f"{above}{name}.")
        else:
            yield f"{above}{name}", field.default


def test_every_key_of_the_task_file_is_explained_with_its_default() -> None:
    rows = re.findall(r"^\| `([a-zID_.]+)` \| (.*?) \|", (ROOT / "docs" / "TASK.md").read_text("utf-8"), re.MULTILINE)
    keys = dict(_keys(Task))
    assert sorted(key for key, _ in rows) == sorted(keys)
    stated = {key: yaml.safe_load(said.strip("`")) for key, said in rows if said.startswith("`")}
    plain = {key for key, default in keys.items() if isinstance(default, str | int | float | tuple) and default != ""}
    assert set(stated) == plain
    for key, value in stated.items():
        default = keys[key]
        assert value == (list(default) if isinstance(default, tuple) else default), key
