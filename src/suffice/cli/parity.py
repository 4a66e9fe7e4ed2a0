"""`suffice parity BUNDLE DIR`: whether an export answers as its bundle does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suffice.cli.options import Json


def run(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What was exported.")],
    export: Annotated[Path, typer.Argument(metavar="DIR", help="What `suffice export` wrote.")],
    out: Annotated[Path | None, typer.Option("--out", help="Output folder of the fit, where the bundle left it.")] = (
        None
    ),
    limit: Annotated[int, typer.Option(help="Validation messages to ask both.", min=1)] = 200,
    as_json: Json = False,
) -> None:
    """Answer held-out messages by both, compare prompts, labels and probabilities, and name a fault."""
    from suffice.cli.output import print_json, say
    from suffice.pipeline.shipped.leaving import parity_on_validation
    from suffice.store.strict_json import plain

    found = parity_on_validation(bundle, export, out=out, limit=limit)
    if as_json:
        print_json(plain(found))
        return
    say(
        f"{export} answers as the bundle does: over {found.n:,} messages the same prompts, token for token, the same "
        f"label for {found.same_labels:.1%}, and no probability more than {found.largest:.4f} off"
    )
