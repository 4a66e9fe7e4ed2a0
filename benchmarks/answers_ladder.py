"""Where each size of language model ends on questions whose answer is a number: told what to do, and tuned.

Three generators of `reasoning-gym` at two difficulties each, and GSM8K; 100 questions of each; 135M, 270M and 0.5B as
they are and tuned on 200 other questions, 1.5B as it is. A cell is one model in one way on one task, so that a run that
was cut off goes on where it was, and a part of the ladder can be run alone:

    python benchmarks/answers_ladder.py --cells answers_ladder.jsonl --data DATA --models smollm2-135m --tasks gsm8k

Printed: accuracy as three graders see it, with intervals; the share of failures that is form; the share that was cut
off; tokens and seconds a question, many written side by side; money for 1,000 answers. `--table` prints Markdown.

Estimated for the whole: about 200 minutes of two cores that multiply bf16, 80 of them the 1.5B model's; the 135M model
in both ways takes about 18.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from cells import Measured, measure, options, print_json
from numpy.typing import NDArray
from ratios import machine
from tasks import MODEL_FILES, here

from suffice.evaluate.completions import evaluate_completions, judged_answers
from suffice.records.answer_spec import AnswerSpec
from suffice.records.answers import Gold, Question, Submission
from suffice.records.completion import Completion, Decoding
from suffice.records.completion_evaluation import CompletionEvaluation, FormLoss
from suffice.records.evaluation import NotMeasured
from suffice.records.progress import SILENT
from suffice.records.task import CostSpec, TrainSpec
from suffice.rungs.answering import AnswerData, AnswerSettings, AskedQuestion
from suffice.rungs.ladder import PROMPTED, describe
from suffice.store.completions import NothingKept

MODELS = tuple(MODEL_FILES)
WAYS = ("prompted", "tuned")
TUNED = MODELS[:3]
"""The largest is not tuned: that would take as long as all the rest."""
N_QUESTIONS, N_TRAIN, EPOCHS, TUNE_SHARE = 100, 200, 3, 0.1
SPEC, SEED = AnswerSpec(), 0
"""Numbers, in GSM8K's own form."""
_CALCULATOR = re.compile(r"<<[^<>\n]*>>")


@dataclass(frozen=True, kw_only=True, slots=True)
class Generator:
    """Questions of a generator at one difficulty."""

    name: str
    sizes: dict[str, int]
    """What makes them hard, as the generator calls it."""
    steps: Callable[[dict[str, Any]], str | None]
    """What leads to the answer of an item, for those that are tuned; None where nothing is worth writing."""
    max_tokens: int


def _sum_steps(item: dict[str, Any]) -> str:
    """One term after the other."""
    first, *rest = item["metadata"]["expression"].split()
    total, lines = int(first), []
    for sign, term in zip(rest[::2], rest[1::2], strict=True):
        come_to = total + int(term) if sign == "+" else total - int(term)
        lines.append(f"{total} {sign} {term} = {come_to}")
        total = come_to
    return "\n".join(lines)


def _leg_steps(item: dict[str, Any]) -> str:
    """One animal after the other, then all together."""
    from reasoning_gym.arithmetic.leg_counting import ANIMALS  # noqa: PLC0415 - as `_generated`

    legs = {name: (n, ANIMALS[name]) for name, n in item["metadata"]["animals"].items()}
    lines = [f"{name}: {n} * {each} = {n * each}" for name, (n, each) in legs.items()]
    return "\n".join([*lines, f"{' + '.join(str(n * each) for n, each in legs.values())} = {item['answer']}"])


def _no_steps(item: dict[str, Any]) -> None:
    del item


