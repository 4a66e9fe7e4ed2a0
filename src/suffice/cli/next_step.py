"""The commands that lead from an audit to a model on cleaned data, each named by the one before it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Literal

STEPS = ("audit", "review", "clean", "fit")


def commands_after(
    step: Literal["audit", "review", "clean"],
    task: Path,
    overrides: list[str] | None = None,
    *,
    out: Path | None,
    decisions: Path | None = None,
) -> dict[str, str]:
    """What to type after a step, one after the other, by the name of the command.

    Whatever was given to the step must be given here too.

    Args:
        step: the command that was run.
        task: the task file.
        overrides: `KEY=VALUE` as given.
        out: `--out`.
        decisions: `--decisions`, which a fit does not need: it takes the version that was cleaned.
    """
    rest = [str(task), *(overrides or []), *([] if out is None else ["--out", str(out)])]
    decided = [] if decisions is None else ["--decisions", str(decisions)]
    return {
        command: shlex.join(["suffice", command, *rest, *([] if command == "fit" else decided)])
        for command in STEPS[STEPS.index(step) + 1 :]
    }
