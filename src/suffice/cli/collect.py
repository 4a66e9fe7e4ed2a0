"""`suffice collect TASK`: requests worth a label to a file, and the labels back to a new data version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suffice.cli.options import Json, Out, Overrides, TaskFile, out_folder

if TYPE_CHECKING:
    from suffice.pipeline.shipped.collect import Collected, Gathered

FILE = "to_label.csv"
DAY_S = 86_400.0


def run(
    task: TaskFile,
    overrides: Overrides = None,
    labels: Annotated[
        Path | None, typer.Option(help="The file with labels typed in: makes a data version of it.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="File to add messages to; by default to_label.csv beside the task file.")
    ] = None,
    ledger: Annotated[str | None, typer.Option(help="As SQLAlchemy has it; by default your own.")] = None,
    bundle: Annotated[str | None, typer.Option(help="Name that it was served under, where there are several.")] = None,
    days: Annotated[float | None, typer.Option(help="Messages of so many days; by default all.", min=0.0)] = None,
    one_in: Annotated[int, typer.Option(help="Of how many messages one is drawn by chance.", min=1)] = 200,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Write the messages that are worth a label into a file; with --labels, make a data version of what was typed."""
    from time import time

    from suffice.cli.output import print_json
    from suffice.cli.progress import progress_for_person
    from suffice.pipeline.shipped.collect import collect, gather
    from suffice.store.requests import default_url
    from suffice.store.strict_json import plain
    from suffice.store.task_file import load_task

    loaded = load_task(task, overrides=overrides or ())
    if labels is None:
        gathered = gather(
            ledger or default_url(),
            bundle=bundle,
            since=None if days is None else time() - days * DAY_S,
            one_in=one_in,
            file=to or task.parent / FILE,
        )
        if as_json:
            print_json(plain(gathered))
        else:
            _print_gathered(gathered, task, outside=loaded.data.out_of_scope)
        return
    collected = collect(
        loaded,
        labels=labels,
        one_in=one_in,
        folder=task.parent,
        out=out_folder(out, task, loaded.name),
        progress=progress_for_person(),
    )
    if as_json:
        print_json(plain(collected))
    else:
        _print_collected(collected)


def _print_gathered(found: Gathered, task: Path, *, outside: str | None) -> None:
    import shlex

    from suffice.cli.output import say
    from suffice.store.labelling import NO_LABEL

    kinds = {
        "random": "drawn by chance",
        "disputed": "which an endpoint answered otherwise",
        "review": "for review",
        "escalated": "sent on to an endpoint",
    }
    new = ", ".join(f"{found.n_new[why]:,} {words}" for why, words in kinds.items() if why in found.n_new)
    say(f"{found.n_requests:,} answers; new in the file: {new or 'nothing'}")
    say(f"{found.n_unlabelled:,} rows wait for a label, {found.n_labelled:,} have one")
    or_outside = f"{outside} where the message is none of the task's, " if outside else ""
    say(
        f"type labels into the last column, {or_outside}{NO_LABEL} where none is right; what was answered is not shown "
        "on purpose"
    )
    # Printed as they are: a path that is wrapped can be neither clicked nor copied.
    print(f"file: {found.file}")
    print(f"next: {shlex.join(['suffice', 'collect', str(task), '--labels', str(found.file)])}")


def _print_collected(found: Collected) -> None:
    from suffice.cli.output import say
    from suffice.store.labelling import NO_LABEL
    from suffice.text.counted import counted

    left_out = {
        "without a label": found.n_unlabelled,
        f"said to have none ({NO_LABEL})": found.n_no_label,
        f"in {found.base} already": found.n_there,
        "copies or near-copies of rows of the data": found.n_copies,
        "flagged, with a near-copy among those drawn by chance": found.n_beside_random,
    }
    told = "; ".join(f"{n:,} {what}" for what, n in left_out.items() if n)
    if told:
        say(f"left out: {told}")
    if found.version is None:
        say(f"nothing new: {found.base} stays as it is")
        return
    added = ", ".join(f"{counted(n, 'row')} to {split}" for split, n in found.n_rows.items())
    say(f"{found.version.name}: {found.version.n_rows:,} rows, {added}; the test is as it was")
