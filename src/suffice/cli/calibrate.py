"""`suffice calibrate BUNDLE`: which answers may be given by themselves, and what is promised of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suffice.cli.options import Json


def run(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder that fit wrote.")],
    max_error: Annotated[
        float, typer.Option(help="The most that may be wrong of the answers given.", min=1e-6, max=0.999)
    ] = 0.02,
    confidence: Annotated[float, typer.Option(help="That it holds.", min=0.5, max=0.9999)] = 0.95,
    out: Annotated[Path | None, typer.Option("--out", help="Output folder of the fit, where the bundle left it.")] = (
        None
    ),
    decisions: Annotated[
        Path | None, typer.Option(help="What people decided about rows; by default beside the output folder.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Find the threshold above which answers may be given, on the calibration rows, and write it into the bundle."""
    from suffice.cli.output import print_json, print_table, say
    from suffice.cli.progress import progress_for_person
    from suffice.pipeline.calibrate import calibrate
    from suffice.store.strict_json import plain
    from suffice.text.promise_words import promise_sentence

    found = calibrate(
        bundle,
        out=out,
        decisions=decisions,
        max_error=max_error,
        confidence=confidence,
        progress=progress_for_person(),
    )
    if as_json:
        print_json(plain(found))
    else:
        say(promise_sentence(found))
        if found.threshold is not None:
            rows = [
                [one.label, f"{one.n:,}", f"{one.n_wrong:,}", "" if one.upper is None else f"{one.upper:.3f}"]
                for one in found.labels
            ]
            print_table(["answered with", "rows", "wrong", f"at most ({found.confidence:g})"], rows)
    return 0 if found.threshold is not None else 3
