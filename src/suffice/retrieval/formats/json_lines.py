"""JSON Lines: a section for each row, `{"id"?, "title"?, "text"}`."""

from __future__ import annotations

from pathlib import Path

from suffice.dataset.formats.json_lines import TooManyDigits, decoder
from suffice.errors import Problem, nearest, quoted
from suffice.retrieval.formats.decoded import decoded
from suffice.retrieval.formats.section import Document, Section

FIX = 'write it as {"id": ..., "title": ..., "text": ...}, of which only `text` must be there, or take it out'


class RowFault(ValueError):
    """What is wrong with a row, in a few words."""


def read_json_lines(path: Path, *, name: str) -> Document:
    """Reads a file of rows; keys beside the three are nobody's text and are not read.

    Args:
        path: the file.
        name: what problems call it.

    Raises:
        DataError: it is no UTF-8 text.
    """
    sections, skipped, ids = list[Section](), list[Problem](), dict[str, int]()
    decode = decoder().decode
    for line, text in enumerate(decoded(path, name=name).split("\n"), start=1):
        if not text.strip():
            continue
        try:
            section = _section(decode(text), line=line)
            _once(section.record, line=line, ids=ids)
            sections.append(section)
        except TooManyDigits as error:
            skipped.append(Problem(where=f"{name}:{line}", rule=error.rule, got=str(error), fix=error.fix))
        except (ValueError, RecursionError) as error:
            got = f"{quoted(text)} ({error})"
            rule = "every line must be one JSON object with a text"
            skipped.append(Problem(where=f"{name}:{line}", rule=rule, got=got, fix=FIX))
    return Document(sections=tuple(sections), skipped=tuple(skipped))


def _section(row: object, *, line: int) -> Section:
    if not isinstance(row, dict):
        raise RowFault("no JSON object")
    text, title, record = row.get("text"), row.get("title"), row.get("id")
    if not isinstance(text, str):
        raise RowFault(f"no text{nearest('text', row)}" if text is None else "its text is no string")
    if not isinstance(title, str | None):
        raise RowFault("its title is no string")
    if isinstance(record, bool) or not isinstance(record, str | int | None):
        raise RowFault("its id is neither string nor whole number")
    headings = (" ".join(title.split()),) if title and title.strip() else ()
    return Section(headings=headings, text=text, line=line, record=None if record is None else str(record))


def _once(record: str | None, *, line: int, ids: dict[str, int]) -> None:
    """Gold links name rows by their ids: one that names two rows names none."""
    if record is not None and ids.setdefault(record, line) != line:
        raise RowFault(f"the id {quoted(record)} is that of line {ids[record]:,} already")
