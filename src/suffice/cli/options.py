"""Options that several commands share, spelled once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from suffice.errors import Problem, TaskError

TaskFile = Annotated[Path, typer.Argument(metavar="TASK", help="The task file.")]
Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="[KEY=VALUE]...", help="Settings that take the place of the file's: train.epochs=3"),
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Where to write; by default suffice-out/NAME beside the task file.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output and nothing else.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Initialisation, shuffles and subsets; never the split.")]
NTrain = Annotated[int | None, typer.Option(min=1, help="Fit on at most this many training rows.")]
Decisions = Annotated[
    Path | None, typer.Option("--decisions", help="File of decisions; by default decisions.jsonl beside the task file.")
]


def out_folder(out: Path | None, task_file: Path, name: str) -> Path:
    """Where a task's work lies.

    Args:
        out: `--out`.
        task_file: the task file.
        name: the task's name.
    """
    return out if out is not None else task_file.parent / "suffice-out" / name


def with_n_train(overrides: list[str] | None, n_train: int | None) -> list[str]:
    """The overrides, `--n-train` among them.

    Args:
        overrides: `KEY=VALUE` as given.
        n_train: `--n-train`.
    """
    return [*(overrides or []), *([] if n_train is None else [f"train.n_train={n_train}"])]


def decisions_file(decisions: Path | None, task_file: Path, *, must_be_there: bool) -> Path:
    """Where a task's decisions are.

    Args:
        decisions: `--decisions`.
        task_file: the task file.
        must_be_there: whether a file that was named has to exist; the default one never has to.

    Raises:
        TaskError: it does not.
    """
    if decisions is not None and must_be_there and not decisions.exists():
        fix = "correct the name; `suffice review` writes decisions.jsonl beside the task file unless told otherwise"
        rule = "must name a file of decisions"
        raise TaskError(Problem(where="--decisions", rule=rule, got=f"no file {str(decisions)!r}", fix=fix))
    return decisions if decisions is not None else task_file.parent / "decisions.jsonl"


def must_be_absent(options: Mapping[str, object], *, because: str) -> None:
    """Refuses options that belong to another use of a command.

    Args:
        options: by name, with what is given for each.
        because: why they do not fit.

    Raises:
        TaskError: one of them is given.
    """
    for option, value in options.items():
        if value:
            fix = "take it out, or see `--help`"
            raise TaskError(Problem(where=option, rule=f"does not fit here: {because}", got=str(value), fix=fix))
