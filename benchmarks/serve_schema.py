"""Whether the server does what its own description says: schemathesis over `/openapi.json`.

    python benchmarks/serve_schema.py --cells bench-out/serve_schema.jsonl --data DATA [--examples 300]

Three looks. As a stranger, who knows no model, without a key: everything that schemathesis can check. With the name of
a bundle, so that requests are answered: all but that whatever fits the description is accepted, since no description
says which labels a bundle has. With the key that loads and unloads bundles. Asked: no failures.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from cells import Measured, measure, options, print_json
from serving import Served, bundle_of, served

MINUTES = 10
"""On two cores."""
KEY = "key-of-the-benchmark"
RUNG = "tfidf"
LOOKS = ("stranger", "bundle", "key")
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


def look(name: str, n_examples: int, *, data: Path, files: Path) -> Measured:
    """What schemathesis finds in one look.

    Args:
        name: one of `LOOKS`.
        n_examples: of each operation, at most.
        data: folder of the data sets.
        files: where bundles are kept.
    """
    bundle = bundle_of(RUNG, data=data, folder=files)
    keys = {"SUFFICE_API_KEY": KEY, "SUFFICE_ADMIN_KEY": KEY} if name == "key" else {}
    with tempfile.TemporaryDirectory() as home:
        with served(bundle, "--bundles", bundle.parent, home=Path(home), **keys) as up:
            found = _asked(up, name, n_examples, folder=Path(home))
            up.end()
        said = (Path(home) / "said.txt").read_text(encoding="utf-8")
    return found | {"faults_in_the_log": said.count("a fault of suffice")}


def _asked(up: Served, name: str, n_examples: int, *, folder: Path) -> Measured:
    status, text = up.get("/openapi.json")
    assert status == 200
    description, report = folder / "openapi.json", folder / "report.json"
    description.write_text(json.dumps(described(json.loads(text), model=None if name == "stranger" else RUNG)))
    command = [SCHEMATHESIS, "run", description, "--url", up.url, "--max-examples", n_examples, "--seed", 1]
    command += ["--continue-on-failure", "--report", "json", "--report-json-path", report]
    command += [] if name == "stranger" else ["--exclude-checks", "positive_data_acceptance"]
    command += ["--header", f"Authorization: Bearer {KEY}"] if name == "key" else []
    ran = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=os.environ | {"COLUMNS": "160"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.is_file(), ran.stdout[-2_000:] + ran.stderr[-2_000:]
    told = json.loads(report.read_text(encoding="utf-8"))
    return {
        "operations": told["operations"]["tested"],
        "generated": told["test_cases"]["generated"],
        "failures": [{"what": one["title"], "where": one["operations"]} for one in told["failures"]],
        "errors": len(told["errors"]),
        "whole": told["complete"],
        "first_failures": "" if not told["failures"] else ran.stdout[ran.stdout.find("= FAILURES") :][:4_000],
    }


def described(openapi: dict[str, Any], *, model: str | None) -> dict[str, Any]:
    """The server's description, with the one model that it serves where it says `model`.

    Args:
        openapi: as the server gives it.
        model: its name; None leaves the description as it is.
    """
    for schema in openapi["components"]["schemas"].values():
        if model is not None and "model" in schema.get("required", ()) and "Request" in schema["title"]:
            schema["properties"]["model"]["enum"] = [model]
    return openapi


def main() -> None:
    """Looks three times and prints what was found."""
    parser = options(__doc__ or "")
    parser.add_argument("--examples", type=int, default=300, help="of each operation, at most")
    given = parser.parse_args()
    names = [f"{name} {given.examples}" for name in LOOKS]

    def run(name: str) -> Measured:
        what, n = name.split(" ")
        return look(what, int(n), data=Path(given.data), files=given.cells.parent)

    print_json(measure(names, run, kept=given.cells))


if __name__ == "__main__":
    main()
