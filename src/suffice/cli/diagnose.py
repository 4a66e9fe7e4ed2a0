"""`suffice diagnose RUN...`: what is in the way of the target, by runs that there are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suffice.cli.options import Json


def run(
    run_folders: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Folders of finished runs, or output folders of fits.")
    ],
    decisions: Annotated[Path | None, typer.Option(help="What people decided about rows: decisions.jsonl.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
    as_json: Json = False,
) -> None:
    """Say what is in the way of the target; nothing is trained, and the test stays sealed."""
    from suffice.cli.capability import print_capability
    from suffice.cli.diagnosis import diagnosis_document, print_diagnosis, print_sensitivity, print_symptoms
    from suffice.cli.output import print_json, say
    from suffice.cli.summary import print_reasons, verdict_document
    from suffice.pipeline.diagnose import diagnose_runs
    from suffice.report import break_even_sentences, rounds_sentence
    from suffice.text.counted import counted

    found = diagnose_runs(run_folders, decisions=decisions, seed=seed)
    if as_json:
        print_json(
            {
                "verdict": verdict_document(found.verdict),
                **diagnosis_document(
                    found.diagnosis,
                    found.symptoms,
                    found.capability,
                    break_even=found.break_even,
                    rounds=found.rounds,
                    openings=found.openings,
                    not_run=found.not_run,
                ),
                "runs": list(found.runs),
            }
        )
        return
    code, runs = found.verdict.code.replace("_", " "), counted(len(found.runs), "run")
    say(f"{code}: of {runs} {found.proposal.rung} is proposed")
    print_reasons(found.verdict)
    rounds = [] if found.rounds is None else [rounds_sentence(found.rounds)]
    not_run = (f"not run: {rung} ({why})" for rung, why in found.not_run)
    for sentence in (*not_run, *found.notes, *break_even_sentences(found.break_even, found.capability), *rounds):
        say(f"- {sentence}")
    print_diagnosis(found.diagnosis, proven=found.verdict.rung is not None)
    print_symptoms(found.symptoms, rung=found.proposal.rung, kind=found.kind)
    print_sensitivity(found.diagnosis.sensitivity, kind=found.kind)
    print_capability(found.capability)
