"""Seconds of a whole audit, and of a second one: `suffice audit` in a process of its own.

    python benchmarks/full_audit.py --cells out/full_audit.jsonl --data DATA [--rows 13083,130000]

13,083 rows are Banking77 as shipped; beyond that, messages of Banking77 and CLINC150 with variants of them that have
slips of the pen, and the label of what they vary. Asked for: 13,083 rows in under 180 s on two cores, 130,000 in under
30 minutes, and a second audit that costs next to nothing.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from cells import Measured, measure, options, print_json
from near_copies import FILES, variant


def write_rows(path: Path, data: Path, n: int) -> None:
    """Writes so many labelled messages.

    Args:
        path: a JSONL file.
        data: folder of the real sets.
        n: rows.
    """
    draw = random.Random(0)  # noqa: S311 - slips of the pen, not secrets
    sets = [[json.loads(line) for line in (data / name).open(encoding="utf-8")] for name in FILES]
    rows = sets[0] if n <= len(sets[0]) else [row for one in sets for row in one]
    rows = [{"text": row["text"], "label": row["label"], "split": row["split"]} for row in rows]
    rows += [dict(row, text=variant(row["text"], draw)) for row in draw.choices(rows, k=n - len(rows))]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def cell(n: int, data: Path) -> Measured:
    """One size, twice."""
    with tempfile.TemporaryDirectory() as folder:
        write_rows(Path(folder) / "rows.jsonl", data, n)
        _suffice("init", "rows.jsonl", cwd=folder)
        seconds, found = [], {}
        for _ in range(2):
            start = perf_counter()
            found = json.loads(_suffice("audit", "task.yaml", "--json", cwd=folder))
            seconds.append(round(perf_counter() - start, 1))
    codes: dict[str, int] = {}
    for finding in found["findings"]:
        codes[finding["code"]] = codes.get(finding["code"], 0) + 1
    return {
        "rows": found["n_examples"],
        "labels": len(found["labels"]),
        "seconds": seconds[0],
        "seconds_again": seconds[1],
        "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1_000,
        "cores": os.cpu_count(),
        "findings": codes,
    }


def _suffice(*arguments: str, cwd: str) -> str:
    command = [str(Path(sys.executable).with_name("suffice")), *arguments]
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> None:
    """Measures the cells that are missing and prints all."""
    parser = options(__doc__ or "")
    parser.add_argument("--rows", default="13083,130000")
    given = parser.parse_args()
    print_json(measure(given.rows.split(","), lambda n: cell(int(n), Path(given.data)), kept=given.cells))


if __name__ == "__main__":
    main()