GENERATORS = {
    "chain_sum, easy": Generator(
        name="chain_sum",
        sizes={"min_terms": 2, "max_terms": 2, "min_digits": 1, "max_digits": 2},
        steps=_sum_steps,
        max_tokens=128,
    ),
    "chain_sum, hard": Generator(
        name="chain_sum",
        sizes={"min_terms": 4, "max_terms": 5, "min_digits": 2, "max_digits": 3},
        steps=_sum_steps,
        max_tokens=192,
    ),
    "leg_counting, easy": Generator(
        name="leg_counting",
        sizes={"min_animals": 1, "max_animals": 2, "max_instances": 5},
        steps=_leg_steps,
        max_tokens=128,
    ),
    "leg_counting, hard": Generator(
        name="leg_counting",
        sizes={"min_animals": 4, "max_animals": 6, "max_instances": 12},
        steps=_leg_steps,
        max_tokens=192,
    ),
    "letter_counting, easy": Generator(
        name="letter_counting", sizes={"min_words": 3, "max_words": 4}, steps=_no_steps, max_tokens=128
    ),
    "letter_counting, hard": Generator(
        name="letter_counting", sizes={"min_words": 10, "max_words": 14}, steps=_no_steps, max_tokens=128
    ),
}
GSM8K = "gsm8k"
TASKS = (*GENERATORS, GSM8K)
MAX_TOKENS_OF_GSM8K = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One cell."""

    task: str
    model: str
    way: str
    n: int
    """Questions."""
    n_train: int
    """Questions that it is tuned on; 0 where it is not."""

    @property
    def name(self) -> str:
        """As the file of cells has it."""
        tuned_on = f"; {self.n_train} to learn from" if self.n_train else ""
        return f"{self.task}; {self.model}; {self.way}; {self.n} questions{tuned_on}"


def every(tasks: Sequence[str], models: Sequence[str], ways: Sequence[str], *, n: int, n_train: int) -> list[Asked]:
    """The cells of a part of the ladder, the cheapest models first.

    Args:
        tasks: of `TASKS`.
        models: of `MODELS`.
        ways: of `WAYS`.
        n: questions of each task.
        n_train: questions that a model is tuned on.
    """
    return [
        Asked(task=task, model=model, way=way, n=n, n_train=n_train if way == "tuned" else 0)
        for model in MODELS
        for way in WAYS
        for task in TASKS
        if model in models and way in ways and task in tasks and (way == "prompted" or model in TUNED)
    ]


def cell(asked: Asked, *, data: Path | None) -> Measured:
    """One model in one way on one task.

    Args:
        asked: the cell.
        data: folder of the real sets.
    """
    questions, train = questions_of(asked.task, n=asked.n, n_train=asked.n_train, data=data)
    rung = f"{asked.model}{PROMPTED if asked.way == 'prompted' else ''}"
    settings = AnswerSettings(
        seed=SEED,
        train=TrainSpec(epochs=EPOCHS),
        instruction="",
        answer=SPEC,
        context_tokens=512,
        too_long="head_tail",
    )
    with tempfile.TemporaryDirectory() as folder:
        fitted = (
            describe(rung)
            .load_answer_class()
            .fit(
                AnswerData(questions=train, tune=_kept_to_tune(asked.n_train)),
                settings,
                base=here(asked.model) or asked.model,
                checkpoints=Path(folder),
                progress=SILENT,
            )
        )
    decoding = Decoding(max_new_tokens=_max_tokens(asked.task))
    put = [AskedQuestion(id=one.id, text=one.given) for one in questions]
    fitted.completions(put[:1], decoding=Decoding(max_new_tokens=1), kept=NothingKept())  # Loads the weights.
    began = perf_counter()
    written = fitted.completions(put, decoding=decoding, kept=NothingKept())
    seconds = perf_counter() - began
    return figures(questions, written, seconds=seconds, train_seconds=fitted.train_seconds)


def _kept_to_tune(n_train: int) -> NDArray[np.int64] | None:
    """Positions of the last of the rows to learn from, on which the epoch is chosen; None where nothing is tuned."""
    return np.arange(n_train)[-max(1, round(TUNE_SHARE * n_train)) :] if n_train else None


def figures(
    questions: Sequence[Question], written: Sequence[Completion], *, seconds: float, train_seconds: float
) -> Measured:
    """What completions come to.

    Args:
        questions: with their right answers.
        written: what was written for each.
        seconds: that all took together.
        train_seconds: of tuning.
    """
    judged = judged_answers(
        questions,
        [Submission(id=one.id, text=one.text, stop_reason=one.stop_reason) for one in written],
        np.arange(len(questions)),
        spec=SPEC,
        seed=SEED,
        done=lambda n: None,
    )
    layers = evaluate_completions(judged, clusters=NotMeasured(why="of a hundred rows there are none"))
    each = seconds / len(questions)
    return {
        "accuracy": {
            grader: [one.accuracy, one.interval.low, one.interval.high]
            for grader, one in (
                ("strict", layers.accuracy.strict),
                ("lenient", layers.accuracy.lenient),
                ("verified", layers.accuracy.verified),
            )
        },
        "classes": {one.name: one.share for one in layers.waterfall.classes},
        "form_of_failures": form_of_failures(layers),
        "truncated": float(np.mean([one.stop_reason == "length" for one in written])),
        "tokens": float(np.mean([one.n_tokens for one in written])),
        "seconds": each,
        "cost_per_thousand": 1_000 * each / 3_600 * CostSpec().per_hour,
        "train_seconds": train_seconds,
    }


def form_of_failures(layers: CompletionEvaluation) -> float | None:
    """The share of a strict grader's failures that has the right value in another form, less what chance gives; None
    where it takes nothing for a failure, or form was not measured.

    Args:
        layers: of an evaluation.
    """
    failed = 1.0 - layers.accuracy.strict.accuracy
    if not failed or not isinstance(layers.form, FormLoss):
        return None
    return min(1.0, layers.form.lost_to_form / failed)


def questions_of(
    task: str, *, n: int, n_train: int, data: Path | None
) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Questions to answer, and others to learn from; fewer are the first of more.

    Args:
        task: of `TASKS`.
        n: questions to answer.
        n_train: questions to learn from.
        data: folder of the real sets.
    """
    asked, learned = _gsm8k(data) if task == GSM8K else _generated(task)
    return asked[:n], learned[:n_train]


