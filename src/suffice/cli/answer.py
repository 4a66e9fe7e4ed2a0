"""`suffice answer BUNDLE`: one completion per question, in order, with its id and the answer that was found in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from suffice.bundles.messages import ReadRow

AT_ONCE = 64
"""Questions that are answered together."""


def run(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder that fit wrote, of a kind: answer.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Questions; standard input when left out.")
    ] = None,
    input_format: Annotated[
        Literal["auto", "lines", "csv", "jsonl"],
        typer.Option(help="Form of the questions; by the file's name, or the first line of standard input."),
    ] = "auto",
    text: Annotated[
        list[str] | None, typer.Option("--text", help="Column of the question; again for one to be joined to it.")
    ] = None,
) -> None:
    """Answer every question in the bundle's own words, a line of JSON each."""
    from dataclasses import asdict

    from suffice.base_models.memory import keep_few_products
    from suffice.bundles import load_answerer
    from suffice.bundles.messages import TextColumns, read_rows
    from suffice.bundles.text_source import standard_output
    from suffice.cli.classify import STANDARD_INPUT, form_of_lines, lines_of

    keep_few_products()
    answerer = load_answerer(bundle)
    columns = TextColumns(names=tuple(text or answerer.saved.text), chosen=bool(text))
    sink = standard_output()
    with lines_of(file) as (given, at_once):
        read_as, lines = form_of_lines(file, input_format, given, columns)
        rows = read_rows(lines, form=read_as, columns=columns, name=str(file or STANDARD_INPUT))
        for some in _batches(rows, 1 if at_once else AT_ONCE):
            for row, one in zip(some, answerer.answer([row.text for row in some]), strict=True):
                said = {"id": _id_of(row, file)} | asdict(one)
                sink.write(f"{json.dumps(said, ensure_ascii=False)}\n")
            sink.flush()


def _batches(rows: Iterator[ReadRow], n: int) -> Iterator[list[ReadRow]]:
    while some := list(islice(rows, n)):
        yield some


def _id_of(row: ReadRow, file: Path | None) -> str:
    """The row's own id, or the one that a data version gives it, so that `suffice evaluate` knows it again."""
    if row.id is not None:
        return row.id
    from suffice.dataset.rows import made_ids

    # A stream has no name: its rows go by their numbers, which are known where one file has all rows.
    return str(row.number) if file is None else made_ids(file.name, [row.number], [row.text])[0]
