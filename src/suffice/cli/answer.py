"""`suffice answer BUNDLE`: one completion per question, in order, with the answer that was found in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

import typer

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
    from suffice.bundles.messages import TextColumns, read_messages
    from suffice.bundles.text_source import standard_output
    from suffice.cli.classify import STANDARD_INPUT, form_of_lines, lines_of

    keep_few_products()
    answerer = load_answerer(bundle)
    columns = TextColumns(names=tuple(text or answerer.saved.text), chosen=bool(text))
    sink = standard_output()
    with lines_of(file) as (given, at_once):
        read_as, lines = form_of_lines(file, input_format, given, columns)
        questions = read_messages(lines, form=read_as, columns=columns, name=str(file or STANDARD_INPUT))
        for some in _batches(questions, 1 if at_once else AT_ONCE):
            for one in answerer.answer(some):
                sink.write(f"{json.dumps(asdict(one), ensure_ascii=False)}\n")
            sink.flush()


def _batches(questions: Iterator[str], n: int) -> Iterator[list[str]]:
    while some := list(islice(questions, n)):
        yield some
