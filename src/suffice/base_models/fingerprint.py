"""What a base model's files hash to: how a bundle knows the base that it was trained on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from suffice.base_models.cache import models_folder


def fingerprint(files: Iterable[Path]) -> str:
    """One sha256 over the names and hashes of a model's weights and tokenizer; the same wherever the folder lies.

    Args:
        files: the safetensors files and the tokenizer's files, in any order.
    """
    lines = sorted(f"{file.name} {sha256_of(file)}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def sha256_of(file: Path) -> str:
    """The file's sha256, kept in the cache folder and taken from there while size, time and inode are the same.

    A cache that cannot be read or written costs the time of hashing again, nothing else.
    """
    stat = file.stat()
    place = str(file.resolve())
    seen = [place, stat.st_size, stat.st_mtime_ns, stat.st_ino]
    note = models_folder() / ".hashes" / f"{hashlib.sha256(place.encode()).hexdigest()[:32]}.json"
    known = _read(note)
    if known is not None and known.get("seen") == seen:
        return str(known["sha256"])
    digest = hash_now(file)
    _write(note, {"seen": seen, "sha256": digest})
    return digest


def hash_now(file: Path) -> str:
    """The file's sha256, read from its bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(note: Path) -> dict[str, object] | None:
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and isinstance(content.get("sha256"), str) else None


def _write(note: Path, content: dict[str, object]) -> None:
    try:
        note.parent.mkdir(parents=True, exist_ok=True)
        part = note.with_suffix(".part")
        part.write_text(json.dumps(content), encoding="utf-8")
        part.replace(note)
    except OSError:
        return
