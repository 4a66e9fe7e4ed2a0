"""What the layers of `suffice evaluate --completions` say of four published systems, and how fast they are made.

The systems are those of GSM8K's repository, each with its solutions to the 1,319 test questions; the right traces are
the set's own. A cell is a system. `seconds` are of processor time, for judging and for all layers.

    python benchmarks/answers_layers.py --data DATA --cells cells/answers_layers.jsonl
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from cells import Measured, measure, options, print_json

from suffice.evaluate.completions import evaluate_completions, judged_answers
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold, Question, Submission
from suffice.records.completion_evaluation import RepetitionLayer, RowShare, StepCounts, TraceLayer
from suffice.records.evaluation import NotMeasured

SPEC = AnswerSpec(type="number", form="A: {answer}")
NOT_HERE = NotMeasured(why="benchmarks/answers_clusters.py measures clusters")
SYSTEMS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")


def main() -> None:
    """Measures every system and prints the figures."""
    given = options(__doc__ or "", cells=Path("cells/answers_layers.jsonl")).parse_args()
    if given.data is None:
        raise SystemExit("name the folder of the data sets with --data or SUFFICE_DATA")
    print_json(measure(SYSTEMS, partial(_cell, given.data), kept=given.cells))


def _cell(data: Path, system: str) -> Measured:
    folder = data / "gsm8k"
    rows = {row["question"]: row for row in map(json.loads, (folder / "gsm8k.jsonl").open(encoding="utf-8"))}
    said = map(json.loads, (folder / "model_solutions.jsonl").open(encoding="utf-8"))
    questions, completions, flags = list[Question](), list[Submission](), list[bool]()
    for number, one in enumerate(one for one in said if one["model"] == system):
        row = rows[one["question"]]
        gold = Gold(answer=row["answer"], trace=row["trace"])
        place = {"id": str(number), "source": system, "row": number, "group": None, "split": None}
        questions.append(Question(text=row["question"], gold=gold, **place))
        completions.append(Submission(id=str(number), text=one["trace"], stop_reason=None))
        flags.append(one["is_correct"])
    started = process_time()
    groups = np.arange(len(questions), dtype=np.int64)
    judged = judged_answers(questions, completions, groups, spec=SPEC, seed=0, done=lambda n: None)
    judging = process_time() - started
    found = evaluate_completions(judged, clusters=NOT_HERE)
    layers = process_time() - started - judging
    trace, repetition = found.trace, found.repetition
    assert isinstance(trace, TraceLayer)
    assert isinstance(repetition, RepetitionLayer)
    return {
        "n": found.n,
        "accuracy": found.accuracy.verified.accuracy,
        "flags_agree": bool((judged.verified == np.array(flags)).all()),
        "wrong_step": _share(trace.wrong_step),
        "stranger": _share(trace.stranger),
        "last_step_disagrees": _share(trace.disagrees),
        "lucky": _share(found.overlays.lucky),
        "unlucky": _share(found.overlays.unlucky),
        "suspected_gold": _share(found.overlays.suspected_gold),
        "steps": _steps(trace.steps),
        "styles": trace.styles.n_styles,
        "other_style": _share(trace.styles.others),
        "repeated": repetition.repeated,
        "loops": _share(repetition.loops),
        "distinct": [repetition.distinct, repetition.gold_distinct],
        "seconds": {"judging": judging, "layers": layers},
    }


def _share(found: RowShare | NotMeasured) -> Any:
    return found.why if isinstance(found, NotMeasured) else {"n": found.n, "of": found.of, "share": found.share}


def _steps(found: StepCounts | NotMeasured) -> Any:
    if isinstance(found, NotMeasured):
        return found.why
    return {"mean": found.mean, "gold": found.gold_mean, "more_by": [found.interval.low, found.interval.high]}


if __name__ == "__main__":
    main()
