"""Corrupted completions in the class of the waterfall that they should land in, and the step that was made wrong.

3,000 right GSM8K solutions (the set's own of the test questions, and published ones of four systems that were flagged
right), each corrupted once by a seeded draw of seven ways: cut off, answer line dropped, unit added, thousands
separators, other language, arithmetic slip carried forward, two steps swapped. `in_class` is the share in the right
class; of slips, `step_found` is the share whose first wrong step is the one that was made wrong, `unlucky` the share
shown to be wrong by that slip alone; `faults_elsewhere` is the share of all others in which a wrong step was seen.

Asked for: 95% in the right class.

    python benchmarks/answers_corrupted.py --data DATA --cells cells/answers_corrupted.jsonl
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from cells import Measured, measure, options, print_json
from corrupting import CORRUPTIONS, FORM, Corrupted, Solution

from suffice.evaluate.completions import JudgedRow, judged_answers
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold, Question, Submission

N, SEED = 3_000, 0
N_SHOWN = 20
"""Completions in another class than they should be in that are shown, of each way."""
SPEC = AnswerSpec(type="number", form=FORM)
_ANSWER_LINE = re.compile(r"\n?^A:.*\Z", re.MULTILINE | re.DOTALL)


def main() -> None:
    """Measures the one cell and prints it."""
    given = options(__doc__ or "", cells=Path("cells/answers_corrupted.jsonl")).parse_args()
    if given.data is None:
        raise SystemExit("name the folder of the data sets with --data or SUFFICE_DATA")
    print_json(measure([f"{N} completions, seed {SEED}"], partial(_cell, given.data), kept=given.cells))


def right_solutions(data: Path) -> list[Solution]:
    """Right solutions of the test questions: the set's own, and published ones with the right answer.

    Args:
        data: folder of the data sets.
    """
    rows = [json.loads(line) for line in (data / "gsm8k" / "gsm8k.jsonl").open(encoding="utf-8")]
    golds = {row["question"]: row["answer"] for row in rows}
    published = map(json.loads, (data / "gsm8k" / "model_solutions.jsonl").open(encoding="utf-8"))
    own = [Solution(question=r["question"], trace=r["trace"], answer=r["answer"]) for r in rows if r["split"] == "test"]
    others = [
        Solution(question=r["question"], trace=_ANSWER_LINE.sub("", r["trace"]), answer=golds[r["question"]])
        for r in published
        if r["is_correct"]
    ]
    return [one for one in [*own, *others] if one.trace.strip()]


def corrupted(solutions: list[Solution], *, n: int, seed: int) -> list[tuple[Solution, Corrupted]]:
    """Corrupts solutions, as many in each way as there are that it can be done to, up to an equal share.

    Args:
        solutions: right ones, more than n.
        n: how many are made.
        seed: of every draw.
    """
    rng = random.Random(seed)  # noqa: S311
    left = rng.sample(solutions, len(solutions))
    made: list[tuple[Solution, Corrupted]] = []
    # What can be done to few solutions draws first.
    rarest = [
        "thousands_separators",
        "arithmetic_slip",
        *sorted(set(CORRUPTIONS) - {"thousands_separators", "arithmetic_slip"}),
    ]
    for place, kind in enumerate(rarest):
        wanted = (n - len(made)) // (len(rarest) - place)
        kept = []
        for solution in left:
            one = CORRUPTIONS[kind](solution, rng) if wanted else None
            if one is None:
                kept.append(solution)
            else:
                made.append((solution, one))
                wanted -= 1
        left = kept
    return made


def judged_corruptions(made: Sequence[tuple[Solution, Corrupted]]) -> tuple[JudgedRow, ...]:
    """What the evaluation says of corrupted solutions, through the code that scores a file of completions.

    Args:
        made: solutions with what was made of them.
    """
    questions, completions = [], []
    for row, (solution, one) in enumerate(made):
        gold = Gold(answer=solution.answer, trace=solution.trace)
        questions.append(
            Question(id=str(row), source="made", row=row, text=solution.question, gold=gold, group=None, split=None)
        )
        completions.append(Submission(id=str(row), text=one.text, stop_reason=one.stop_reason))
    groups = np.arange(len(made), dtype=np.int64)
    return judged_answers(questions, completions, groups, spec=SPEC, seed=SEED, done=lambda n: None).rows


def _cell(data: Path, name: str) -> Measured:
    made = corrupted(right_solutions(data), n=N, seed=SEED)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    missed: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (_, one), row in zip(made, judged_corruptions(made), strict=True):
        found = _scored(one, row)
        counts[one.kind].update(found)
        if not found["in_class"] and len(missed[one.kind]) < N_SHOWN:
            shown = {"truth": one.truth, "landed": row.class_, "right": row.gold, "found": row.answer}
            missed[one.kind].append(shown | {"end": one.text[-160:]})
    total = sum(counts.values(), Counter[str]())
    others = total["n"] - counts["arithmetic_slip"]["n"]
    return {
        "n": total["n"],
        "in_class": round(total["in_class"] / total["n"], 4),
        "by_way": {kind: {"n": c["n"], "in_class": round(c["in_class"] / c["n"], 4)} for kind, c in counts.items()},
        "step_found": round(counts["arithmetic_slip"]["step_found"] / counts["arithmetic_slip"]["n"], 4),
        "unlucky": round(counts["arithmetic_slip"]["unlucky"] / counts["arithmetic_slip"]["n"], 4),
        "faults_elsewhere": round((total["faults"] - counts["arithmetic_slip"]["faults"]) / others, 4),
        "strangers_when_swapped": round(counts["steps_swapped"]["strangers"] / counts["steps_swapped"]["n"], 4),
        "missed": missed,
    }


def _scored(one: Corrupted, row: JudgedRow) -> dict[str, int]:
    first = None if row.trace is None else row.trace.first_wrong
    found = {
        "n": True,
        "in_class": row.class_ == one.truth,
        "faults": first is not None,
        "strangers": row.trace is not None and bool(row.trace.strangers),
        "step_found": first is not None and first.step == one.wrong_step,
        "unlucky": one.wrong_step is not None and row.overlay == "unlucky",
    }
    return {figure: int(held) for figure, held in found.items()}


if __name__ == "__main__":
    main()
