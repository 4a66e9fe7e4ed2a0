"""Records to JSON and back: no NaN, no infinity, no unknown key, and the same bytes for the same record."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import from_json

from suffice.errors import BundleError, Problem
from suffice.store.files import write_text

Record = TypeVar("Record")

_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)


def plain(record: object) -> Any:
    """A record as dictionaries, lists, strings and numbers.

    Args:
        record: a dataclass, a pydantic model, or a container of them.
    """
    return _writing(type(record)).dump_python(record, mode="json")


def dumps(record: object, *, indent: int | None = 2) -> str:
    """JSON text of a record, keys in the order of its fields.

    Args:
        record: what to write.
        indent: spaces per level; None for one line.

    Raises:
        ValueError: a number in it is not finite: nothing measured is None with a reason, never NaN.
    """
    return json.dumps(plain(record), indent=indent, ensure_ascii=False, allow_nan=False)


def digest(record: object) -> str:
    """SHA-256 of a record's JSON with sorted keys, in hexadecimal.

    Args:
        record: what to identify.
    """
    return sha256(json.dumps(plain(record), sort_keys=True, allow_nan=False).encode()).hexdigest()


def write(path: Path, record: object) -> None:
    """Writes a record as JSON, whole or not at all.

    Args:
        path: the file.
        record: what to write.
    """
    write_text(path, dumps(record) + "\n")


def read(path: Path, kind: type[Record]) -> Record:
    """Reads a record back.

    Args:
        path: the file.
        kind: the record's class.

    Raises:
        BundleError: the file is missing, is not JSON, or is not such a record: a key is missing, unknown or of
            another type, or a number is not finite.
    """
    try:
        return loads(path.read_bytes(), kind)
    except (FileNotFoundError, NotADirectoryError) as error:
        problem = Problem(
            where=str(path),
            rule=f"a {path.name} is part of the folder",
            got="no such file",
            fix="name a folder that suffice wrote, or run the command that writes it again",
        )
        raise BundleError(problem) from error
    except ValueError as error:
        problem = Problem(
            where=str(path),
            rule=f"must hold a {kind.__name__}",
            got=str(error),
            fix="the file was changed or another version wrote it: run the command that writes it again",
        )
        raise BundleError(problem) from error


def loads(text: bytes, kind: type[Record]) -> Record:
    """Reads a record from its JSON.

    Args:
        text: UTF-8.
        kind: the record's class.

    Raises:
        ValueError: what is wrong with it, in a few words.
    """
    try:
        return _validated(text, kind)
    except ValueError as error:
        raise ValueError(_said(error)) from error


def format_of(path: Path) -> object:
    """The `format` that a record states, whatever else has changed; None where it states none or is not JSON.

    Args:
        path: the file.
    """
    try:
        record = json.loads(path.read_bytes())
    except ValueError:
        return None
    return record.get("format") if isinstance(record, dict) else None


def _validated(text: bytes, kind: type[Record]) -> Record:
    """Reads the text as the one item of a tuple: pydantic hands a config down to a tuple's dataclasses and to those
    within them, and takes none for a dataclass itself. A pydantic model within brings its own.
    """
    from_json(text)  # what is not JSON is told at its own line and column
    record: Record = _reading(kind).validate_json(b"[" + text + b"]")[0]
    return record


def _of_one(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(tuple[kind], config=_STRICT)


# Working out how a class is written or read takes 20 ms, and a fit writes and reads 80 times.
_writing: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)
_reading: Callable[[Any], TypeAdapter[Any]] = cache(_of_one)


def _said(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return f"no JSON: {error}"
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"][1:])
    return f"{key}: {first['msg']}" if key else first["msg"]
