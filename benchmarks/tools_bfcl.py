"""Whether tool calls are judged as `bfcl-eval` judges them, and whether what is wrong is told by its own class.

Rows are BFCL's single turns: simple and parallel calls, a choice of several tools, calls of live users, and requests
for which no tool is right. Cells: `gold` has the gold calls of every row, as JSON and in Python's syntax; `corrupted`
has so many of them made wrong in one of fourteen ways, drawn with a seed; `variants` has so many of them said otherwise
in one of five ways, whether that is right or not. bfcl-eval needs old libraries and runs in an
environment of its own: `bfcl_checker.py` says how to make it.

Asked for: the same verdict on all gold calls and all corruptions, and each corruption in its own class.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cells import measure, options, print_json
from tool_corruptions import Case, corrupted, gold_cases, gold_of
from tool_variants import variants

from suffice.kinds.calls.judge import judge
from suffice.kinds.calls.parse import parse

FILE = "bfcl_single_turn/bfcl_single_turn.jsonl"
MAX_LISTED = 20
"""How many cases are listed that were judged otherwise, or are in another class."""


def cell(name: str, data: Path, bfcl_python: Path) -> dict[str, Any]:
    """Figures of one cell."""
    golds = [gold_of(json.loads(line)) for line in (data / FILE).open(encoding="utf-8")]
    kind, *numbers = name.split("-")
    if kind == "gold":
        cases = gold_cases(golds)
    else:
        cases = {"corrupted": corrupted, "variants": variants}[kind](golds, n=int(numbers[0]), seed=int(numbers[1]))
    return compared(cases, theirs(cases, bfcl_python))


def theirs(cases: Sequence[Case], bfcl_python: Path) -> list[dict[str, Any]]:
    """bfcl-eval's verdicts, in the order of the cases.

    Args:
        cases: to be judged.
        bfcl_python: the Python that has it.
    """
    lines = [
        json.dumps(
            {
                "category": case.row["category"],
                "tools": case.row["tools"],
                "accepted": case.row["accepted_calls"],
                "text": case.text,
                "syntax": case.syntax,
            }
        )
        for case in cases
    ]
    command = [str(bfcl_python), str(Path(__file__).parent / "bfcl_checker.py")]
    done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=True)
    told = map(json.loads, done.stdout.splitlines())
    return [{"valid": one["valid"], "why": one["why"]} for one in told]


def compared(cases: Sequence[Case], verdicts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How often both say the same, and how many of each kind are in the class that was meant.

    Args:
        cases: as they were judged.
        verdicts: bfcl-eval's, in the same order.
    """
    n, agree, classes = Counter[str](), Counter[str](), dict[str, Counter[str]]()
    otherwise: list[dict[str, Any]] = []
    in_class = 0
    for case, verdict in zip(cases, verdicts, strict=True):
        parsed = parse(case.text, names=[tool.name for tool in case.example.tools])
        ours = judge(parsed, case.example, truncated=case.truncated)
        same, meant = (ours.outcome == "right") == verdict["valid"], case.expected in {None, ours.outcome}
        n[case.kind] += 1
        agree[case.kind] += same
        in_class += meant and case.expected is not None
        classes.setdefault(case.kind, Counter())[ours.outcome] += 1
        if not (same and meant):
            told = {"id": case.row["id"], "kind": case.kind, "text": case.text[:300], "ours": ours.outcome}
            otherwise.append(told | {"argument": ours.argument, "bfcl_eval": verdict})
    return {
        "n": len(cases),
        "same_verdict": agree.total(),
        "in_the_class_that_was_meant": None if all(case.expected is None for case in cases) else in_class,
        "right_by_bfcl_eval": sum(verdict["valid"] for verdict in verdicts),
        "by_kind": {kind: {"n": n[kind], "same_verdict": agree[kind]} | classes[kind] for kind in n},
        "otherwise": otherwise[:MAX_LISTED],
    }


if __name__ == "__main__":
    parser = options(__doc__ or "", cells=Path("bench-out/tools_bfcl.jsonl"))
    parser.add_argument("--bfcl-python", type=Path, required=True, help="a Python that has bfcl-eval")
    parser.add_argument("--n", type=int, default=2_000, help="corruptions, and variants")
    parser.add_argument("--seed", type=int, default=0, help="of their draws")
    given = parser.parse_args()
    run = partial(cell, data=Path(given.data), bfcl_python=given.bfcl_python)
    print_json(
        measure(
            ["gold", *(f"{kind}-{given.n}-{given.seed}" for kind in ("corrupted", "variants"))], run, kept=given.cells
        )
    )
