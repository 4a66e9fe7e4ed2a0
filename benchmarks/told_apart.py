"""Wrong, ambiguous, and hard but clean rows: whether the audit tells them apart.

    python benchmarks/told_apart.py --cells out/told_apart.jsonl --data DATA [--sets banking77,clinc150,generated]

A tenth of the labels is merged by pairs drawn at random: their rows get one label of the pair at random and are
ambiguous by construction. Of the other rows 5% get a wrong label. Hard but clean are rows with their own label, that a
third method does not suspect, and to whose label embeddings gave less than half of the probability in the set as it
was.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from cells import Measured, measure, options, print_json
from numpy.typing import NDArray
from planting import Kind, Labelled, asked, load, plant, reference, scored_rows

from suffice.audit import FLAGGED_MARGIN
from suffice.audit.ambiguous import LEAST_DISPUTED
from suffice.pipeline.cells.asking import ask
from suffice.pipeline.labels.evidence import evidence_of
from suffice.records.progress import SILENT

SEEDS = (0, 1, 2)
KINDS: tuple[Kind, ...] = ("by_class", "by_row")
RATE = 0.05
WRONG, AMBIGUOUS, HARD = "wrong", "ambiguous", "hard but clean"


@lru_cache(maxsize=1)
def _prepared(name: str, data: Any) -> tuple[Labelled, NDArray[np.float64], NDArray[np.bool_]]:
    labelled = load(name, data)
    return labelled, reference(labelled), scored_rows(labelled)


def cell(name: str, data: Any) -> Measured:
    """One set, kind of error and seed: rows of each class by what the audit says of them."""
    dataset, kind, seed = name.split(" ")
    labelled, log_probs, unsuspected = _prepared(dataset, data)
    y, n_labels = labelled.y, len(labelled.labels)
    generator = np.random.default_rng(int(seed))
    merged = generator.permutation(n_labels)[: 2 * max(1, n_labels // 20)].reshape(-1, 2)
    planted = plant(y, rate=RATE, kind=kind, log_probs=log_probs, seed=int(seed))  # type: ignore[arg-type]
    ambiguous = np.isin(y, merged)
    for pair in merged:
        rows = np.flatnonzero(np.isin(y, pair))
        planted[rows] = generator.choice(pair, size=len(rows))
    wrong = (planted != y) & ~ambiguous
    own = np.exp(log_probs[np.arange(len(y)), y])
    hard = (planted == y) & ~ambiguous & unsuspected & (own < 0.5)
    rows = asked(labelled.texts, planted, labelled.labels, seed=int(seed))
    suspicion = evidence_of(rows, ask(rows, progress=SILENT), trained=[]).suspicion
    said_ambiguous = suspicion.disputed >= LEAST_DISPUTED
    said_wrong = ~said_ambiguous & (suspicion.margin >= FLAGGED_MARGIN)
    said = {WRONG: said_wrong, AMBIGUOUS: said_ambiguous, HARD: ~said_wrong & ~said_ambiguous}
    truth = {WRONG: wrong, AMBIGUOUS: ambiguous, HARD: hard}
    return {
        "n_pairs": len(merged),
        "matrix": {is_: {as_: int((truth[is_] & said[as_]).sum()) for as_ in said} for is_ in truth},
    }


def summary(cells: Mapping[str, Measured]) -> dict[str, Any]:
    """Counts over seeds, and the share of each class that is called what it is."""
    table: dict[str, Any] = {}
    for key in dict.fromkeys(name.rsplit(" ", 1)[0] for name in cells):
        of = [figures["matrix"] for name, figures in cells.items() if name.rsplit(" ", 1)[0] == key]
        matrix = {is_: {as_: sum(one[is_][as_] for one in of) for as_ in of[0]} for is_ in of[0]}
        right = {is_: round(matrix[is_][is_] / max(1, sum(matrix[is_].values())), 3) for is_ in matrix}
        table[key] = {"matrix": matrix, "right": right, "mean_right": round(float(np.mean(list(right.values()))), 3)}
    return table


def main() -> None:
    """Measures the cells that are missing and prints all."""
    parser = options(__doc__ or "")
    parser.add_argument("--sets", default="banking77,clinc150,generated")
    given = parser.parse_args()
    names = [f"{dataset} {kind} {seed}" for dataset in given.sets.split(",") for kind in KINDS for seed in SEEDS]
    print_json(summary(measure(names, lambda name: cell(name, given.data), kept=given.cells)))


if __name__ == "__main__":
    main()
