"""The benchmarks of speed, one after another, each in a process of its own: what `make bench` runs.

    python benchmarks/bench.py --out bench-out --data DATA --only training latency

A benchmark keeps its finished cells under the output folder, so that the same command goes on where it was cut off.
`results.json` there has the machine, what was measured, and what was not with the reason; it is whole at any time.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BENCHMARKS = ("gpu", "training", "latency", "batches", "adapters", "memory", "vocabulary")
"""Scripts of this folder; each takes `--cells` and `--data`, prints JSON, and says its `MINUTES`. That of a GPU comes
first, since it is done in seconds where there is none.
"""
HERE = Path(__file__).parent
MINUTES = 100
"""Of all benchmarks together."""
WIDTH = 80


@dataclass(kw_only=True, slots=True)
class Document:
    """What a run came to so far."""

    machine: dict[str, Any] | None
    """Processor, memory and measured peaks; None where that failed."""
    results: list[dict[str, Any]] = field(default_factory=list)
    """Name, minutes declared and taken, and figures of each benchmark that ran."""
    not_run: list[dict[str, str]] = field(default_factory=list)
    """Name and reason of each benchmark, or part of one, that did not run."""
    n_failed: int = 0
    """Benchmarks that ended with an error; they are in `not_run`."""

    def write(self, file: Path, *, waiting: Sequence[str]) -> None:
        """Writes the document; benchmarks whose turn has not come are in it as not run."""
        later = [{"name": name, "why": "its turn had not come"} for name in waiting]
        said = {"machine": self.machine, "results": self.results, "not_run": [*self.not_run, *later]}
        part = file.with_suffix(".part")
        part.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
        part.replace(file)

    def failed(self, name: str, why: str) -> None:
        """Notes a benchmark that ended with an error."""
        self.not_run.append({"name": name, "why": why})
        self.n_failed += 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A process that is over."""

    code: int | None
    """Exit code; None where its time was up."""
    said: str
    """Standard output."""
    last_line: str
    """Of standard error."""


def minutes_of(script: Path) -> float:
    """The minutes that a benchmark declares, read without running it.

    Args:
        script: it has a line `MINUTES = 12`.

    Raises:
        ValueError: it declares none.
    """
    for node in ast.parse(script.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "MINUTES" for t in node.targets):
            return float(ast.literal_eval(node.value))
    raise ValueError(f"{script.name} declares no MINUTES")


def run_all(
    names: Sequence[str],
    *,
    scripts: Path,
    out: Path,
    minutes: float,
    data: Path | None,
    machine: dict[str, Any] | None,
) -> Document:
    """Runs benchmarks within a budget; one that fails, or for which no time is left, is listed as not run.

    Args:
        names: of the benchmarks, in order.
        scripts: folder that has them.
        out: folder for cells, figures and the document.
        minutes: for all of them together.
        data: folder of the data sets.
        machine: what is said of the machine.
    """
    document, ends = Document(machine=machine), time.monotonic() + 60.0 * minutes
    out.mkdir(parents=True, exist_ok=True)
    for at, name in enumerate(names):
        document.write(out / "results.json", waiting=names[at:])
        _one(name, document, script=scripts / f"{name}.py", out=out, seconds=ends - time.monotonic(), data=data)
    document.write(out / "results.json", waiting=())
    return document


def _one(name: str, document: Document, *, script: Path, out: Path, seconds: float, data: Path | None) -> None:
    """Runs one benchmark, if what it declares fits into the seconds that are left or it only has to be read again."""
    figures, took = out / f"{name}.json", time.monotonic()
    try:
        declared = minutes_of(script)
    except (OSError, ValueError) as error:
        document.failed(name, str(error))
        return
    if seconds <= 0.0 or (declared * 60.0 > seconds and not figures.exists()):
        why = f"it declares {declared:g} minutes, and {max(seconds, 0.0) / 60.0:.1f} were left"
        document.not_run.append({"name": name, "why": why})
        return
    print(f"{name}: about {declared:g} minutes", file=sys.stderr, flush=True)
    command = [sys.executable, str(script), "--cells", str(out / f"{name}.jsonl")]
    ended = run([*command, "--data", str(data)] if data else command, seconds=seconds)
    if ended.code is None:
        document.not_run.append({"name": name, "why": "the time was up; its finished cells are kept"})
        return
    try:
        said = json.loads(ended.said) if ended.code == 0 else None
    except ValueError as error:
        document.failed(name, f"it printed no JSON: {error}")
        return
    if said is None:
        document.failed(name, f"exit code {ended.code}: {ended.last_line}")
        return
    document.not_run += [part | {"name": f"{name}, {part['name']}"} for part in said.pop("not_run", [])]
    figures.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    taken = round((time.monotonic() - took) / 60.0, 2)
    document.results.append({"name": name, "minutes_declared": declared, "minutes_taken": taken, "figures": said})


