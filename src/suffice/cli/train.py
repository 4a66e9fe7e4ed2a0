"""`suffice train TASK --rung R`: one rung, judged on validation; the test stays sealed."""

from __future__ import annotations

from typing import Annotated

import typer

from suffice.cli.options import Json, NTrain, Out, Overrides, Seed, TaskFile, out_folder, with_n_train


def run(
    task: TaskFile,
    overrides: Overrides = None,
    rung: Annotated[str, typer.Option(help="The rung to fit: tfidf, encoder, smollm2-135m, a hub id or a path.")] = "",
    n_train: NTrain = None,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Fit one rung and judge it on validation; the sealed test is not opened."""
    from suffice.cli.output import print_json
    from suffice.cli.progress import progress_for_person
    from suffice.cli.run_summary import print_run, run_document
    from suffice.pipeline.single import train_rung
    from suffice.store.task_file import FITTED, load_task

    loaded = load_task(task, overrides=with_n_train(overrides, n_train), kinds=FITTED)
    folder = out_folder(out, task, loaded.name)
    manifest = train_rung(loaded, rung, folder=task.parent, out=folder, seed=seed, progress=progress_for_person())
    place = folder / "runs" / manifest.name
    if as_json:
        print_json(run_document(manifest, place))
    else:
        print_run(manifest, place)
