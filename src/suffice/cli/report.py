"""`suffice report RUN...`: one page about some runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suffice.cli.options import Json


def run(
    run_folders: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of finished runs.")],
    out: Annotated[Path, typer.Option("--out", help="The page to write.")] = Path("report.html"),
    as_json: Json = False,
) -> None:
    """Write one self-contained HTML page about finished runs."""
    from suffice.cli.output import print_json
    from suffice.pipeline.single import report_runs

    report_runs(run_folders, path=out)
    if as_json:
        print_json({"report": str(out)})
    else:
        print(f"report: {out}")
