"""How well messages out of scope are told, and what a threshold does that was set without one of them.

    python benchmarks/serve_scope.py --cells bench-out/serve_scope.jsonl --data DATA --fits bench-out/serve_scope

CLINC150 as its authors divided it. Rungs are fitted on the 15,000 training messages of 150 labels, none out of scope;
temperature and threshold are set on the 3,000 validation messages; all figures are of the 4,500 test messages in scope
and the 1,000 out of scope. What is measured by rung was chosen on the 200 messages out of scope of train and
validation, and on labels of validation that were held out in turn. A fit that was cut off goes on.

Asked: an area under the curve of at least 0.95; the aim is 0.969, published for BERT with a head that is aware of
distance (Liu et al. 2020, Simple and Principled Uncertainty Estimation with Deterministic Deep Learning via Distance
Awareness, NeurIPS, table 3).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cells import Measured, measure, options, print_json
from closed_tasks import FILES
from numpy.typing import NDArray

from suffice.bundles.scope import measure_of
from suffice.bundles.scope_fit import Refit, Score, Taught, fit_scope
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.task import TrainSpec
from suffice.rungs.interface import FittedRung, HasStrength, Settings, TrainingData
from suffice.rungs.ladder import base_of, describe
from suffice.split import Strata, tune_rows
from suffice.stats.calibration import calibration_floor, expected_calibration_error, reliability
from suffice.stats.resampling import N_DRAWS, percentile_interval
from suffice.stats.scope import separation
from suffice.stats.temperature import fit_temperature, softmax

MINUTES = 20
"""On one core."""
RUNGS = ("embed", "tfidf", "encoder")
OUTSIDE = "oos"
"""What CLINC150 calls messages out of scope."""
MAX_REFUSED = 0.05
STRENGTHS = {"tfidf": 20.0}
"""Of linear models where it is not chosen: the middle one of the rung's own three, of which each takes minutes here."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Messages of one split."""

    texts: list[str]
    y: NDArray[np.int64]
    """Label codes; -1 of messages out of scope."""


def parts(data: Path) -> tuple[LabelSet, dict[str, Part]]:
    """The labels, and the messages by split; those out of scope apart, as `outside`, of test alone.

    Args:
        data: folder of the real sets.
    """
    with (data / FILES["clinc150"]).open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    labels = LabelSet.of(row["label"] for row in rows if row["label"] != OUTSIDE)
    found = {}
    for name in ("train", "validation", "test"):
        own = [row for row in rows if row["split"] == name and row["label"] != OUTSIDE]
        found[name] = Part(texts=[row["text"] for row in own], y=labels.encode([row["label"] for row in own]))
    outside = [row["text"] for row in rows if row["split"] == "test" and row["label"] == OUTSIDE]
    found["outside"] = Part(texts=outside, y=np.full(len(outside), -1))
    return labels, found


def settings(strength: float | None) -> Settings:
    """How rungs are fitted: by default.

    Args:
        strength: of a linear model that is fitted again; None chooses it.
    """
    return Settings(
        seed=0,
        train=TrainSpec(strength=strength),
        instruction="",
        context_tokens=512,
        too_long="head_tail",
        label_output="tokens",
    )


def fitted(rung: str, train: Part, labels: LabelSet, *, folder: Path) -> FittedRung:
    """A rung on the training messages, as it lies on disk; one that is not there is fitted, or fitted on.

    Args:
        rung: one of `RUNGS`.
        train: training messages.
        labels: the 150 labels.
        folder: where it is kept.
    """
    kind, model = describe(rung).load_class(), folder / rung / "model"
    if not model.is_dir():
        every = np.arange(len(train.y))
        strata = Strata(y=train.y, groups=every, keys=tuple(train.texts))
        tune = tune_rows(every, strata, seed=0)
        given = TrainingData(texts=train.texts, y=train.y, labels=labels, tune=tune, folds=None)
        checkpoints = folder / rung / "checkpoints"
        base = base_of(rung, TrainSpec()) or ""
        found = kind.fit(given, settings(STRENGTHS.get(rung)), base=base, checkpoints=checkpoints, progress=SILENT)
        part = folder / rung / "part"
        part.mkdir(parents=True, exist_ok=True)
        found.save(part)
        part.rename(model)
    return kind.load(model, labels, base_folder=None)


def refit_of(rung: str, found: FittedRung, train: Part, labels: LabelSet) -> Refit | None:
    """A cheap rung without some labels, at the strength that it has.

    Args:
        rung: one of `RUNGS`.
        found: fitted.
        train: training messages.
        labels: the 150 labels.
    """
    if not isinstance(found, HasStrength):
        return None
    how = settings(found.strength)

    def refit(kept: NDArray[np.bool_]) -> Score:
        rows = np.flatnonzero(kept)
        texts = [train.texts[row] for row in rows]
        given = TrainingData(texts=texts, y=train.y[rows], labels=labels, tune=np.arange(0), folds=None)
        kind, base = describe(rung).load_class(), base_of(rung, TrainSpec()) or ""
        return kind.fit(given, how, base=base, checkpoints=Path(), progress=SILENT).scores

    return refit


def cell(name: str, *, data: Path, folder: Path) -> Measured:
    """One rung: how well it tells what is outside, what its threshold does, and whether its probabilities are true."""
    labels, rows = parts(data)
    train, validation, test = rows["train"], rows["validation"], rows["test"]
    rung = fitted(name, train, labels, folder=folder)
    kind = measure_of(name)
    assert kind is not None, "rungs that answer alike have no scope"
    taught = Taught(texts=train.texts, y=train.y, unseen=validation.texts, y_unseen=validation.y, outside=())
    scope = fit_scope(
        taught,
        measure=kind,
        score=rung.scores,
        refit=refit_of(name, rung, train, labels),
        max_refused=MAX_REFUSED,
        seed=0,
    )
    told = rung.scores(test.texts)
    inside, outside = scope.of(told), scope.of(rung.scores(rows["outside"].texts))
    cut = scope.record.threshold
    assert cut is not None, "3,000 messages are enough for a threshold"
    generator = np.random.default_rng(11)
    draws = [
        separation(generator.choice(inside, len(inside)), generator.choice(outside, len(outside)))
        for _ in range(N_DRAWS)
    ]
    auroc = percentile_interval(np.array(draws))
    temperature = fit_temperature(rung.scores(validation.texts).logits, validation.y)
    probs = softmax(told.logits, temperature=temperature)
    confidence, right = probs.max(axis=1), probs.argmax(axis=1) == test.y
    return {
        "measure": kind,
        "accuracy": float(right.mean()),
        "auroc": separation(inside, outside),
        "auroc_low": auroc.low,
        "auroc_high": auroc.high,
        "caught_at_5": float((outside > np.quantile(inside, 1.0 - MAX_REFUSED)).mean()),
        "held_out_auroc": scope.record.separation,
        "held_out_refused": float((inside > cut).mean()),
        "held_out_caught": float((outside > cut).mean()),
        "ece": expected_calibration_error(reliability(confidence, right)),
        "ece_floor": calibration_floor(confidence, seed=0),
    }


def main() -> None:
    """Runs every cell and prints what was told."""
    parser = options(__doc__ or "")
    parser.add_argument("--fits", type=Path, required=True, help="folder where fitted rungs are kept")
    parser.add_argument("--rungs", default=",".join(RUNGS), help="those to measure")
    given = parser.parse_args()
    names = given.rungs.split(",")
    print_json(measure(names, lambda name: cell(name, data=Path(given.data), folder=given.fits), kept=given.cells))


if __name__ == "__main__":
    main()