@cache
def _generated(task: str) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    import reasoning_gym  # noqa: PLC0415 - it brings much that few benchmarks need

    of = GENERATORS[task]
    made = reasoning_gym.create_dataset(of.name, size=4_000, seed=SEED, **of.sizes)
    once = {" ".join(item["question"].split()): item for item in made}
    rows = tuple(
        _question(f"{of.name}-{k}", text, str(item["answer"]), of.steps(item))
        for k, (text, item) in enumerate(once.items())
    )
    half = len(rows) // 2
    return rows[:half], rows[half:]


@cache
def _gsm8k(data: Path | None) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    if data is None:
        raise SystemExit("GSM8K is wanted: name the folder of the data sets with --data or SUFFICE_DATA")
    with (Path(data) / "gsm8k" / "gsm8k.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    mixed = [rows[k] for k in np.random.default_rng(SEED).permutation(len(rows)).tolist()]

    def of(split: str) -> tuple[Question, ...]:
        kept = [row for row in mixed if row["split"] == split]
        return tuple(
            _question(f"{split}-{k}", row["question"], row["answer"], _CALCULATOR.sub("", row["trace"]))
            for k, row in enumerate(kept)
        )

    return of("test"), of("train")


def _question(id_: str, text: str, answer: str, trace: str | None) -> Question:
    return Question(
        id=id_, source="ladder", row=0, text=text, gold=Gold(answer=answer, trace=trace), group=None, split=None
    )


def _max_tokens(task: str) -> int:
    return MAX_TOKENS_OF_GSM8K if task == GSM8K else GENERATORS[task].max_tokens


def table(cells: dict[Asked, Measured]) -> str:
    """The figures as a table of Markdown.

    Args:
        cells: finished ones.
    """
    head = ("task", "model", "way", "verified (95%)", "strict", "lenient", "form, of failures", "cut off", "tokens")
    head += ("seconds", "money for 1,000", "tuned in, s")
    rows = [head, ("---",) * len(head)]
    for asked, one in cells.items():
        share, low, high = one["accuracy"]["verified"]
        form = one["form_of_failures"]
        rows.append(
            (
                asked.task,
                asked.model,
                asked.way,
                f"{share:.2f} ({low:.2f} to {high:.2f})",
                f"{one['accuracy']['strict'][0]:.2f}",
                f"{one['accuracy']['lenient'][0]:.2f}",
                "" if form is None else f"{form:.0%}",
                f"{one['truncated']:.0%}",
                f"{one['tokens']:.0f}",
                f"{one['seconds']:.2f}",
                f"{one['cost_per_thousand']:.4f}",
                f"{one['train_seconds']:.0f}" if asked.n_train else "",
            )
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Measures the cells that are missing and prints all."""
    parser = options(__doc__ or "")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS, help="these alone")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS, help="these alone")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="these alone")
    parser.add_argument("--questions", type=int, default=N_QUESTIONS, help="of each task")
    parser.add_argument("--train-rows", type=int, default=N_TRAIN, help="that a model is tuned on")
    parser.add_argument("--table", action="store_true", help="print a table of Markdown instead of JSON")
    given = parser.parse_args()
    wanted = every(given.tasks, given.models, given.ways, n=given.questions, n_train=given.train_rows)
    of = {asked.name: asked for asked in wanted}
    done = measure(
        ["machine", *of],
        lambda name: machine() if name == "machine" else cell(of[name], data=given.data),
        kept=given.cells,
    )
    if given.table:
        print(table({asked: done[name] for name, asked in of.items()}))
    else:
        print_json(done)


if __name__ == "__main__":
    main()
