"""`suffice models list|pull`: base models by name, and bringing one to this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from suffice.cli.options import Json

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List base models, or bring one to this machine.")


@app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the base models that have a short name."""
    from suffice.base_models import CATALOGUE, find_local
    from suffice.cli.output import print_json, print_table

    here = {entry.name: find_local(entry) is not None for entry in CATALOGUE}
    if as_json:
        keys = ("name", "kind", "hub_id", "n_total", "licence", "what")
        print_json([{key: getattr(e, key) for key in keys} | {"here": here[e.name]} for e in CATALOGUE])
        return
    rows = [(e.name, f"{e.n_total / 1e6:.0f}M", "here" if here[e.name] else "", e.licence, e.hub_id) for e in CATALOGUE]
    print_table(("name", "size", "state", "licence", "hub id"), rows)


@app.command("pull")
def pull_models(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Catalogue names, hub ids, or paths.")],
    as_json: Json = False,
) -> None:
    """Bring base models to this machine, convert them once, and check their hashes."""
    from suffice.base_models import locate
    from suffice.cli.output import print_json
    from suffice.cli.progress import progress_for_person

    found = [locate(name, progress=progress_for_person()) for name in names]
    if as_json:
        print_json([{"name": f.name, "folder": str(f.folder), "fingerprint": f.fingerprint} for f in found])
        return
    for files in found:
        print(f"{files.name}: {files.folder} ({files.size_bytes / 1e6:.0f} MB, {files.fingerprint[:12]})")
