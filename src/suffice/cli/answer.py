"""`suffice answer BUNDLE`: a completion per question, with the answer found in it, or per request its calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

if TYPE_CHECKING:
    from suffice.bundles import Answerer
    from suffice.bundles.messages import ReadRow
    from suffice.rungs.answering import AskedRequest

AT_ONCE = 64
"""Questions or requests that are answered together."""
Asked = TypeVar("Asked")
InputFormat = Literal["auto", "lines", "csv", "jsonl"]


def run(
    bundle: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="A folder that fit wrote, of a kind: answer or kind: tools.")
    ],
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Questions, or requests with tools; standard input when left out."),
    ] = None,
    input_format: Annotated[
        InputFormat,
        typer.Option(help="Form of the questions; by the file's name, or the first line of standard input."),
    ] = "auto",
    text: Annotated[
        list[str] | None, typer.Option("--text", help="Column of the question; again for one to be joined to it.")
    ] = None,
) -> None:
    """Answer every question in the bundle's own words, or every request by calls of its tools, a line of JSON each."""
    from suffice.base_models.memory import keep_few_products
    from suffice.bundles import load_answerer

    keep_few_products()
    answerer = load_answerer(bundle)
    answer = _call if answerer.calls_tools else _answer
    answer(answerer, file, input_format=input_format, text=text)


def _answer(answerer: Answerer, file: Path | None, *, input_format: InputFormat, text: list[str] | None) -> None:
    from dataclasses import asdict

    from suffice.bundles.messages import TextColumns, read_rows
    from suffice.cli.classify import STANDARD_INPUT, form_of_lines, lines_of

    columns = TextColumns(names=tuple(text or answerer.saved.text), chosen=bool(text))

    def answers(some: list[ReadRow]) -> list[str]:
        found = zip(some, answerer.answer([row.text for row in some]), strict=True)
        return [json.dumps({"id": _id_of(row, file)} | asdict(one), ensure_ascii=False) for row, one in found]

    with lines_of(file) as (given, at_once):
        read_as, lines = form_of_lines(file, input_format, given, columns)
        rows = read_rows(lines, form=read_as, columns=columns, name=str(file or STANDARD_INPUT))
        _write(rows, answers, n=1 if at_once else AT_ONCE)


def _id_of(row: ReadRow, file: Path | None) -> str:
    """The row's own id, or the one that a data version gives it, so that `suffice evaluate` knows it again."""
    if row.id is not None:
        return row.id
    from suffice.dataset.rows import made_ids

    # A stream has no name: its rows go by their numbers, which are known where one file has all rows.
    return str(row.number) if file is None else made_ids(file.name, [row.number], [row.text])[0]


def _call(answerer: Answerer, file: Path | None, *, input_format: InputFormat, text: list[str] | None) -> None:
    """Requests are JSON lines and nothing else.

    Raises:
        DataError: another form is asked for, or a column of text.
    """
    from suffice.bundles.request_lines import line_of, read_request_lines
    from suffice.cli.classify import STANDARD_INPUT, lines_of
    from suffice.errors import DataError, Problem

    if text or input_format not in {"auto", "jsonl"}:
        got = "--text" if text else f"--input-format {input_format}"
        rule, fix = "requests with tools are read as JSON Lines", 'give {"messages": [...], "tools": [...]} on a line'
        raise DataError(Problem(where="suffice answer", rule=rule, got=got, fix=fix))

    def calls(some: list[AskedRequest]) -> list[str]:
        return [line_of(one, found) for one, found in zip(some, answerer.calls_of(some), strict=True)]

    with lines_of(file) as (given, at_once):
        requests = read_request_lines(given, name=str(file or STANDARD_INPUT))
        _write(requests, calls, n=1 if at_once else AT_ONCE)


def _write(asked: Iterator[Asked], answered: Callable[[list[Asked]], Iterable[str]], *, n: int) -> None:
    """A line for each, as soon as those that are asked together are answered."""
    from suffice.bundles.text_source import standard_output

    sink = standard_output()
    while some := list(islice(asked, n)):
        for line in answered(some):
            sink.write(f"{line}\n")
        sink.flush()
