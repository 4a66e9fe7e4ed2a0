"""`suffice bundle BUNDLE`: check a bundle's hashes, or make it whole with its base model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suffice.cli.options import Json


def run(
    folder: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder that fit wrote.")],
    with_base: Annotated[bool, typer.Option("--with-base", help="Copy the base model into the bundle.")] = False,
    as_json: Json = False,
) -> None:
    """Check every hash of a bundle; with --with-base, copy its base model in."""
    from suffice.bundles.folder import add_base, verify
    from suffice.cli.output import print_json
    from suffice.store.files import folder_bytes

    if with_base:
        add_base(folder)
    record = verify(folder)
    size = folder_bytes(folder)
    if as_json:
        base = None if record.base is None else record.base.name
        print_json({"bundle": str(folder), "rung": record.rung, "base": base, "size_bytes": size})
        return
    print(f"{folder}: {record.rung}, every hash matches, {size / 1e6:.1f} MB")
