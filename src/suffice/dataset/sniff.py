"""Whether a file is what its name says, from its first bytes: one clear problem instead of one for every line."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

from suffice.dataset.blocks import iconv
from suffice.dataset.formats.known import FORMATS, Format
from suffice.errors import DataError, Problem

HEAD_BYTES = 4096
"""Read to tell what a file is."""

SIGNATURES = (
    (b"PAR1", "a Parquet file", "name it .parquet"),
    (b"PK\x03\x04", "a zip archive, which Excel's .xlsx is too", "unpack it, or save the sheet as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "save the sheet as CSV UTF-8"),
    (b"\x1f\x8b", "a gzip archive", "unpack it with gunzip"),
    (b"%PDF", "a PDF document", "export the rows as CSV"),
    (b"SQLite format 3", "a SQLite database", "export the rows as CSV"),
    (b"<!doctype html", "an HTML page", "download the file itself, not the page that shows it"),
    (b"<html", "an HTML page", "download the file itself, not the page that shows it"),
    (b"version https://git-lfs", "a Git LFS pointer", "fetch the file itself: git lfs pull"),
)
"""How files begin that are often given another's name, what they are, and what to do. Letters in lower case.

Source: the `magic` database of file(1); Git LFS specification, "The Pointer".
"""

ARCHIVES = {".gz": "gunzip -k", ".bz2": "bunzip2 -k", ".xz": "unxz -k", ".zst": "unzstd", ".zip": "unzip"}
"""Endings of compressed files and what unpacks them."""
SHEETS = (".xlsx", ".xls", ".ods")


def check_content(path: Path, *, name: str, format_: Format) -> None:
    """Compares a file's beginning with its name.

    Raises:
        DataError: the file is empty, or is something else than its name says.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        fix = "give a file with rows in it; the export may have failed"
        raise _fault(name, "the file must have rows", got="an empty file", fix=fix)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        fix = f"convert it: {iconv('UTF-16', name)}"
        raise _fault(
            name, "the file must be UTF-8 text", got="UTF-16 text (it begins with its byte order mark)", fix=fix
        )
    found = _what_it_is(head, format_=format_)
    if found:
        rule = f"a file with this name must be {format_.name}"
        raise _fault(name, rule, got=found[0], fix=found[1])


def unknown_format(name: str) -> DataError:
    """The error for a file whose ending names no format that is read."""
    ending = Path(name).suffix.lower()
    known = ", ".join(ending for format_ in FORMATS for ending in format_.endings)
    got, fix = f"the ending {ending!r}" if ending else "a name without an ending", f"name it by what it holds: {known}"
    if ending in ARCHIVES:
        got, fix = f"a compressed file ({ending})", f"unpack it: {ARCHIVES[ending]} {name}"
    elif ending in SHEETS:
        got, fix = f"a spreadsheet ({ending})", "save the sheet as CSV UTF-8"
    return _fault(name, "the file must be CSV, TSV, JSON Lines, JSON or Parquet, uncompressed", got=got, fix=fix)


def _what_it_is(head: bytes, *, format_: Format) -> tuple[str, str] | None:
    """What the file is instead and what to do, or None when it can be what it should."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    signed = next((one for one in SIGNATURES if start.lower().startswith(one[0].lower())), None)
    if signed and signed[1] == f"a {format_.name} file":
        return None
    if signed:
        return signed[1], signed[2]
    if format_.name == "Parquet":
        return "a file that does not begin with PAR1", "name it by what it holds, or fetch it again"
    return _other_text(start, format_=format_)


def _other_text(start: bytes, *, format_: Format) -> tuple[str, str] | None:
    """JSON, JSON Lines and delimited text taken for each other."""
    first_line, _, rest = start.partition(b"\n")
    if format_.name != "JSON" and start[:1] == b"[" and start[1:].lstrip()[:1] in (b"{", b"]", b""):
        return "a JSON array", "name it .json"
    if format_.name in ("CSV", "TSV") and _is_object(first_line):
        return "JSON Lines", "name it .jsonl"
    if format_.name == "JSON" and _is_object(first_line) and rest.strip():
        return "JSON Lines, one object a line", "name it .jsonl"
    if format_.name == "JSON" and start[:1] == b"{":
        return "one JSON object", "write an array of objects, or one object a line to a .jsonl file"
    if format_.name.startswith("JSON") and start[:1] not in (b"{", b"["):
        return f"text that begins with {start[:20].decode(errors='replace')!r}", "name it .csv if it is CSV"
    return None


def _is_object(line: bytes) -> bool:
    """Whether a line is a whole JSON object, or the beginning of a long one."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return line.startswith(b'{"') and len(line) > HEAD_BYTES // 2


def _fault(name: str, rule: str, *, got: str, fix: str) -> DataError:
    return DataError(Problem(where=name, rule=rule, got=got, fix=fix))
