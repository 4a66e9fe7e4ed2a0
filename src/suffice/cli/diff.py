"""`suffice diff VERSION VERSION`: what one data version has and another has not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from suffice.cli.options import Json

if TYPE_CHECKING:
    from suffice.records.dataset import Example
    from suffice.review.diff import Difference, VersionDiff

FIRST_ROWS = 5
VERSION = "`raw` (as read), `latest`, the beginning of a data version's name or hash, or its folder."


def run(
    first: Annotated[str, typer.Argument(metavar="VERSION", help=VERSION)],
    second: Annotated[str, typer.Argument(metavar="VERSION", help="Another.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to look for them; by default in suffice-out/*/data.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Count the rows added, dropped, relabelled and reworded between two data versions."""
    from suffice.cli.output import print_json
    from suffice.pipeline.rows.diff import diff

    found = diff(first, second, out=out, here=Path())
    if as_json:
        print_json(_document(found))
    else:
        _print(found)


def _document(found: VersionDiff) -> dict[str, Any]:
    from suffice.store.strict_json import plain

    return {
        "first": found.first,
        "second": found.second,
        "n_rows": list(found.n_rows),
        "n_added": len(found.added),
        "n_dropped": len(found.dropped),
        "n_relabelled": len(found.relabelled),
        "n_text_changed": len(found.reworded),
        "labels": [{"was": was, "became": became, "n": n} for (was, became), n in found.pairs],
        "added": [_named(row) for row in found.added],
        "dropped": [_named(row) for row in found.dropped],
        "changed": [plain(row) for row in found.changed],
    }


def _named(row: Example) -> dict[str, Any]:
    return {"id": row.id, "source": row.source, "row": row.row, "label": row.label}


def _print(found: VersionDiff) -> None:
    from suffice.cli.output import print_table, say

    kinds = {
        "added": [_place(row) for row in found.added],
        "dropped": [_place(row) for row in found.dropped],
        "relabelled": [_place(row) for row in found.relabelled],
        "text changed": [_place(row) for row in found.reworded],
    }
    say(f"{found.first} ({found.n_rows[0]:,} rows) to {found.second} ({found.n_rows[1]:,} rows)")
    if not any(kinds.values()):
        say("the same rows with the same labels")
        return
    print_table(("rows", "n"), [(kind, f"{len(places):,}") for kind, places in kinds.items() if places])
    if found.pairs:
        print_table(("relabelled", "rows"), [(f"{was} -> {became}", f"{n:,}") for (was, became), n in found.pairs])
    for kind, places in kinds.items():
        if places:
            more = f" and {len(places) - FIRST_ROWS:,} more" if len(places) > FIRST_ROWS else ""
            say(f"{kind}: {'; '.join(places[:FIRST_ROWS])}{more}")


def _place(row: Example | Difference) -> str:
    return f"{row.source}: row {row.row}"
