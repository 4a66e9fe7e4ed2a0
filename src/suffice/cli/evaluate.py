"""`suffice evaluate RUN`: a finished run's figures on validation, or on the sealed test, which counts an opening."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suffice.cli.options import Json


def run(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")],
    test: Annotated[
        bool, typer.Option("--test", help="Open the sealed test for this run; the ledger counts it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Score a finished run again, through the code that serves."""
    from suffice.cli.output import print_json, say
    from suffice.cli.progress import progress_for_person
    from suffice.cli.run_summary import print_evaluation
    from suffice.pipeline.single import evaluate_run
    from suffice.store.strict_json import plain

    measured = evaluate_run(run_folder, test=test, progress=progress_for_person())
    if as_json:
        print_json({"opening": measured.opening, **plain(measured.evaluation)})
        return
    print_evaluation(measured.evaluation)
    if measured.opening is not None:
        say(f"this was opening {measured.opening} of this test split")