def run(command: Sequence[str], *, seconds: float) -> Ended:
    """Runs a command, shows what it says on standard error, and ends it with all that it started when its time is up.

    Args:
        command: program and arguments.
        seconds: the most that it may take.
    """
    late, said, last_line = threading.Event(), [""], ""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        timer = threading.Timer(seconds, lambda: (late.set(), _end(process)))
        reader = threading.Thread(target=lambda pipe: said.append(pipe.read()), args=(process.stdout,))
        timer.start()
        reader.start()
        try:
            for line in process.stderr:
                sys.stderr.write(line)
                last_line = line.strip() or last_line
            reader.join()
            process.wait()
        finally:
            timer.cancel()
            _end(process)
    return Ended(code=None if late.is_set() else process.returncode, said="".join(said), last_line=last_line)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def ratios(figures: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every ratio with an interval that a benchmark printed, with the way to it.

    Args:
        figures: JSON.
        path: the way so far.
    """
    if isinstance(figures, dict) and {"ratio", "interval"} <= figures.keys():
        yield " ".join(path), figures
    elif isinstance(figures, dict):
        for key, value in figures.items():
            yield from ratios(value, (*path, key))


def table(document: Document) -> list[str]:
    """The document for a terminal of eighty columns.

    Args:
        document: what was measured.
    """
    lines = _wrapped(_spoken(document.machine))
    wide = max([len(result["name"]) for result in document.results], default=0)
    for result in document.results:
        head = f"{result['name']:{wide}}  "
        found = [
            (what, f"{one['ratio']:6.2f}  ({one['interval'][0]:.2f} to {one['interval'][1]:.2f})")
            for what, one in ratios(result["figures"])
        ]
        lines += [f"{head}{textwrap.shorten(what, 46 - wide):{46 - wide}}{said}" for what, said in found]
        lines += [] if found else [f"{head}no ratio; see the file"]
    lines += ["not run:"] if document.not_run else []
    for one in document.not_run:
        lines += _wrapped(f"  {one['name']}: {one['why']}")
    return lines


def _spoken(machine: dict[str, Any] | None) -> str:
    if machine is None:
        return "machine: not measured"
    peaks = ", ".join(f"{name} {machine[f'peak_{name}']}" for name in ("fp32", "bf16", "int8"))
    return (
        f"{machine['processor']}, {machine['n_cores']} cores, {machine['memory_gb']} GB, torch {machine['torch']}; "
        f"measured peaks in GFLOP/s: {peaks}"
    )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="    ")


def main() -> int:
    """Runs what was asked for; 1 where a benchmark failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=BENCHMARKS, help="these alone")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="for all of them together")
    parser.add_argument("--out", type=Path, default=Path("bench-out"), help="folder for what is measured")
    parser.add_argument("--data", type=Path, help="folder of the data sets; otherwise SUFFICE_DATA")
    given = parser.parse_args()
    measured = run([sys.executable, str(HERE / "ratios.py")], seconds=60.0 * given.minutes)
    document = run_all(
        given.only,
        scripts=HERE,
        out=given.out,
        minutes=given.minutes,
        data=given.data,
        machine=json.loads(measured.said) if measured.code == 0 else None,
    )
    print("\n".join(table(document)))
    print(f"written to {given.out / 'results.json'}")
    return 1 if document.n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
