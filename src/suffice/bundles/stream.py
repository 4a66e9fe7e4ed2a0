"""Messages in, one answer line per message out, in order; what is held in memory does not grow with the stream."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TextIO

from suffice.bundles.answer import Answer
from suffice.bundles.chunks import chunks_as_they_come, fixed_chunks
from suffice.bundles.classifier import Classifier
from suffice.errors import DataError, Problem, nearest, quoted

InputFormat = Literal["lines", "csv", "jsonl"]
OutputFormat = Literal["jsonl", "csv"]
CHUNK = 256
"""Messages answered together."""
TEXT_COLUMNS = ("text", "message", "utterance", "query", "content", "body")
COLUMNS = ("text", "label", "probability", "probabilities", "route", "truncated")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def read_texts(lines: Iterable[str], *, form: InputFormat, column: str | None, name: str) -> Iterator[str]:
    """The messages of a stream, one by one.

    Args:
        lines: text with line ends.
        form: a message per line; CSV with a header; or JSON objects or strings, one per line.
        column: column or key of the message; found by name when None.
        name: what errors call the stream.

    Raises:
        DataError: a row that is not of the form, with its line; the messages before it have been given.
    """
    if form == "lines":
        yield from (line.rstrip("\r\n") for line in lines)
    elif form == "jsonl":
        yield from _json_texts(lines, column=column, name=name)
    else:
        yield from _csv_texts(lines, column=column, name=name)


def answer_stream(
    classifier: Classifier, texts: Iterator[str], *, at_once: bool, chunk: int = CHUNK
) -> Iterator[list[Answer]]:
    """Answers in order, a chunk at a time.

    Args:
        classifier: what answers.
        texts: messages.
        at_once: answer what has come in, as from a pipe; otherwise wait until a chunk is full, as from a file.
        chunk: most messages answered together.

    Raises:
        DataError: from the stream, after the answers to the messages before the bad one.
    """
    chunks = chunks_as_they_come if at_once else fixed_chunks
    yield from map(classifier.classify, chunks(texts, size=chunk))


def write_answers(out: TextIO, answers: Sequence[Answer], *, form: OutputFormat) -> None:
    """Writes one line (in CSV: one row) per answer, and hands it on at once.

    Args:
        out: where to.
        answers: what to write.
        form: JSON lines or CSV.
    """
    if form == "jsonl":
        out.writelines(json.dumps(_plain(answer), ensure_ascii=False) + "\n" for answer in answers)
    else:
        rows = (_plain(answer) | {"probabilities": json.dumps(answer.probabilities)} for answer in answers)
        # Text in quotes, always: a bare carriage return would otherwise end the row for whoever reads it.
        csv.DictWriter(out, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
    out.flush()


def _plain(answer: Answer) -> dict[str, object]:
    return {name: getattr(answer, name) for name in COLUMNS}


def _json_texts(lines: Iterable[str], *, column: str | None, name: str) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            raise _bad_row(name, number, rule="every line must be JSON", got=quoted(line.rstrip("\n"))) from None
        text = record if isinstance(record, str) else _member(record, column)
        if not isinstance(text, str):
            rule = f"every line must be a string or have the message under {column or 'text'!r}"
            raise _bad_row(name, number, rule=rule, got=quoted(record))
        # Half a surrogate pair is no character, and no file in UTF-8 can hold it.
        yield _LONE_SURROGATE.sub("\ufffd", text)


def _member(record: object, column: str | None) -> object:
    if not isinstance(record, dict):
        return None
    known = [column] if column else [key for key in TEXT_COLUMNS if key in record]
    return record.get(known[0]) if known else None


def _csv_texts(lines: Iterable[str], *, column: str | None, name: str) -> Iterator[str]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(lines, strict=True)
    try:
        header = next(reader, None)
        if header is None:
            return
        position = _position(header, column, name=name)
        for row in reader:
            if len(row) != len(header):
                rule, got = f"every row must have {len(header)} cells, as the header has", f"{len(row)} cells"
                raise _bad_row(name, reader.line_num, rule=rule, got=got)
            yield row[position]
    except csv.Error as error:
        raise _bad_row(name, reader.line_num, rule="must be CSV", got=str(error)) from error


def _position(header: Sequence[str], column: str | None, *, name: str) -> int:
    wanted = (column,) if column else TEXT_COLUMNS
    folded = [cell.strip().lstrip("\ufeff").casefold() for cell in header]
    found = next((folded.index(w.casefold()) for w in wanted if w.casefold() in folded), None)
    if found is None:
        near = nearest(column, header) if column else ""
        raise DataError(
            Problem(
                where=f"{name}:1",
                rule=f"must have a column {' or '.join(map(repr, wanted))}",
                got=f"columns {', '.join(map(repr, header))}{near}",
                fix="name the column with --text",
            )
        )
    return found


def _bad_row(name: str, line: int, *, rule: str, got: str) -> DataError:
    fix = "correct the line and run again; with --out FILE the answers before it are kept"
    return DataError(Problem(where=f"{name}:{line}", rule=rule, got=got, fix=fix))
