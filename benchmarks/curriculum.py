"""Rows from easy to hard against rows by chance: accuracy of the same runs in another order.

SmolLM2-135M is tuned on some hundred rows of Banking77 and of CLINC150, with each order and each seed; a seed decides
the training rows, the adapter's start and every draw, so that two orders of one seed differ in nothing else. They take
the same number of steps and are judged on the same 1,000 rows, which none of them was trained on, after the last epoch.

Printed for each way to order: accuracy less that of the order by chance, with a 95% interval over seeds and rows drawn
together. Three seeds are few: read the differences of the single seeds beside it.

Minutes on two cores: about 40 to 50; the cells of a seed come together, so that a run cut off leaves whole pairs.
"""

from __future__ import annotations

import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cells import Measured, measure, options, print_json
from numpy.typing import NDArray
from ratios import machine
from tasks import Prompted

from suffice.base_models import choose_precision
from suffice.kinds.classify import default_instruction
from suffice.pipeline.difficulty import out_of_fold_losses
from suffice.predict.batching import score_all
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.task import TrainSpec
from suffice.rungs.out_of_fold import N_FOLDS
from suffice.split import Strata, folds
from suffice.stats.resampling import N_DRAWS, group_draws, percentile_interval
from suffice.train.loop import TokenRows, train
from suffice.train.schedule import lora_schedule

BASE = "smollm2-135m"
ORDERS = ("random", "easy-first by loss", "easy-first by length")
SEEDS = (0, 1, 2)
EPOCHS = 3
"""Half of what as few rows get by default, for the time it takes; the first of them is the ordered one."""
N_JUDGED = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Subset:
    """What is trained on."""

    file: str
    n_labels: int
    n_train: int


SETS = {
    "banking77": Subset(file="banking77/banking77.jsonl", n_labels=77, n_train=800),
    "clinc150": Subset(file="clinc150/clinc150_full.jsonl", n_labels=50, n_train=700),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Messages:
    """Messages and labels."""

    texts: list[str]
    y: NDArray[np.int64]


def read(data: Path, name: str, *, seed: int) -> tuple[Messages, Messages, LabelSet]:
    """Rows to train on, which the seed draws, rows to judge on, which are always the same, and labels.

    Test rows stay out of it, and so does CLINC150's label for what belongs nowhere. Where a set brings no validation
    rows they are drawn from its training rows, and are then never trained on.
    """
    subset = SETS[name]
    lines = (data / subset.file).read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["split"] != "test" and row["label"] != "oos"]
    every = sorted({row["label"] for row in rows})
    labels = LabelSet.of(np.random.default_rng(0).permutation(every)[: subset.n_labels].tolist())
    rows = [row for row in rows if row["label"] in labels.names]
    kept = [row for row in rows if row["split"] == "validation"]
    rest = [row for row in rows if row["split"] == "train"]
    if not kept:
        mixed = np.random.default_rng(0).permutation(len(rest)).tolist()
        kept, rest = [rest[i] for i in mixed[:N_JUDGED]], [rest[i] for i in mixed[N_JUDGED:]]
    some = np.random.default_rng([1, seed]).permutation(len(rest))[: subset.n_train].tolist()
    return _messages([rest[i] for i in some], labels), _messages(kept[:N_JUDGED], labels), labels


def _messages(rows: list[dict[str, Any]], labels: LabelSet) -> Messages:
    return Messages(texts=[row["text"] for row in rows], y=labels.encode([row["label"] for row in rows]))


def difficulty(order: str, rows: Messages, *, n_labels: int) -> NDArray[np.float64] | None:
    """As a fit finds it, on rows each of which is a group of its own."""
    if order == "random":
        return None
    if order.endswith("length"):
        return np.array([len(text) for text in rows.texts], dtype=np.float64)
    n = len(rows.y)
    strata = Strata(y=rows.y, groups=np.arange(n), keys=tuple(map(str, range(n))))
    fold_of = folds(np.arange(n), strata, n_folds=N_FOLDS, seed=0)
    return out_of_fold_losses(rows.texts, rows.y, n_labels=n_labels, fold_of=fold_of, progress=SILENT)


