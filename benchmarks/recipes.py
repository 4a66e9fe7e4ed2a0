"""One thing changed in how an adapter is tuned: rates, sizes, orders of rows, layers, and rates of other base models.

A base model, SmolLM2-135M unless the recipe says another, is tuned on 500 rows of Banking77 and of CLINC150, or on
2,000, by each recipe and with each seed; a seed decides the training rows, the adapter's start and every draw, so that
two recipes of one seed differ in nothing else. They are judged on the same 1,000 rows, which none of them was trained
on, after the last epoch.

Printed for each recipe: accuracy less that of another one, mostly the reference, with a 95% interval over seeds and
rows drawn together. Three seeds are few: read the differences of the single seeds beside it.

Minutes on two cores: about 10 for a recipe of 500 rows and three epochs, 40 for one of 2,000 rows, and by its size more
for a larger base. The cells of a seed
come together: a run cut off leaves whole pairs.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from cells import Measured, measure, options, print_json
from numpy.typing import NDArray
from ratios import machine
from tasks import LORA, Prompted

from suffice.base_models import choose_precision
from suffice.kinds.classify import default_instruction
from suffice.pipeline.cells.difficulty import out_of_fold_losses
from suffice.predict.batching import score_all
from suffice.predict.causal import CausalScorer
from suffice.predict.lora import LoraShape
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.task import TrainSpec
from suffice.rungs.out_of_fold import N_FOLDS
from suffice.split import Strata, folds
from suffice.stats.resampling import N_DRAWS, group_draws, percentile_interval
from suffice.train.loop import train
from suffice.train.rows import TokenRows
from suffice.train.schedule import lora_schedule

SEEDS = (0, 1, 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How an adapter is tuned."""

    against: str = "reference"
    """The recipe that it is held against; the reference is held against itself."""
    base: str = "smollm2-135m"
    """Base model that is tuned."""
    head: bool = False
    """A trained head answers instead of the labels' tokens."""
    n_train: int = 500
    """Rows."""
    order: Literal["random", "loss", "length"] = "random"
    """By chance, or from easy to hard by this."""
    rate: float = 1e-3
    """Peak learning rate."""
    warmup: float | None = None
    """Share of the steps."""
    epochs: int = 3
    """Half of what 500 rows get by default, for the time it takes, and as many as 2,000 rows get."""
    lora: LoraShape = LORA
    top_third: bool = False
    """Adapters on the upper third of the layers alone."""
    float32: bool = False
    """Frozen weights are multiplied in float32 instead of what the processor does fastest."""


RECIPES = {
    "reference": Recipe(),
    "easy-first by loss": Recipe(order="loss"),
    "easy-first by length": Recipe(order="length"),
    "top third": Recipe(top_third=True),
    "top third, rate x 2": Recipe(top_third=True, rate=2e-3),
    "rate x 0.5": Recipe(rate=5e-4),
    "rate x 2": Recipe(rate=2e-3),
    "six epochs": Recipe(epochs=6),
    "rank 8": Recipe(lora=replace(LORA, rank=8, alpha=16.0)),
    "rank 32": Recipe(lora=replace(LORA, rank=32, alpha=64.0)),
    "dropout 0.05": Recipe(lora=replace(LORA, dropout=0.05)),
    "float32": Recipe(float32=True),
    "rsLoRA": Recipe(lora=replace(LORA, rank_stabilised=True)),
    "no warm-up": Recipe(warmup=0.0),
    "warm-up 0.2": Recipe(warmup=0.2),
    "rate x 2, easy-first by loss": Recipe(order="loss", rate=2e-3, against="rate x 2"),
    "six epochs, rate x 2": Recipe(epochs=6, rate=2e-3, against="six epochs"),
    "six epochs, rate x 4": Recipe(epochs=6, rate=4e-3, against="six epochs, rate x 2"),
    "six epochs, top third, rate x 2": Recipe(epochs=6, top_third=True, rate=2e-3, against="six epochs, rate x 2"),
    "six epochs, top third, rate x 4": Recipe(epochs=6, top_third=True, rate=4e-3, against="six epochs, rate x 2"),
    "trained head": Recipe(head=True),
    "trained head, rate x 2": Recipe(head=True, rate=2e-3, against="trained head"),
    "gemma3-270m": Recipe(base="gemma3-270m"),
    "gemma3-270m, rate x 2": Recipe(base="gemma3-270m", rate=2e-3, against="gemma3-270m"),
    "qwen2.5-0.5b": Recipe(base="qwen2.5-0.5b"),
    "qwen2.5-0.5b, rate x 2": Recipe(base="qwen2.5-0.5b", rate=2e-3, against="qwen2.5-0.5b"),
    "2,000 rows": Recipe(n_train=2_000, rate=5e-4),
    "2,000 rows, rate x 2": Recipe(n_train=2_000, rate=1e-3, against="2,000 rows"),
    "2,000 rows, top third, rate x 2": Recipe(n_train=2_000, top_third=True, rate=1e-3, against="2,000 rows, rate x 2"),
    "2,000 rows, rate x 4": Recipe(n_train=2_000, rate=2e-3, against="2,000 rows, rate x 2"),
}
N_JUDGED = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Subset:
    """What is trained on."""

    file: str
    n_labels: int


