"""`suffice classify BUNDLE`: one answer per message, in order, streaming."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TextIO

import typer

if TYPE_CHECKING:
    from suffice.bundles import Classifier
    from suffice.bundles.messages import InputFormat, TextColumns

STANDARD_INPUT = "standard input"


def run(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder that fit wrote.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Messages; standard input when left out.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write here, and go on here after an interruption.")] = None,
    form: Annotated[Literal["jsonl", "csv"], typer.Option("--format", help="Form of the answers.")] = "jsonl",
    input_format: Annotated[
        Literal["auto", "lines", "csv", "jsonl"],
        typer.Option(help="Form of the messages; by the file's name, or the first line of standard input."),
    ] = "auto",
    text: Annotated[
        list[str] | None, typer.Option("--text", help="Column of the message; again for one to be joined to it.")
    ] = None,
) -> None:
    """Answer every message with one label of the set and the probability of every label."""
    from suffice.base_models.memory import keep_few_products
    from suffice.bundles import load_bundle
    from suffice.bundles.messages import TextColumns, read_messages
    from suffice.bundles.stream import answer_all

    if file is not None:  # A pipe may bring one message at a time, of lengths that come again.
        keep_few_products()
    classifier = load_bundle(bundle)
    columns = TextColumns(names=tuple(text or classifier.saved.text), chosen=bool(text))
    with lines_of(file) as (given, at_once):
        read_as, lines = form_of_lines(file, input_format, given, columns)
        name = str(file or STANDARD_INPUT)
        texts = read_messages(lines, form=read_as, columns=columns, name=name, whole=not at_once)
        with _answers(out, texts, form, classifier) as sink:
            answer_all(classifier, texts, sink, form=form, at_once=at_once)


@contextmanager
def lines_of(file: Path | None) -> Iterator[tuple[Iterator[str], bool]]:
    """Lines of text, and whether they come in bit by bit.

    Args:
        file: what to read; None for standard input.
    """
    from suffice.bundles.text_source import comes_in_bit_by_bit, decoded, opened, standard_input

    raw = standard_input() if file is None else opened(file)
    at_once = comes_in_bit_by_bit(raw)
    # A thread may be waiting for a pipe's next line, and closing would wait with it.
    with nullcontext(raw) if at_once else raw:
        yield decoded(raw, name=str(file or STANDARD_INPUT)), at_once


@contextmanager
def _answers(
    out: Path | None, texts: Iterator[str], form: Literal["jsonl", "csv"], classifier: Classifier
) -> Iterator[TextIO]:
    from suffice.bundles.answer_file import answers_to
    from suffice.bundles.stream import COLUMNS
    from suffice.bundles.text_source import standard_output

    if out is not None:
        with answers_to(out, texts, form=form, classifier=classifier) as sink:
            yield sink
        return
    sink = standard_output()
    if form == "csv":
        csv.writer(sink, lineterminator="\n").writerow(COLUMNS)
    yield sink


def form_of_lines(
    file: Path | None, given: Literal["auto", "lines", "csv", "jsonl"], lines: Iterator[str], columns: TextColumns
) -> tuple[InputFormat, Iterator[str]]:
    """The form of the messages, and the lines with the one that was looked at.

    Args:
        file: what is read; None for standard input.
        given: `--input-format`.
        lines: of text.
        columns: that messages are made of.
    """
    from suffice.bundles.messages import form_of
    from suffice.bundles.text_source import form_by_name

    if given != "auto":
        return given, lines
    if file is not None:
        return form_by_name(file), lines
    first = next(lines, None)
    if first is None:
        return "lines", lines
    found = form_of(first, columns)
    if found != "lines":
        by = "by its first line (--input-format lines takes every line for a message)"
        print(f"{STANDARD_INPUT} is read as {found}, {by}", file=sys.stderr)
    return found, chain([first], lines)
