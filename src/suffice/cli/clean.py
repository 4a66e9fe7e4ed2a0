"""`suffice clean TASK`: people's decisions and the safe rules, applied to a new data version."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from suffice.cli.next_step import commands_after
from suffice.cli.options import Decisions, Json, Out, Overrides, TaskFile, decisions_file, out_folder

if TYPE_CHECKING:
    from suffice.pipeline.labels.clean import CleanOutcome


_SHOWN = 20
"""Rows that the command to look at them again names."""


def run(
    task: TaskFile,
    overrides: Overrides = None,
    decisions: Decisions = None,
    also_test: Annotated[
        bool, typer.Option("--also-test", help="Apply blind decisions to validation, calibration and test rows too.")
    ] = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Drop copies and conflicts, apply decisions, and write a new data version with what went and why."""
    from suffice.cli.output import print_json, tell_problems
    from suffice.cli.progress import progress_for_person
    from suffice.pipeline.labels.clean import clean
    from suffice.store.task_file import load_task

    loaded = load_task(task, overrides=overrides or ())
    folder, file = out_folder(out, task, loaded.name), decisions_file(decisions, task, must_be_there=True)
    outcome = clean(
        loaded, decisions=file, also_test=also_test, folder=task.parent, out=folder, progress=progress_for_person()
    )
    tell_problems(outcome.problems)
    if as_json:
        print_json(_document(outcome, folder))
    else:
        review = commands_after("audit", task, overrides, out=out, decisions=decisions)["review"]
        command = commands_after("clean", task, overrides, out=out)["fit"]
        _print(outcome, out=folder, review=review, command=command)


def _document(outcome: CleanOutcome, out: Path) -> dict[str, Any]:
    from suffice.pipeline.labels.clean import reasons
    from suffice.store.strict_json import plain

    version, cleaned = outcome.version, outcome.cleaned
    return {
        "raw": outcome.raw,
        "version": None if version is None else version.name,
        "is_new": outcome.is_new,
        "n_rows": {"before": outcome.n_rows, "after": len(cleaned.rows)},
        "n_decided": outcome.n_decided,
        "changes": [{"what": what, "why": why, "n": n} for (what, why), n in reasons(cleaned).items()],
        "waiting": cleaned.waiting,
        "seen": cleaned.seen,
        "emptied": list(cleaned.emptied),
        "contradicting": cleaned.contradicting,
        "problems": [plain(problem) for problem in outcome.problems],
        "rows": None if version is None else str(out / "data" / version.name / "changes.jsonl"),
    }


def _print(outcome: CleanOutcome, *, out: Path, review: str, command: str) -> None:
    from suffice.cli.output import print_table, say
    from suffice.pipeline.labels.clean import reasons
    from suffice.text.counted import counted

    version, cleaned = outcome.version, outcome.cleaned
    if cleaned.changes:
        print_table(
            ("what and why", "rows"), [(f"{what:<11}{why}", f"{n:,}") for (what, why), n in reasons(cleaned).items()]
        )
    if cleaned.emptied:
        say(f"no training row is left of: {', '.join(cleaned.emptied)}; a rung fitted on this never learns it")
    if cleaned.contradicting:
        messages = counted(len(cleaned.contradicting), "message")
        some = [row_id for rows in cleaned.contradicting for row_id in rows][:_SHOWN]
        say(f"{messages} still under several labels: people kept them so, or disagree; to look at them again:")
        # Printed as it is: a command that is wrapped cannot be copied.
        print(f"{review} {shlex.join(f'--row={row_id}' for row_id in some)}")
    if outcome.problems:
        said = counted(len(outcome.problems), "part")
        say(f"{said} of the decisions file changed nothing: told on standard error, with the reason")
    if cleaned.waiting:
        rows = counted(cleaned.waiting, "held-out row")
        say(f"{rows} would change by decisions, with --also-test alone: figures so far were held against held-out rows")
    if cleaned.seen:
        rows = counted(cleaned.seen, "held-out row")
        say(f"{rows} stay as they are: decided with the models' suggestion in sight, which no held-out label may be")
    if version is None:
        say(f"nothing to change in {outcome.raw}: no version is written")
        if outcome.left_over:
            say(f"{outcome.left_over}, cleaned before, is still the newest; data.version=raw goes back behind it")
        return
    if not outcome.is_new:
        say(f"nothing to do: the newest version is already that, {version.name}")
        return
    say(f"{version.name}: {version.n_rows:,} of {outcome.n_rows:,} rows; the source file is as it was")
    # Printed as they are: a path that is wrapped can be neither clicked nor copied.
    print(f"every change: {out / 'data' / version.name / 'changes.jsonl'}")
    print(f"next: {command}")
