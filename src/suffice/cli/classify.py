"""`suffice classify BUNDLE`: one answer per message, in order, streaming."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, TextIO

import typer


def run(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder that fit wrote.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Messages; standard input when left out.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write here, and go on here after an interruption.")] = None,
    form: Annotated[Literal["jsonl", "csv"], typer.Option("--format", help="Form of the answers.")] = "jsonl",
    input_format: Annotated[
        Literal["auto", "lines", "csv", "jsonl"], typer.Option(help="Form of the messages; by the file's name.")
    ] = "auto",
    text: Annotated[str | None, typer.Option("--text", help="Column or key of the message.")] = None,
) -> None:
    """Answer every message with one label of the set and the probability of every label."""
    from suffice.bundles import load_bundle
    from suffice.bundles.stream import answer_stream, read_texts, write_answers

    classifier = load_bundle(bundle)
    with _messages(file) as (lines, at_once):
        texts = read_texts(lines, form=_form(file, input_format), column=text, name=str(file or "standard input"))
        with _answers(out, texts, form) as sink:
            for answers in answer_stream(classifier, texts, at_once=at_once):
                write_answers(sink, answers, form=form)


@contextmanager
def _messages(file: Path | None) -> Iterator[tuple[Iterator[str], bool]]:
    """Lines of text, and whether they come in bit by bit."""
    from suffice.bundles.text_source import comes_in_bit_by_bit, decoded, opened, standard_input

    with standard_input() if file is None else opened(file) as raw:
        yield decoded(raw, name=str(file or "standard input")), comes_in_bit_by_bit(raw)


@contextmanager
def _answers(out: Path | None, texts: Iterator[str], form: Literal["jsonl", "csv"]) -> Iterator[TextIO]:
    from suffice.bundles.answer_file import answers_to
    from suffice.bundles.stream import COLUMNS

    if out is not None:
        with answers_to(out, texts, form=form) as sink:
            yield sink
        return
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass", newline="")  # type: ignore[union-attr]
    if form == "csv":
        csv.writer(sys.stdout, lineterminator="\n").writerow(COLUMNS)
    yield sys.stdout


def _form(file: Path | None, given: Literal["auto", "lines", "csv", "jsonl"]) -> Literal["lines", "csv", "jsonl"]:
    from suffice.bundles.text_source import form_by_name

    if given != "auto":
        return given
    return "lines" if file is None else form_by_name(file)
