"""The error rate of labels from 300 reviewed rows, where the errors were planted and are therefore known.

    python benchmarks/verdict_labels.py --cells bench-out/verdict_labels.jsonl --data DATA [--quick]

Training rows of Banking77 and CLINC150 get wrong labels, are ordered by the audit's own suspicion, and are reviewed by
somebody who knows the label that each had before. What the sets have of errors themselves counts as right, so that a
figure is the difference to the set as it was; the cells at a rate of 0 are that set. One planting of each case and 200
reviews of it, the draws of every review its own.

Asked: the 90% interval of the error rate covers in 85% of the 200, and its mean half-width is at most 1.5, 2, 2.5 and 4
points at 2, 5, 10 and 20%.

A cell ranks 3,000 rows, half a minute on one core. Beside it stands the estimate that counts all rows below the most
suspicious tenth together, whatever models say of them. `--quick` takes the generated set, 400 rows of it, one
planting and ten reviews.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from cells import Measured, measure, options, print_json
from numpy.typing import NDArray
from planting import Labelled, asked, load, plant, reference
from review_estimate import reviews

from suffice.pipeline.cells.asking import ask
from suffice.pipeline.labels.evidence import evidence_of
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT

MINUTES = 15
N_ROWS, N_PLANTINGS, N_REVIEWS = 3_000, 1, 200
ROWS_A_LABEL = 100
"""Of CLINC150: as many labels are taken as make up the rows, instead of a few rows of each."""
SETS, KINDS = ("banking77", "clinc150"), ("uniform", "by_row")
ASKED_COVERED = 0.85
ASKED_HALF_WIDTH: Mapping[float, float] = {0.02: 0.015, 0.05: 0.02, 0.10: 0.025, 0.20: 0.04}
"""At most, by planted rate."""


@lru_cache(maxsize=1)
def _prepared(name: str, n_rows: int, data: Path | None) -> tuple[Labelled, NDArray[np.float64]]:
    labelled = some_rows(load(name, data), n_rows)
    return labelled, reference(labelled)


def some_rows(labelled: Labelled, n_rows: int) -> Labelled:
    """Training rows of a set, the same whenever it is asked: at random, of CLINC150 all rows of some labels.

    Args:
        labelled: the set.
        n_rows: about how many.
    """
    generator, y = np.random.default_rng(0), labelled.y
    names = np.arange(len(labelled.labels))
    if labelled.name == "clinc150":
        names = np.sort(generator.permutation(names)[: n_rows // ROWS_A_LABEL])
    rows = np.flatnonzero(np.isin(y, names))
    rows = np.sort(generator.permutation(rows)[:n_rows])
    names = np.unique(y[rows])
    return replace(
        labelled,
        texts=[labelled.texts[row] for row in rows],
        y=np.searchsorted(names, y[rows]),
        labels=LabelSet(names=tuple(labelled.labels.names[k] for k in names)),
    )


def cell(name: str, data: Path | None) -> Measured:
    """One planting: how it was ranked, and every review of it.

    Args:
        name: set, rows, kind, rate, planting and reviews: `banking77 5000 by_row 0.05 0 100`.
        data: folder of the real sets.
    """
    dataset, n_rows, kind, rate, planting, n_reviews = name.split(" ")
    labelled, log_probs = _prepared(dataset, int(n_rows), data)
    seed = int(planting)
    planted = plant(labelled.y, rate=float(rate), kind=kind, log_probs=log_probs, seed=seed)  # type: ignore[arg-type]
    rows = asked(labelled.texts, planted, labelled.labels, seed=seed)
    suspicion = evidence_of(rows, ask(rows, progress=SILENT), trained=[]).suspicion
    wrong = (planted != labelled.y)[np.argsort(-suspicion.score, kind="stable")]
    n_flagged = int((suspicion.margin > 0.0).sum())
    first = seed * int(n_reviews)
    seeds = range(first, first + int(n_reviews))
    estimate, low, high = reviews(wrong, n_flagged=n_flagged, seeds=seeds) / len(wrong)
    together = reviews(wrong, n_flagged=0, seeds=seeds) / len(wrong)
    tenth = wrong[: len(wrong) // 10]
    return {
        "n": len(wrong),
        "truth": float(wrong.mean()),
        "flagged": n_flagged / len(wrong),
        "share_in_top_tenth": float(tenth.sum() / wrong.sum()) if wrong.any() else None,
        "rest_together": together[1:].round(5).tolist(),
        "estimate": estimate.round(5).tolist(),
        "low": low.round(5).tolist(),
        "high": high.round(5).tolist(),
    }


def summary(cells: Mapping[str, Measured]) -> dict[str, Any]:
    """One line for each set, kind and rate, over plantings and reviews.

    Args:
        cells: of `cell`, by name.
    """
    table: dict[str, Any] = {}
    for key in dict.fromkeys(_case(name) for name in cells):
        of = [one for name, one in cells.items() if _case(name) == key]
        table[key] = _line(of, rate=float(key.split(" ")[-1]))
    judged = [line for line in table.values() if "met" in line]
    return {"cases": table, "met": sum(line["met"] for line in judged), "of": len(judged)}


def _case(name: str) -> str:
    dataset, _, kind, rate, _, _ = name.split(" ")
    return f"{dataset} {kind} {rate}"


def _line(of: Iterable[Measured], *, rate: float) -> dict[str, Any]:
    of = list(of)
    low, high, estimate = (np.concatenate([one[what] for one in of]) for what in ("low", "high", "estimate"))
    truth = np.concatenate([np.full(len(one["low"]), one["truth"]) for one in of])
    half, covers = (high - low) / 2.0, (low <= truth) & (truth <= high)
    low_together, high_together = np.concatenate([one["rest_together"] for one in of], axis=1)
    covers_together = (low_together <= truth) & (truth <= high_together)
    line: dict[str, Any] = {
        "reviews": len(half),
        "covered": round(float(covers.mean()), 3),
        "missed_below": round(float((high < truth).mean()), 3),
        "missed_above": round(float((truth < low).mean()), 3),
        "mean_half_width": round(float(half.mean()), 4),
        "half_width_90": round(float(np.quantile(half, 0.9)), 4),
        "bias": round(float((estimate - truth).mean()), 4),
        "flagged": [round(one["flagged"], 3) for one in of],
        "share_in_top_tenth": [one["share_in_top_tenth"] for one in of],
        "rest_together": {
            "covered": round(float(covers_together.mean()), 3),
            "mean_half_width": round(float((high_together - low_together).mean()) / 2.0, 4),
        },
    }
    if rate in ASKED_HALF_WIDTH:
        narrow = line["mean_half_width"] <= ASKED_HALF_WIDTH[rate]
        line |= {"asked_half_width": ASKED_HALF_WIDTH[rate], "met": bool(line["covered"] >= ASKED_COVERED and narrow)}
    return line


def names(*, quick: bool) -> list[str]:
    """Names of the cells.

    Args:
        quick: the small form, for tests.
    """
    if quick:
        return ["generated 400 uniform 0.05 0 10", "generated 400 uniform 0.2 0 10"]
    rates = [("uniform", 0.0), *((kind, rate) for rate in ASKED_HALF_WIDTH for kind in KINDS)]
    return [
        f"{dataset} {N_ROWS} {kind} {rate:g} {planting} {N_REVIEWS}"
        for dataset in SETS
        for planting in range(N_PLANTINGS)
        for kind, rate in rates
    ]


def main() -> None:
    """Measures the cells that are missing and prints all."""
    parser = options(__doc__ or "")
    parser.add_argument("--quick", action="store_true", help="the small form")
    given = parser.parse_args()
    print_json(summary(measure(names(quick=given.quick), lambda name: cell(name, given.data), kept=given.cells)))


if __name__ == "__main__":
    main()
