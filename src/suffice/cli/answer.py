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
    from suffice.bundles.messages import ReadRow, TextColumns
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
    context: Annotated[
        str | None,
        typer.Option("--context", help="Column of what a question is to be answered from; as at fitting if left out."),
    ] = None,
    with_context: Annotated[
        bool, typer.Option("--with-context", help="Write what stood before each question, beside its passages' ids.")
    ] = False,
) -> None:
    """Answer every question in the bundle's own words, or every request by calls of its tools, a line of JSON each."""
    from suffice.base_models.memory import keep_few_products
    from suffice.bundles import load_answerer
    from suffice.bundles.messages import TextColumns

    keep_few_products()
    answerer = load_answerer(bundle)
    if answerer.calls_tools:
        named = {"--text": text, "--context": context, "--with-context": with_context}
        _call(answerer, file, input_format=input_format, of_questions=[flag for flag, given in named.items() if given])
        return
    columns = TextColumns(
        names=tuple(text or answerer.saved.text),
        chosen=bool(text),
        context=context or answerer.saved.context,
        context_chosen=context is not None,
    )
    _answer(answerer, file, input_format=input_format, columns=columns, with_context=with_context)


def _answer(
    answerer: Answerer, file: Path | None, *, input_format: InputFormat, columns: TextColumns, with_context: bool
) -> None:
    from dataclasses import asdict

    from suffice.bundles.messages import read_rows
    from suffice.cli.classify import STANDARD_INPUT, form_of_lines, lines_of

    def answers(some: list[ReadRow]) -> list[str]:
        found = answerer.answer([row.text for row in some], contexts=[row.context for row in some])
        told = [{"id": _id_of(row, file)} | asdict(one) for row, one in zip(some, found, strict=True)]
        kept = [{key: said for key, said in one.items() if with_context or key != "context"} for one in told]
        return [json.dumps(one, ensure_ascii=False) for one in kept]

    with lines_of(file) as (given, at_once):
        read_as, lines = form_of_lines(file, input_format, given, columns)
        name = str(file or STANDARD_INPUT)
        rows = read_rows(lines, form=read_as, columns=columns, name=name, whole=not at_once)
        _write(rows, answers, at_once=at_once)


def _id_of(row: ReadRow, file: Path | None) -> str:
    """The row's own id, or the one that a data version gives it, so that `suffice evaluate` knows it again."""
    if row.id is not None:
        return row.id
    from suffice.dataset.rows import made_ids

    # A stream has no name: its rows go by their numbers, which are known where one file has all rows.
    return str(row.number) if file is None else made_ids(file.name, [row.number], [row.text])[0]


def _call(answerer: Answerer, file: Path | None, *, input_format: InputFormat, of_questions: list[str]) -> None:
    """Requests are JSON lines and nothing else.

    Raises:
        DataError: another form is asked for, or what goes with questions alone.
    """
    from suffice.bundles.request_lines import line_of, read_request_lines
    from suffice.cli.classify import STANDARD_INPUT, lines_of
    from suffice.errors import DataError, Problem

    if of_questions or input_format not in {"auto", "jsonl"}:
        got = " ".join(of_questions) or f"--input-format {input_format}"
        rule, fix = "requests with tools are read as JSON Lines", 'give {"messages": [...], "tools": [...]} on a line'
        raise DataError(Problem(where="suffice answer", rule=rule, got=got, fix=fix))

    def calls(some: list[AskedRequest]) -> list[str]:
        return [line_of(one, found) for one, found in zip(some, answerer.calls_of(some), strict=True)]

    with lines_of(file) as (given, at_once):
        requests = read_request_lines(given, name=str(file or STANDARD_INPUT), whole=not at_once)
        _write(requests, calls, at_once=at_once)


def _write(asked: Iterator[Asked], answered: Callable[[list[Asked]], Iterable[str]], *, at_once: bool) -> None:
    """A line for each, as soon as those that are asked together are answered. What is all there is read whole first: an
    answer takes long, and none is given before every line can be read.
    """
    from suffice.bundles.text_source import standard_output

    given = asked if at_once else iter(list(asked))
    sink = standard_output()
    while some := list(islice(given, 1 if at_once else AT_ONCE)):
        for line in answered(some):
            sink.write(f"{line}\n")
        sink.flush()
