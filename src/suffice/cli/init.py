"""`suffice init FILE`: a task file, and what was guessed for it and why."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from suffice.cli.options import Json


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV, JSONL, JSON or Parquet with a label each.")],
    task: Annotated[Path, typer.Option(help="Where to write the task file.")] = Path("task.yaml"),
    at_least: Annotated[
        float | None, typer.Option(help="The accuracy that suffices, a fraction; 0.95 when nothing is said.")
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option("--text", help="Column of the message; again for one to be joined to it.")
    ] = None,
    label: Annotated[str | None, typer.Option("--label", help="Column of the label.")] = None,
    group: Annotated[str | None, typer.Option("--group", help="Column of a customer or thread.")] = None,
    time: Annotated[str | None, typer.Option("--time", help="Column of the time: the test is the latest part.")] = None,
    as_json: Json = False,
) -> None:
    """Write task.yaml for a file of labelled messages, and say what was guessed and why."""
    from suffice.cli.output import print_json, say_item
    from suffice.cli.progress import progress_for_person
    from suffice.pipeline.rows.init import init_task

    named = {"text": tuple(text) if text else None, "label": label, "group": group, "time": time}
    given = {role: column for role, column in named.items() if column is not None}
    started = init_task(file, task, given=given, at_least=at_least, progress=progress_for_person())
    if as_json:
        print_json({"task": str(task), "guesses": list(started.guesses), "plan": list(started.plan)})
        return
    for sentence in (*started.guesses, *started.plan):
        say_item(sentence)
    # Printed as it is: a command that is wrapped cannot be copied.
    print(f"wrote {task}; look it over, then: suffice fit {shlex.quote(str(task))}")
