"""Files to requests with tools and the calls that are right, or every unreadable row with its line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from suffice.dataset import cells
from suffice.dataset.columns import Column
from suffice.dataset.each_row import Place, cell_of, first_chunk, group_of, id_of, links_of, read_each_row, split_of
from suffice.dataset.files import SourceFile
from suffice.dataset.find_questions import ID_NAMES
from suffice.dataset.search import Search
from suffice.errors import DataError
from suffice.records.dataset import SCHEMA, Dataset
from suffice.records.labels import OUTCOMES, RIGHT
from suffice.records.progress import Progress
from suffice.records.task import DataSpec
from suffice.records.tool_calls import ToolExample, ToolRequest

ReadRow = Callable[[Mapping[str, Any], str], ToolExample]
"""A row with `messages`, `tools` and perhaps `accepted_calls`, and how errors name it, to an example."""
MESSAGES, TOOLS, ACCEPTED = "messages", "tools", "accepted_calls"
"""Names of the columns, and the keys under which `ReadRow` finds them."""
FORM = '{"messages": [...], "tools": [...], "accepted_calls": [...]}'
"""A row as JSON, as errors show it."""
LINKS = "links"
"""Name of the cell of a data version that keeps a row's gold links, one a line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestColumns:
    """What the columns of a file of requests mean."""

    messages: Column
    tools: Column
    accepted: Column | None
    """None: what the last message calls is right."""
    id: Column | None
    """None: ids are made of source, row and text."""
    links: Column | None
    """Where gold links into the knowledge are read; None where there are none."""
    group: Column | None
    split: Column | None
    """None where the data brings no split by row."""
    notes: tuple[str, ...]
    """Sentences about what was seen and not used."""

    @property
    def wanted(self) -> tuple[str, ...]:
        """The columns to read, each once."""
        used = (self.messages, self.tools, self.accepted, self.links, self.id, self.group, self.split)
        return tuple(dict.fromkeys(name for column in used if column for name in column.names))


def read_requests(
    data: DataSpec, *, folder: Path, read_row: ReadRow, text_of: Callable[[ToolExample], str], progress: Progress
) -> tuple[ToolRequest, ...]:
    """Reads the requests of a task with their tools and the calls that are right.

    Args:
        data: what the task file says.
        folder: the task file's folder, which relative paths start from.
        read_row: what a row says.
        text_of: the request of an example as one text, by which copies are found.
        progress: told of long steps.

    Raises:
        DataError: everything that is wrong with the files, or with rows of them, by line.
    """
    return read_each_row(
        data,
        folder=folder,
        columns_of=partial(request_columns, data=data),
        read=partial(_request, read_row=read_row, text_of=text_of),
        form=FORM,
        progress=progress,
    )


def request_rows(requests: Sequence[ToolRequest]) -> pa.RecordBatch:
    """Requests as rows of a data version: each is labelled as what answers are to be, and keeps the cells that it was
    read from.

    Args:
        requests: that were read from a file.
    """
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA.names}
    for one in requests:
        row = {"id": one.id, "source": one.source, "row": one.row, "text": one.text, "label": OUTCOMES.names[RIGHT]}
        kept = [*one.cells.items(), *([(LINKS, "\n".join(one.links))] if one.links else [])]
        row |= {"group": one.group, "split": one.split, "columns": kept}
        for name, cells_of in columns.items():
            cells_of.append(row.get(name))
    return pa.RecordBatch.from_pydict(columns, schema=SCHEMA)


def requests_of(data: Dataset, *, read_row: ReadRow) -> tuple[ToolRequest, ...]:
    """The same rows back.

    Args:
        data: rows of a data version that was made of requests.
        read_row: what a row says.
    """
    found = []
    for row in data:
        kept = {key: cell for key, cell in row.columns or () if cell is not None}
        assert MESSAGES in kept, "a version that was made of requests has their messages"
        links = kept.pop(LINKS, "")
        found.append(
            ToolRequest(
                id=row.id,
                source=row.source,
                row=row.row,
                text=row.text,
                example=read_row({key: json.loads(cell) for key, cell in kept.items()}, row.id),
                group=row.group,
                split=row.split,
                cells=kept,
                links=tuple(links.splitlines()),
            )
        )
    return tuple(found)


def request_columns(file: SourceFile, data: DataSpec) -> RequestColumns:
    """Columns by the first rows of a file.

    Args:
        file: of a task.
        data: what the task file says.

    Raises:
        DataError: there is no row, or no messages or tools in it.
    """
    chunk = first_chunk(file, form=FORM)
    search = Search(data, chunk=chunk, source=file.name)
    messages = search.found("text", (MESSAGES,), fix=f"call the column of messages {MESSAGES!r}")
    tools = search.found("tools", (TOOLS,), fix=f"call the column of tools {TOOLS!r}")
    accepted, id_ = search.by_name_or_found("label", (ACCEPTED,)), search.by_name_or_found("id", ID_NAMES)
    links, group, split = (
        search.named("links"),
        search.named("group"),
        search.split(split_by_file=file.split is not None),
    )
    if search.problems or messages is None or tools is None:
        raise DataError(search.problems)
    return RequestColumns(
        messages=messages,
        tools=tools,
        accepted=accepted,
        id=id_,
        links=links,
        group=group,
        split=split,
        notes=tuple(search.notes),
    )


def _request(
    row: Mapping[str, object],
    columns: RequestColumns,
    place: Place,
    *,
    read_row: ReadRow,
    text_of: Callable[[ToolExample], str],
) -> ToolRequest:
    """One row.

    Raises:
        Fault: a cell cannot be read.
        DataError: the request, its tools or the calls that are right cannot.
    """
    parts = {MESSAGES: columns.messages, TOOLS: columns.tools, ACCEPTED: columns.accepted}
    given = {key: cells.listed_of(cell_of(row, column)) for key, column in parts.items() if column is not None}
    example = read_row(given, place.where)
    text = text_of(example)
    return ToolRequest(
        id=id_of(row, columns.id, place=place, text=text),
        source=place.source,
        row=place.number,
        text=text,
        example=example,
        group=group_of(row, columns.group),
        split=split_of(row, columns.split, place=place),
        cells={key: json.dumps(cell, ensure_ascii=False) for key, cell in given.items()},
        links=links_of(row, columns.links),
    )
