"""GSM8K's calculator annotations and those of published solutions computed anew, with and without the annotations.

`annotations` counts all of them by verdict, with the first that are wrong. `prose` takes annotations out of the texts,
finds equations in what a person reads, and counts how many annotations are found again with the same value, and what is
called wrong there; an equation in prose that is wrong beside a right annotation is a slip of the pen in the set, or of
ours in reading: the first 50 were looked at one by one (docs/EVALUATION.md). `solutions` is the share of right
and of wrong published solutions with a wrong step, with a number from nowhere, and whose last step disagrees with their
answer; `traces` the same of the set's own.

    python benchmarks/answers_traces.py --data DATA --cells cells/answers_traces.jsonl
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from cells import Measured, measure, options, print_json

from suffice.kinds.numbers.arithmetic_tokens import plain_signs
from suffice.kinds.traces.equations import Equation, annotations_in, prose_equations, without_annotations
from suffice.kinds.traces.slips import overlay
from suffice.kinds.traces.trace import check_read, read_trace, shown

N_SHOWN = 60
"""Equations of each sort that are shown."""
FILES = ("gsm8k", "model_solutions")
Row = dict[str, Any]


def main() -> None:
    """Measures every cell and prints the figures."""
    given = options(__doc__ or "", cells=Path("cells/answers_traces.jsonl")).parse_args()
    if given.data is None:
        raise SystemExit("name the folder of the data sets with --data or SUFFICE_DATA")
    cells: dict[str, Callable[[], Measured]] = {}
    for name in FILES:
        cells[f"annotations {name}"] = partial(_annotations, given.data, name)
        cells[f"prose {name}"] = partial(_prose, given.data, name)
    cells["traces"] = partial(_traces, given.data)
    cells["solutions"] = partial(_solutions, given.data)
    print_json(measure(cells, lambda name: cells[name](), kept=given.cells))


def _rows(data: Path, name: str) -> list[Row]:
    return [json.loads(line) for line in (data / "gsm8k" / f"{name}.jsonl").open(encoding="utf-8")]


def _annotations(data: Path, name: str) -> Measured:
    found = [one for row in _rows(data, name) for one in annotations_in(plain_signs(row["trace"]))]
    counts = Counter(one.verdict for one in found)
    copied = [f"{one.text} -> {one.copied}" for one in found if one.copied is not None]
    return {
        "n": len(found),
        **counts,
        "copied_wrongly": len(copied),
        "wrong_shown": _shown(found, "wrong"),
        "unreadable_shown": _shown(found, "unreadable"),
        "copied_shown": copied[:N_SHOWN],
    }


def _prose(data: Path, name: str) -> Measured:
    """An annotation is found again where an equation of the same text has the same left value and says the same."""
    n_annotations = n_again = 0
    found: list[Equation] = []
    for row in _rows(data, name):
        text = plain_signs(row["trace"])
        written = list(prose_equations(without_annotations(text)))
        left = Counter((one.exact, one.value) for one in written)
        for one in annotations_in(text):
            if one.verdict != "unreadable" and one.computes:
                n_annotations += 1
                again = left[one.exact, one.value] > 0
                n_again += again
                left[one.exact, one.value] -= again
        found += written
    counts = Counter(one.verdict for one in found)
    return {
        "n_annotations_that_compute": n_annotations,
        "found_again": round(n_again / n_annotations, 4),
        "n": len(found),
        **counts,
        "wrong_shown": _shown(found, "wrong"),
    }


def _shown(found: Sequence[Equation], verdict: str) -> list[str]:
    of_verdict = [one for one in found if one.verdict == verdict]
    return [f"{one.text} ({one.why or (one.exact is not None and shown(one.exact))})" for one in of_verdict[:N_SHOWN]]


def _traces(data: Path) -> Measured:
    rows = _rows(data, "gsm8k")
    return _share(
        [_of(row["trace"], row["question"], answer=row["answer"]) | {"lines": row["n_steps"]} for row in rows]
    )


def _solutions(data: Path) -> Measured:
    golds = {row["question"]: row["answer"] for row in _rows(data, "gsm8k")}
    rows = _rows(data, "model_solutions")
    found: dict[bool, list[Row]] = {True: [], False: []}
    for row in rows:
        found[row["is_correct"]].append(
            _of(row["trace"], row["question"], right=row["is_correct"], gold=golds[row["question"]])
        )
    return {"right": _share(found[True]), "wrong": _share(found[False])}


def _of(trace: str, question: str, *, answer: str | None = None, right: bool | None = None, gold: str = "") -> Row:
    read = read_trace(trace)
    check = check_read(read, question=question, answer=answer)
    over = None if right is None else overlay(read, check, right=right, gold=gold)
    return {
        "with_a_wrong_step": bool(check.faults),
        "with_one_wrong_step": len(check.wrong_steps) == 1,
        "with_arithmetic": any(fault.what == "arithmetic" for fault in check.faults),
        "with_a_wrong_copy": any(fault.what == "copied" for fault in check.faults),
        "with_a_contradiction": any(fault.what == "contradiction" for fault in check.faults),
        "with_a_number_from_nowhere": bool(check.strangers),
        "whose_last_step_disagrees": check.last_line_agrees is False,
        "lucky": over == "lucky",
        "unlucky": over == "unlucky",
        "n_steps": check.n_steps,
    }


def _share(rows: Sequence[Row]) -> Measured:
    figures = [name for name in rows[0] if name not in {"n_steps", "lines"}]
    shares = {name: round(sum(row[name] for row in rows) / len(rows), 4) for name in figures}
    steps = {"mean_steps": round(sum(row["n_steps"] for row in rows) / len(rows), 2)}
    if "lines" in rows[0]:
        steps["same_number_of_steps"] = round(sum(row["n_steps"] == row["lines"] for row in rows) / len(rows), 4)
    return {"n": len(rows), **shares, **steps}


if __name__ == "__main__":
    main()
