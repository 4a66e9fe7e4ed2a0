"""The text of a decisions file to its decisions, and every line that is none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple

from suffice.errors import DataError, Problem, nearest, quoted
from suffice.records.decision import ACTIONS, Decision
from suffice.records.labels import LabelSet
from suffice.store import strict_json
from suffice.text.counted import counted


class Line(NamedTuple):
    """A decision and where it stands."""

    where: str
    """`decisions.jsonl:12`."""
    decision: Decision
    """What it says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """A decisions file, read."""

    lines: tuple[Line, ...]
    """Whole decisions, in the order of the file."""
    problems: tuple[Problem, ...]
    """Lines that are none."""


def read_decisions(text: str, *, name: str, labels: LabelSet) -> Recorded:
    """Reads a decisions file; a line that is no decision is told, and the others stand.

    Args:
        text: all of the file.
        name: its name.
        labels: the labels that a row may be given.

    Raises:
        DataError: it has lines and none of them is like a decision: another file, to which nothing may be appended.
    """
    _must_be_decisions(text, name)
    read = [
        _read(line, where=f"{name}:{number}", labels=labels)
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip()
    ]
    return Recorded(
        lines=tuple(line for line in read if isinstance(line, Line)),
        problems=tuple(problem for problem in read if isinstance(problem, Problem)),
    )


def _must_be_decisions(text: str, name: str) -> None:
    lines = [line for line in text.split("\n") if line.strip()]
    if (
        lines
        and not any(line.startswith("{") and '"text_sha256"' in line for line in lines)
        and lines[0][:6] != '{"who"'
    ):
        rule, got = (
            "must be a file of decisions, or not be there yet",
            f"{counted(len(lines), 'line')} without a decision",
        )
        raise DataError(Problem(where=name, rule=rule, got=got, fix="name another file with --decisions"))


def _read(line: str, *, where: str, labels: LabelSet) -> Line | Problem:
    try:
        value = json.loads(line)
    except ValueError:
        cut = line.startswith("{") and not line.rstrip().endswith("}")
        got = f"{quoted(line)}{', cut off in mid-line' if cut else ''}"
        fix = "decide about its row again, and take the line out, which is told until then; all others count"
        return Problem(where=where, rule="a line must be one decision in JSON", got=got, fix=fix)
    found = value if isinstance(value, dict) else {}
    action, became = found.get("action"), found.get("became")
    if "action" in found and action not in ACTIONS:
        got, fix = f"{action!r}{nearest(str(action), ACTIONS)}", f"one of {', '.join(ACTIONS)}"
        return Problem(where=where, rule="a decision must have a known action", got=got, fix=fix)
    if (action == "relabel" or became is not None) and became not in labels.names:
        rule = f"became must be one of the task's {len(labels)} labels"
        got, fix = f"{became!r}{nearest(str(became), labels.names)}", "correct the line, or add the label to `labels`"
        return Problem(where=where, rule=rule, got=got, fix=f"{fix} in task.yaml")
    try:
        return Line(where, strict_json.loads(line.encode(), Decision))
    except ValueError as error:
        fix = "correct the line, or take it out and decide about its row again"
        return Problem(where=where, rule="a decision must be whole", got=str(error), fix=fix)
