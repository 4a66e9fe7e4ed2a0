"""`suffice export BUNDLE`: a tuned language model for transformers, PEFT or vLLM, or its rows for tuning elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def run(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder that fit wrote.")],
    to: Annotated[
        Literal["peft", "merged", "vllm", "openai-jsonl"],
        typer.Option(help="The form; openai-jsonl is its training rows as chats."),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder to write; a file for openai-jsonl.")],
    fit_out: Annotated[
        Path | None, typer.Option(help="Output folder of the fit, for openai-jsonl, where the bundle left it.")
    ] = None,
) -> None:
    """Write a bundle for another engine, with the exact prompt; `suffice parity` then holds both together."""
    from suffice.cli.output import say

    if to == "openai-jsonl":
        from suffice.pipeline.shipped.leaving import write_chats

        n = write_chats(bundle, out, out=fit_out)
        say(f"{out}: {n:,} training messages as chats; they hold the messages themselves")
        return
    from suffice.export import FORMS, export_bundle

    (form,) = [one for one in FORMS if one.name == to]
    contract = export_bundle(bundle, out, form=form)
    say(f"{out}: {contract.base} for {to}, {len(contract.labels)} labels; its README says how to ask it")
    say(f"hold it against the bundle before you use it: suffice parity {bundle} {out}")