SETS = {
    "banking77": Subset(file="banking77/banking77.jsonl", n_labels=77),
    "clinc150": Subset(file="clinc150/clinc150_full.jsonl", n_labels=50),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Messages:
    """Messages and labels."""

    texts: list[str]
    y: NDArray[np.int64]


def read(data: Path, name: str, *, n_train: int, seed: int) -> tuple[Messages, Messages, LabelSet]:
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
    some = np.random.default_rng([1, seed]).permutation(len(rest))[:n_train].tolist()
    return _messages([rest[i] for i in some], labels), _messages(kept[:N_JUDGED], labels), labels


def _messages(rows: list[dict[str, Any]], labels: LabelSet) -> Messages:
    return Messages(texts=[row["text"] for row in rows], y=labels.encode([row["label"] for row in rows]))


def difficulty(recipe: Recipe, rows: Messages, *, n_labels: int) -> NDArray[np.float64] | None:
    """As a fit finds it, on rows each of which is a group of its own."""
    if recipe.order == "random":
        return None
    if recipe.order == "length":
        return np.array([len(text) for text in rows.texts], dtype=np.float64)
    n = len(rows.y)
    strata = Strata(y=rows.y, groups=np.arange(n), keys=tuple(map(str, range(n))))
    fold_of = folds(np.arange(n), strata, n_folds=N_FOLDS, seed=0)
    return out_of_fold_losses(rows.texts, rows.y, n_labels=n_labels, fold_of=fold_of, progress=SILENT)


def cell(name: str, data: Path) -> Measured:
    """One run, by what its name says."""
    if name == "machine":
        return machine()
    of, what, last = name.split("; ")
    recipe, seed = RECIPES[what], int(last.removeprefix("seed "))
    rows, judged, labels = read(data, of, n_train=recipe.n_train, seed=seed)
    hardness = difficulty(recipe, rows, n_labels=len(labels))
    precision = "fp32" if recipe.float32 else choose_precision()
    prompted = Prompted.load(recipe.base, default_instruction(labels), labels, precision=precision)
    scorer = prompted.scorer(recipe.lora, head=recipe.head)
    if recipe.top_third:
        _leave_upper_third(scorer)
    tokens, asked = ([row.ids for row in scorer.tokenise(given.texts)] for given in (rows, judged))
    schedule = lora_schedule(len(rows.y), TrainSpec(epochs=recipe.epochs))
    with tempfile.TemporaryDirectory() as folder:
        result = train(
            scorer,
            TokenRows(tokens=tokens, y=rows.y, difficulty=hardness),
            tune=None,
            schedule=replace(
                schedule,
                learning_rate=recipe.rate,
                warmup=schedule.warmup if recipe.warmup is None else recipe.warmup,
            ),
            seed=seed,
            stop_after=None,
            checkpoints=Path(folder),
            progress=SILENT,
            what=name,
        )
    right = score_all(scorer, asked).argmax(axis=1) == judged.y
    return {
        "accuracy": float(right.mean()),
        "right": "".join(map(str, right.astype(int).tolist())),
        "n_steps": result.n_steps,
        "n_halvings": result.n_halvings,
        "train_losses": [round(epoch.train_loss, 4) for epoch in result.history],
        "examples_per_second": result.n_examples_seen / result.loop_seconds,
    }


def _leave_upper_third(scorer: CausalScorer) -> None:
    """Lower adapters stay as they begin, where they change nothing; no gradient goes below the upper ones."""
    at = {name: int(name.split(".")[1]) for name in scorer.adapters}
    first = max(at.values()) + 1 - math.ceil((max(at.values()) + 1) / 3)
    for name, adapter in list(scorer.adapters.items()):
        if at[name] < first:
            adapter.requires_grad_(False)
            del scorer.adapters[name]


def right_of(cells: dict[str, Measured], of: str, what: str) -> NDArray[np.float64]:
    """Whether each run of a recipe is right on each row, shape [seeds, rows]."""
    return np.array([[int(one) for one in cells[f"{of}; {what}; seed {seed}"]["right"]] for seed in SEEDS], dtype=float)


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


def summary(cells: dict[str, Measured], recipes: Sequence[str]) -> dict[str, Any]:
    """Accuracies, and what each recipe gains over the one it is held against in each set and in both together."""
    right = {(of, what): right_of(cells, of, what) for of in SETS for what in recipes}
    gains: dict[str, Any] = {}
    for what in recipes:
        against = RECIPES[what].against
        if against == what:
            continue
        of_each = {of: difference(right[of, what], right[of, against]) for of in SETS}
        both = [np.concatenate([right[of, kind] for of in SETS], axis=1) for kind in (what, against)]
        gains[what] = {"against": against} | of_each | {"both": difference(*both)}
    return {
        "machine": cells["machine"],
        "settings": {
            "bases": sorted({RECIPES[what].base for what in recipes}),
            "n_judged": N_JUDGED,
            "seeds": SEEDS,
            "sets": {n: asdict(s) for n, s in SETS.items()},
        },
        "accuracy": {f"{of}, {what}": of_each.mean(axis=1).round(4).tolist() for (of, what), of_each in right.items()},
        "gain": gains,
    }


def main() -> None:
    """Runs the cells that are missing and prints all."""
    parser = options(__doc__ or "")
    parser.add_argument("--only", nargs="+", choices=list(RECIPES)[1:], help="these, and what they stand against")
    given = parser.parse_args()
    asked = set(given.only or RECIPES)
    recipes = [what for what in RECIPES if what in asked | {RECIPES[one].against for one in asked}]
    names = [f"{of}; {what}; seed {seed}" for seed in SEEDS for of in SETS for what in recipes]
    cells = measure(["machine", *names], lambda name: cell(name, Path(given.data)), kept=given.cells)
    print_json(summary(cells, recipes))


if __name__ == "__main__":
    main()
