"""Cells of a benchmark: each is measured once and kept, so that a run that was cut off goes on where it was.

A cell holds for the code, the processor and the libraries that it was measured with; with others it is measured anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import suffice

Measured = dict[str, Any]
"""Figures of one cell, as JSON."""


def options(description: str, *, cells: Path | None = None) -> argparse.ArgumentParser:
    """The options that every benchmark has: where its cells are kept, and where the data sets lie.

    Args:
        description: what the benchmark measures.
        cells: where they are kept unless said otherwise; None asks.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    kept = "file of finished cells, one JSON object per line"
    parser.add_argument("--cells", type=Path, default=cells, required=cells is None, help=kept)
    parser.add_argument("--data", type=Path, default=os.environ.get("SUFFICE_DATA"), help="folder of the data sets")
    return parser


def measure(
    names: Iterable[str], run: Callable[[str], Measured], *, kept: Path, say: Callable[[str], None] | None = None
) -> dict[str, Measured]:
    """Runs the cells that are not in the file yet, and gives all of them.

    Args:
        names: one for each cell, in order; whatever decides its figures stands in its name.
        run: name to figures.
        kept: file of finished cells; one that a crash cut off, or that other code measured, is measured again.
        say: told of every cell.
    """
    names, done = list(names), _read(kept)
    kept.parent.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names, start=1):
        if name not in done:
            (say or _say)(f"{number}/{len(names)} {name}")
            done[name] = run(name)
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"cell": name, "under": measured_under()} | done[name]) + "\n")
    return {name: done[name] for name in names}


def beside(kept: Path, what: str) -> Path:
    """The file of cells of another sort, beside the file of those that a benchmark is about.

    Args:
        kept: file of cells.
        what: the other sort.
    """
    return kept.with_name(f"{kept.stem}_{what}{kept.suffix}")


def apart(function: Callable[..., Measured], *given: Any, **named: Any) -> Measured:
    """Runs a function in a process of its own, so that what it sets for its process holds for nothing else.

    Args:
        function: of a module.
        given: what it takes by position.
        named: what it takes by name.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *given, **named).result()


@cache
def measured_under() -> dict[str, str]:
    """What figures depend on beside their cell: our code and what the other engines are, as a hash, the processor, the
    threads, and the libraries of both sides.
    """
    digest = hashlib.sha256()
    for folder in (Path(suffice.__file__).parent, Path(__file__).parent):
        for file in sorted([*folder.rglob("*.py"), *folder.glob("peers*.txt")]):
            digest.update(file.read_bytes())
    threads = os.environ.get("OMP_NUM_THREADS") or str(len(os.sched_getaffinity(0)))
    libraries = {name: version(name) for name in ("torch", "transformers", "peft")}
    return {"code": digest.hexdigest()[:12], "processor": processor(), "threads": threads} | libraries


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """What the processor calls itself.

    Args:
        cpuinfo: where Linux tells it.
    """
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def print_json(figures: Any) -> None:
    """Writes the figures of a benchmark to standard output."""
    print(json.dumps(figures, indent=2))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _read(kept: Path) -> dict[str, Measured]:
    found: dict[str, Measured] = {}
    if kept.exists():
        text = kept.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            kept.write_text(whole, encoding="utf-8")
        for line in whole.splitlines():
            cell = json.loads(line)
            if cell.pop("under", None) == measured_under():
                found[cell.pop("cell")] = cell
    return found
