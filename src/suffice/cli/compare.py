"""`suffice compare RUN RUN`: two artefacts on the same validation rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suffice.cli.options import Json

if TYPE_CHECKING:
    from suffice.records.evaluation import SliceChange


def run(
    first: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")],
    second: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of another.")],
    as_json: Json = False,
) -> None:
    """Compare two runs on the rows that both answered: exact McNemar and the paired score interval."""
    from suffice.cli.output import print_json, print_table, say
    from suffice.pipeline.single import compare_folders
    from suffice.store.strict_json import plain
    from suffice.text.rounding import difference, signed_points

    found = compare_folders(first, second)
    if as_json:
        print_json(plain(found))
        return
    say(
        f"{found.first} minus {found.second} on {found.n:,} {found.split} rows: {difference(found.difference)} "
        f"({signed_points(found.interval)}); right alone {found.n_only_first:,} "
        f"and {found.n_only_second:,} times, exact McNemar, groups whole, p = {found.p_value:.3g}. "
        "It speaks of these two runs, not of their recipes."
    )
    if found.slices:
        header = ("slice", "rows", "change, points", "95% interval", "p", "q")
        print_table(header, [_row(one) for one in found.slices])
        say(
            "q is p with all slices taken into account (Benjamini-Hochberg): of slices called changed at a q of 0.05 "
            "or less, one in twenty is not."
        )


def _row(one: SliceChange) -> tuple[str, ...]:
    from suffice.text.rounding import difference, signed_points

    if one.difference is None or one.interval is None or one.p_value is None or one.q_value is None:
        return (one.name, "0", "", "", "", "")
    return (
        one.name,
        f"{one.n:,}",
        difference(one.difference).partition(" ")[0],
        signed_points(one.interval).removesuffix(" points"),
        f"{one.p_value:.2g}",
        f"{one.q_value:.2g}",
    )
