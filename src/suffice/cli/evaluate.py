"""`suffice evaluate`: figures of a finished run again, or of completions that any system wrote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from suffice.cli.options import Json, Overrides
from suffice.errors import Problem, TaskError


def run(
    what: Annotated[
        Path, typer.Argument(metavar="RUN|TASK", help="The folder of a finished run; with --completions a task file.")
    ],
    overrides: Overrides = None,
    test: Annotated[
        bool, typer.Option("--test", help="Open the sealed test for this run; the ledger counts it.")
    ] = False,
    completions: Annotated[
        Path | None,
        typer.Option(help='Score what a system wrote: a file of lines {"id": ..., "completion": ...}; no model runs.'),
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Other completions of the same rows, to compare the first ones with, paired.")
    ] = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Leave out rows without a completion instead of refusing them.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Of completions: write every layer and every row as JSON into this file.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Of completions: shuffles and the bootstrap.")] = 0,
    as_json: Json = False,
) -> None:
    """Score a finished run again, through the code that serves; or completions that any system wrote."""
    given = {"KEY=VALUE": overrides, "--against": against, "--allow-missing": allow_missing, "--out": out}
    if completions is not None:
        _must_be_absent(
            {"--test": test}, because="completions were written elsewhere, and there is no run to open it for"
        )
        _completions(what, completions, against, overrides or [], allow_missing, out, seed, as_json)
    else:
        _must_be_absent(given, because="it goes with --completions FILE.jsonl and a task file")
        _run(what, test=test, as_json=as_json)


def _run(run_folder: Path, *, test: bool, as_json: bool) -> None:
    from suffice.cli.answers import layers_document, print_layers
    from suffice.cli.output import print_json, say
    from suffice.cli.progress import progress_for_person
    from suffice.cli.run_summary import print_evaluation
    from suffice.pipeline.single import evaluate_run
    from suffice.store.strict_json import plain

    if run_folder.is_file():
        fix = "name the folder of a run; or score completions of a task with --completions FILE.jsonl"
        raise TaskError(Problem(where=str(run_folder), rule="a run is a folder", got="a file", fix=fix))
    measured = evaluate_run(run_folder, test=test, progress=progress_for_person())
    if as_json:
        layers = {} if measured.answers is None else {"answers": layers_document(measured.answers)}
        print_json({"opening": measured.opening, **plain(measured.evaluation), **layers})
        return
    if measured.answers is not None:
        print_layers(measured.answers, name=f"{measured.evaluation.rung}, {measured.evaluation.split}")
    else:
        print_evaluation(measured.evaluation)
    if measured.opening is not None:
        say(f"this was opening {measured.opening} of this test split")


def _completions(
    task_file: Path,
    completions: Path,
    against: Path | None,
    overrides: list[str],
    allow_missing: bool,
    out: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    from suffice.cli.answers import answers_document, print_answers
    from suffice.cli.output import print_json
    from suffice.cli.progress import progress_for_person
    from suffice.pipeline.completions import score_completions
    from suffice.store import strict_json
    from suffice.store.task_file import ANSWERED, load_task

    scored = score_completions(
        load_task(task_file, overrides=overrides, kinds=ANSWERED),
        completions,
        against=against,
        folder=task_file.parent,
        allow_missing=allow_missing,
        seed=seed,
        progress=progress_for_person(),
    )
    if out is not None:
        strict_json.write(out, scored)
    if as_json:
        print_json(answers_document(scored))
    else:
        print_answers(scored, name=completions.name)


def _must_be_absent(options: Mapping[str, object], *, because: str) -> None:
    """Refuses options that belong to the other use of the command.

    Raises:
        TaskError: one of them is given.
    """
    for option, value in options.items():
        if value:
            fix = "take it out, or see `suffice evaluate --help`"
            raise TaskError(Problem(where=option, rule=f"does not fit here: {because}", got=str(value), fix=fix))
