"""Whether what calibration promises is kept, and how much is answered beside what an oracle would answer.

    python benchmarks/serve_abstention.py --cells bench-out/serve_abstention.jsonl --data DATA

A rung is fitted on Banking77 (77 labels) and CLINC150 (150 labels, none out of scope); 1,000 further rows set its
temperature and the thresholds. All other rows are the pool. Calibration rows are drawn from it with replacement, so
that the true risk above a threshold is the pool's. The oracle answers as many as it can at that risk, by any threshold.

Asked: the promise at confidence 1 - d is broken in at most d + 2 sqrt(d (1 - d) / 500) of 500 draws; where accuracy is
0.94 or more, for e = 0.05, the answered share is 0.85 of the oracle's at 1,000 rows and 0.92 at 3,000.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from cells import Measured, measure, options, print_json
from closed_tasks import pool

from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.task import TrainSpec
from suffice.rungs.interface import Settings, TrainingData
from suffice.rungs.ladder import base_of, describe
from suffice.split import Strata, tune_rows
from suffice.stats.abstention import Said, promise, thresholds_of
from suffice.stats.temperature import fit_temperature, softmax

MINUTES = 6
"""On one core."""
SETS = ("banking77/77/0", "clinc150/150/0")
RUNGS = ("tfidf", "embed")
SIZES, ERRORS, MISSES = (300, 1_000, 3_000), (0.02, 0.05), (0.05, 0.1)
N_DRAWS, N_VALIDATION, TRAIN_SHARE = 500, 1_000, 0.55


def answered(task: str, rung: str, *, data: Path) -> tuple[Said, tuple[float, ...]]:
    """What a rung says of the pool, and thresholds from validation.

    Args:
        task: one of `SETS`.
        rung: one of `RUNGS`.
        data: folder of the real sets.
    """
    rows = pool(task, data=data)
    order = np.random.default_rng(3).permutation(len(rows.texts))
    n_train = int(TRAIN_SHARE * len(order))
    train, validation = np.sort(order[:n_train]), order[n_train : n_train + N_VALIDATION]
    rest = order[n_train + N_VALIDATION :]
    strata = Strata(y=rows.y, groups=np.arange(len(rows.texts)), keys=rows.texts)
    given = TrainingData(
        texts=[rows.texts[i] for i in train],
        y=rows.y[train],
        labels=LabelSet(names=rows.labels),
        tune=np.flatnonzero(np.isin(train, tune_rows(train, strata, seed=0))),
        folds=None,
    )
    how = Settings(
        seed=0, train=TrainSpec(), instruction="", context_tokens=512, too_long="head_tail", label_output="tokens"
    )
    fit = describe(rung).load_class().fit
    fitted = fit(given, how, base=base_of(rung, TrainSpec()) or "", checkpoints=Path(), progress=SILENT)
    held = fitted.scores([rows.texts[i] for i in validation]).logits
    temperature = fit_temperature(held, rows.y[validation])
    probs = softmax(fitted.scores([rows.texts[i] for i in rest]).logits, temperature=temperature)
    said = Said(confidence=probs.max(axis=1), y_pred=probs.argmax(axis=1), y_true=rows.y[rest])
    return said, thresholds_of(softmax(held, temperature=temperature).max(axis=1))


def oracle(said: Said, *, max_error: float) -> float:
    """The largest share that any threshold answers at that risk.

    Args:
        said: of the pool.
        max_error: the most that may be wrong.
    """
    order = np.argsort(-said.confidence, kind="stable")
    wrong = np.cumsum(~said.right[order])
    last = np.append(said.confidence[order][1:] < said.confidence[order][:-1], True)  # Equal ones go together.
    fits = last & (wrong <= max_error * np.arange(1, len(order) + 1))
    return float((np.flatnonzero(fits).max() + 1) / len(order)) if fits.any() else 0.0


def cell(name: str, *, data: Path) -> Measured:
    """One set, rung, size, error and confidence: 500 draws."""
    task, rung, n, max_error, miss = name.split(" ")
    said, cuts = _answered(task, rung, data)
    e, d = float(max_error), float(miss)
    generator = np.random.default_rng([7, int(n)])
    broken, shares = 0, []
    risk = {cut: float((~said.right)[said.confidence >= cut].mean()) for cut in cuts if (said.confidence >= cut).any()}
    for _ in range(N_DRAWS):
        rows = generator.integers(0, len(said.right), int(n))
        drawn = Said(confidence=said.confidence[rows], y_pred=said.y_pred[rows], y_true=said.y_true[rows])
        found = promise(drawn, cuts, max_error=e, confidence=1.0 - d, labels=())
        if found.threshold is None:
            shares.append(0.0)
            continue
        broken += risk[found.threshold] > e
        shares.append(float((said.confidence >= found.threshold).mean()))
    best = oracle(said, max_error=e)
    return {
        "accuracy": float(said.right.mean()),
        "broken": broken / N_DRAWS,
        "at_most": d + 2.0 * float(np.sqrt(d * (1.0 - d) / N_DRAWS)),
        "answered": float(np.mean(shares)),
        "oracle": best,
        "of_oracle": float(np.mean(shares)) / best if best else None,
        "refused": float(np.mean([share == 0.0 for share in shares])),
    }


@cache
def _answered(task: str, rung: str, data: Path) -> tuple[Said, tuple[float, ...]]:
    return answered(task, rung, data=data)


def main() -> None:
    """Runs every cell and prints what was broken and what was answered."""
    given = options(__doc__ or "").parse_args()
    names = [f"{s} {r} {n} {e} {d}" for s in SETS for r in RUNGS for n in SIZES for e in ERRORS for d in MISSES]
    print_json(measure(names, lambda name: cell(name, data=Path(given.data)), kept=given.cells))


if __name__ == "__main__":
    main()
