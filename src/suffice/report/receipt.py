"""What it takes to check or repeat a page: runs, hashes, versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from suffice.records.run import RunManifest
from suffice.report.ladder import Entry


@dataclass(frozen=True, kw_only=True, slots=True)
class RunPart:
    """A run and the part that it played."""

    run: RunManifest
    what: str
    """`compared`, `bundled`, `compared and bundled`, or `compared, not chosen`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """Runs, and what they have in common."""

    runs: tuple[RunPart, ...]
    """In the order of the page."""
    shared: tuple[tuple[str, tuple[str, ...]], ...]
    """Hashes and versions by name; more than one value where runs differ."""


def receipt_of(entries: Sequence[Entry]) -> Receipt:
    """Gathers every run behind a page.

    Args:
        entries: of the page.
    """
    parts = tuple(part for entry in entries for part in _parts(entry))
    runs = [part.run for part in parts]
    shared = [
        ("data", _distinct([run.cell.data_sha256 for run in runs])),
        ("split", _distinct([run.cell.split_sha256 for run in runs])),
        ("split seed", _distinct([str(run.cell.split_seed) for run in runs])),
    ]
    prints = {(run.cell.base, run.cell.base_fingerprint) for run in runs if run.cell.base and run.cell.base_fingerprint}
    shared += [(f"base model {base}", (fingerprint,)) for base, fingerprint in sorted(prints)]
    libraries = sorted({name for run in runs for name in run.versions})
    shared += [(name, _distinct([run.versions[name] for run in runs if name in run.versions])) for name in libraries]
    return Receipt(runs=parts, shared=tuple(shared))


def _parts(entry: Entry) -> tuple[RunPart, ...]:
    others = tuple(RunPart(run=run, what="compared, not chosen") for run in entry.alternatives)
    if entry.bundle is None:
        return (RunPart(run=entry.chosen, what="compared"), *others)
    if entry.chosen.name == entry.shipped.name:
        return (RunPart(run=entry.chosen, what="compared and bundled"), *others)
    chosen, shipped = RunPart(run=entry.chosen, what="compared"), RunPart(run=entry.shipped, what="bundled")
    return (chosen, shipped, *others)


def _distinct(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
