"""`suffice calibrate BUNDLE`: which answers may be given, what is promised of them, and what is out of scope."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suffice.cli.options import Json

if TYPE_CHECKING:
    from suffice.pipeline.shipped.calibrate import Calibrated


def run(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder that fit wrote.")],
    max_error: Annotated[
        float, typer.Option(help="The most that may be wrong of the answers given.", min=1e-6, max=0.999)
    ] = 0.02,
    confidence: Annotated[float, typer.Option(help="That it holds.", min=0.5, max=0.9999)] = 0.95,
    false_refusals: Annotated[
        float, typer.Option(help="The most messages in scope that may be taken for out of scope.", min=1e-4, max=0.5)
    ] = 0.05,
    out: Annotated[Path | None, typer.Option("--out", help="Output folder of the fit, where the bundle left it.")] = (
        None
    ),
    decisions: Annotated[
        Path | None, typer.Option(help="What people decided about rows; by default beside the output folder.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Find which answers may be given and which messages are out of scope, on rows that the bundle has not seen."""
    from suffice.cli.output import print_json, print_table, say
    from suffice.cli.progress import progress_for_person
    from suffice.pipeline.shipped.calibrate import calibrate
    from suffice.store.strict_json import plain
    from suffice.text.promise_words import promise_sentence
    from suffice.text.scope_words import scope_sentence

    calibrated = calibrate(
        bundle,
        out=out,
        decisions=decisions,
        max_error=max_error,
        confidence=confidence,
        max_refused=false_refusals,
        progress=progress_for_person(),
    )
    found, scope = calibrated.promise, calibrated.scope
    if as_json:
        versions = {"version_before": calibrated.version_before, "version": calibrated.version}
        print_json(plain(found) | {"out_of_scope": plain(scope), "in_force": plain(calibrated.in_force)} | versions)
    else:
        say(promise_sentence(found))
        if found.threshold is not None:
            rows = [
                [one.label, f"{one.n:,}", f"{one.n_wrong:,}", "" if one.upper is None else f"{one.upper:.3f}"]
                for one in found.labels
            ]
            print_table(["answered with", "rows", "wrong", f"at most ({found.confidence:g})"], rows)
        if scope is not None:
            say(scope_sentence(scope))
        say(_in_force(calibrated))
        say(_written(bundle, calibrated))
    return 0 if found.threshold is not None else 3


def _in_force(calibrated: Calibrated) -> str:
    """What the bundle promises now, where that is not what was found."""
    kept = calibrated.in_force
    if calibrated.promise.threshold is not None:
        return "In force: this promise."
    if kept is None:
        return "In force: no promise, so that no answer is held to be unsure."
    return (
        f"In force: the promise of before, which stays in the bundle: at most {kept.max_error:.4g} wrong, with "
        f"confidence {kept.confidence:g}, of answers that are at least {kept.threshold:.4g} sure."
    )


def _written(bundle: Path, calibrated: Calibrated) -> str:
    """What became of the bundle, and what a server knows of it."""
    if calibrated.version == calibrated.version_before:
        return f"{bundle} is as it was, version {calibrated.version}."
    return (
        f"Written into {bundle}: version {calibrated.version}, before {calibrated.version_before}. A server that runs "
        "answers by the version that it has loaded until it loads this one (/v1/load_lora_adapter) or is started anew."
    )