def cell(name: str, data: Path) -> Measured:
    """One run, by what its name says."""
    if name == "machine":
        return machine()
    of, order, seed = name.split(", ")
    rows, judged, labels = read(data, of, seed=int(seed.removeprefix("seed ")))
    began = [time.perf_counter()]
    hardness = difficulty(order, rows, n_labels=len(labels))
    began.append(time.perf_counter())
    scorer = Prompted.load(BASE, default_instruction(labels), labels, precision=choose_precision().name).scorer()
    began.append(time.perf_counter())
    tokens, asked = ([row.ids for row in scorer.tokenise(given.texts)] for given in (rows, judged))
    began.append(time.perf_counter())
    with tempfile.TemporaryDirectory() as folder:
        result = train(
            scorer,
            TokenRows(tokens=tokens, y=rows.y, difficulty=hardness),
            tune=None,
            schedule=lora_schedule(len(rows.y), TrainSpec(epochs=EPOCHS)),
            seed=int(seed.removeprefix("seed ")),
            stop_after=None,
            checkpoints=Path(folder),
            progress=SILENT,
            what=name,
        )
    began.append(time.perf_counter())
    right = score_all(scorer, asked).argmax(axis=1) == judged.y
    began.append(time.perf_counter())
    parts = ("difficulty", "loading", "tokenising", "training", "judging")
    return {
        "accuracy": float(right.mean()),
        "right": "".join(map(str, right.astype(int).tolist())),
        "n_steps": result.n_steps,
        "n_halvings": result.n_halvings,
        "train_losses": [round(epoch.train_loss, 4) for epoch in result.history],
        "examples_per_second": result.n_examples_seen / result.loop_seconds,
        "seconds": dict(zip(parts, np.diff(began).round(3).tolist(), strict=True)),
    }


def right_of(cells: dict[str, Measured], of: str, order: str) -> NDArray[np.float64]:
    """Whether each run of an order is right on each row, shape [seeds, rows]."""
    return np.array(
        [[int(one) for one in cells[f"{of}, {order}, seed {seed}"]["right"]] for seed in SEEDS], dtype=float
    )


def difference(first: NDArray[np.float64], second: NDArray[np.float64]) -> dict[str, Any]:
    """Accuracy of the first less that of the second, both [seeds, rows], with seeds and rows drawn apart.

    Source: Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1: rows and columns of a table are
        drawn independently; the interval is rather too wide than too narrow.
    """
    gained = first - second
    n_seeds, n_rows = gained.shape
    seeds = np.concatenate(list(group_draws(n_seeds, n_draws=N_DRAWS, seed=0)))
    rows = np.concatenate(list(group_draws(n_rows, n_draws=N_DRAWS, seed=1)))
    draws = np.einsum("ds,sr,dr->d", seeds, gained, rows, optimize=True) / gained.size
    interval = percentile_interval(draws)
    return {
        "difference": round(float(gained.mean()), 4),
        "interval": [round(interval.low, 4), round(interval.high, 4)],
        "by_seed": gained.mean(axis=1).round(4).tolist(),
    }


def summary(cells: dict[str, Measured]) -> dict[str, Any]:
    """Accuracies, and what each way to order gains over chance in each set and in both together."""
    right = {(of, order): right_of(cells, of, order) for of in SETS for order in ORDERS}
    gains: dict[str, Any] = {}
    for order in ORDERS[1:]:
        of_each = {of: difference(right[of, order], right[of, "random"]) for of in SETS}
        both = [np.concatenate([right[of, kind] for of in SETS], axis=1) for kind in (order, "random")]
        gains[order] = of_each | {"all": difference(*both)}
    return {
        "machine": cells["machine"],
        "settings": {"base": BASE, "epochs": EPOCHS, "n_judged": N_JUDGED, "seeds": SEEDS},
        "accuracy": {f"{of}, {order}": right[of, order].mean(axis=1).round(4).tolist() for of, order in right},
        "gain": gains,
    }


def main() -> None:
    """Runs the cells that are missing and prints all."""
    given = options(__doc__ or "").parse_args()
    names = [f"{of}, {order}, seed {seed}" for seed in SEEDS for of in SETS for order in ORDERS]
    print_json(summary(measure(["machine", *names], lambda name: cell(name, Path(given.data)), kept=given.cells)))


if __name__ == "__main__":
    main()
