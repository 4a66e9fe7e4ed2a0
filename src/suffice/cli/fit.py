"""`suffice fit TASK`: the whole road, from the task file to a verdict, a report and a bundle per rung."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import typer

from suffice.cli.options import Json, NTrain, Out, Overrides, Seed, TaskFile, out_folder, with_n_train
from suffice.errors import Problem, TaskError, nearest, quoted
from suffice.records.next_cells import INTERVENTIONS, Intervention

TARGET_NOT_MET = 3


def run(
    task: TaskFile,
    overrides: Overrides = None,
    rungs: Annotated[str | None, typer.Option(help="These rungs, all of them: tfidf,smollm2-135m")] = None,
    all_rungs: Annotated[bool, typer.Option("--all-rungs", help="Do not stop at the first rung that will do.")] = False,
    n_train: NTrain = None,
    seed: Seed = 0,
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Train each network under so many seeds.")] = 1,
    max_minutes: Annotated[
        float | None,
        typer.Option(min=0, help="Start no cell after this long; reading, the audit and the test come on top."),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what would be run and could be proven; run nothing.")
    ] = False,
    on: Annotated[Literal["here", "ray"], typer.Option(help="Where cells are run: a Ray cluster runs many.")] = "here",
    skip: Annotated[
        list[str] | None, typer.Option("--skip", help="Leave an intervention out, as training; may be repeated.")
    ] = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Climb the ladder, prove what it proposes on the sealed test, and write a report and bundles."""
    from suffice.cli.fit_plan import tell_plan
    from suffice.cli.output import print_json
    from suffice.cli.progress import progress_for_person
    from suffice.cli.summary import fit_document, print_fit
    from suffice.pipeline.fit import FitOptions, fit
    from suffice.pipeline.fit_plan import plan_fit
    from suffice.store.task_file import FITTED, load_task

    progress = progress_for_person()
    loaded = load_task(task, overrides=with_n_train(overrides, n_train), kinds=FITTED)
    options = FitOptions(
        rungs=_listed(rungs),
        all_rungs=all_rungs,
        seed=seed,
        max_minutes=max_minutes,
        n_seeds=seeds,
        on=on,
        skip=_interventions(skip or ()),
    )
    folder = out_folder(out, task, loaded.name)
    if plan:
        tell_plan(plan_fit(loaded, options, folder=task.parent, out=folder, progress=progress), as_json=as_json)
        return
    outcome = fit(loaded, options, folder=task.parent, out=folder, progress=progress)
    if as_json:
        print_json(fit_document(outcome, out=folder))
    else:
        print_fit(outcome, out=folder)
    if outcome.verdict.rung is None:
        raise typer.Exit(TARGET_NOT_MET)


def _interventions(names: Sequence[str]) -> tuple[Intervention, ...]:
    problems = [
        Problem(
            where="--skip",
            rule=f"must be an intervention: {', '.join(INTERVENTIONS)}",
            got=f"{quoted(name)}{nearest(name, INTERVENTIONS)}",
            fix="correct the name, or leave the option out",
        )
        for name in names
        if name not in INTERVENTIONS
    ]
    if problems:
        raise TaskError(problems)
    return tuple(one for one in INTERVENTIONS if one in names)


def _listed(rungs: str | None) -> tuple[str, ...] | None:
    return None if rungs is None else tuple(name.strip() for name in rungs.split(",") if name.strip())
