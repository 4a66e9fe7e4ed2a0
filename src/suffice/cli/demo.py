"""`suffice demo`: the main job on real messages, from nothing to a verdict and three answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suffice.cli.options import Json


def run(
    out: Annotated[Path, typer.Option("--out", help="Where to work.")] = Path("suffice-demo"),
    as_json: Json = False,
) -> None:
    """Show the whole road on real messages in eleven categories; exit 0 whatever the verdict."""
    from suffice.bundles import load_bundle
    from suffice.cli.next_step import commands_after
    from suffice.cli.output import print_json, print_table, say, say_item
    from suffice.cli.progress import progress_for_person
    from suffice.cli.summary import fit_document, print_fit
    from suffice.pipeline.demo import MINUTES, RUNGS, THREE_MESSAGES, demonstration
    from suffice.pipeline.fit import FitOptions, fit
    from suffice.pipeline.labels.audit import audit_task
    from suffice.pipeline.labels.planted import planted_found
    from suffice.report import audit_sentence

    progress = progress_for_person()
    demo = demonstration(out, progress=progress)
    progress.say(f"messages: {demo.messages}; task file: {out / 'task.yaml'}")
    options = FitOptions(rungs=RUNGS, all_rungs=True, seed=0, max_minutes=MINUTES)
    audited = audit_task(
        demo.task,
        commands=commands_after("audit", out / "task.yaml", out=out / "fit"),
        folder=demo.folder,
        out=out / "fit",
        also_test=False,
        decisions=demo.folder / "decisions.jsonl",
        progress=progress,
    )
    outcome = fit(demo.task, options, folder=demo.folder, out=out / "fit", progress=progress)
    bundle = next(rung.bundle for rung in outcome.rungs if rung.rung == outcome.proposal.rung)
    assert bundle is not None, "the demonstration asks no endpoint"
    answers = load_bundle(bundle).classify(THREE_MESSAGES)
    planted = planted_found(audited) if demo.planted else ()
    if as_json:
        classified = [{"text": a.text, "label": a.label, "probability": a.probability} for a in answers]
        found = {"classified": classified, "planted": list(planted)}
        print_json(fit_document(outcome, out=out / "fit") | found)
        return
    print_fit(outcome, out=out / "fit")
    say(f"{audit_sentence(audited.data, audited.audit)} The page: {out / 'fit' / 'audit.html'}")
    for sentence in planted:
        say_item(sentence)
    say(f"three messages through {bundle}:")
    print_table(("message", "label", "probability"), [(a.text, a.label, f"{a.probability:.2f}") for a in answers])
