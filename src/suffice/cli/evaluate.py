"""`suffice evaluate`: figures of a finished run again, or of completions that any system wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suffice.cli.options import Json, Overrides, must_be_absent
from suffice.errors import Problem, TaskError

if TYPE_CHECKING:
    from suffice.pipeline.completions import CompletionFiles, ScoredCompletions


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
        typer.Option(
            help='Score what a system wrote: lines {"id": ..., "completion": ...} or {"id": ..., "tool_calls": [...]}; '
            "what `suffice answer` printed; or a run's completions.jsonl, of rows that are not sealed."
        ),
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Other completions of the same rows, to compare the first ones with, paired.")
    ] = None,
    rejected: Annotated[
        Path | None,
        typer.Option(help="Ids of rows whose right answer you have rejected, one a line: accuracy without them, too."),
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
    given = {
        "KEY=VALUE": overrides,
        "--against": against,
        "--rejected": rejected,
        "--allow-missing": allow_missing,
        "--out": out,
    }
    if completions is None:
        must_be_absent(given, because="it goes with --completions FILE.jsonl and a task file")
        _run(what, test=test, as_json=as_json)
        return
    from suffice.pipeline.completions import CompletionFiles

    must_be_absent({"--test": test}, because="completions were written elsewhere, and there is no run to open it for")
    files = CompletionFiles(path=completions, against=against, rejected=rejected, allow_missing=allow_missing)
    scored = _scored(what, files, overrides=overrides or [], seed=seed)
    _tell(scored, name=completions.name, out=out, as_json=as_json)


def _run(run_folder: Path, *, test: bool, as_json: bool) -> None:
    from suffice.cli.completions import layers_document, print_layers
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


def _scored(task_file: Path, files: CompletionFiles, *, overrides: Sequence[str], seed: int) -> ScoredCompletions:
    from suffice.cli.progress import progress_for_person
    from suffice.pipeline.completions import score_completions
    from suffice.store.task_file import COMPLETED, load_task

    task = load_task(task_file, overrides=overrides, kinds=COMPLETED)
    return score_completions(task, files, folder=task_file.parent, seed=seed, progress=progress_for_person())


def _tell(scored: ScoredCompletions, *, name: str, out: Path | None, as_json: bool) -> None:
    from suffice.cli.completions import completions_document, print_completions
    from suffice.cli.output import print_json
    from suffice.store import strict_json

    if out is not None:
        strict_json.write(out, scored)
    if as_json:
        print_json(completions_document(scored))
    else:
        print_completions(scored, name=name)
