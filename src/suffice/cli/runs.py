"""`suffice runs list|rm`: what lies on disk, and how to get rid of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suffice.cli.options import Json

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List or remove runs, with the disk they use.")
Folder = Annotated[Path, typer.Argument(metavar="OUT", help="The output folder of a fit.")]
MEGABYTE = 1_000_000


@app.command("list")
def list_runs(out: Folder, as_json: Json = False) -> None:
    """List the runs of an output folder."""
    from suffice.cli.output import print_json, print_table, say
    from suffice.pipeline.stored import stored_runs

    found = stored_runs(out)
    if as_json:
        print_json(
            [
                {"run": run.name, "state": run.state, "accuracy": run.accuracy, "size_bytes": run.size_bytes}
                for run in found
            ]
        )
        return
    rows = [
        (run.name, run.state, "" if run.accuracy is None else f"{run.accuracy:.3f}", f"{run.size_bytes / MEGABYTE:.1f}")
        for run in found
    ]
    print_table(("run", "state", "validation", "MB"), rows)
    say(f"{len(found)} runs, {sum(run.size_bytes for run in found) / MEGABYTE:.1f} MB in {out / 'runs'}")


@app.command("rm")
def remove_runs(
    out: Folder,
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Runs to remove.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Remove every run of the folder.")] = False,
    as_json: Json = False,
) -> None:
    """Remove runs; bundles and reports stay."""
    from suffice.cli.output import print_json
    from suffice.pipeline.stored import remove_stored

    removed = remove_stored(out, None if everything else tuple(names or ()))
    if as_json:
        print_json({"removed": [run.name for run in removed], "bytes": sum(run.size_bytes for run in removed)})
        return
    for run in removed:
        print(f"removed {run.name} ({run.size_bytes / MEGABYTE:.1f} MB)")
