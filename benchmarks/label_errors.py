"""Planted label errors: how early the audit's ranking shows them, what fixing them regains, and what others do.

    python benchmarks/label_errors.py --cells out/label_errors.jsonl --data DATA [--sets banking77,clinc150,generated]
        [--kinds uniform,by_class,by_row] [--rates 0.03,0.06,0.12] [--seeds 3]

Average precision and precision among the first 100 are taken over the rows that a third method does not suspect in the
set as it is (`suspected_rows.json`); repairs are counted over all rows; what they regain is measured at 12%. Needs
cleanlab and the MiniLM encoder.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from cells import Measured, measure, options, print_json
from cleanlab.rank import get_label_quality_scores
from numpy.typing import NDArray
from planting import ENCODER, Labelled, asked, load, plant, reference, scored_rows, settings
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict

from suffice.pipeline.cells.asking import EMBED_STRENGTH, ask
from suffice.pipeline.labels.evidence import evidence_of
from suffice.records.progress import SILENT
from suffice.rungs import embed
from suffice.rungs.logistic import fit_softmax

REPAIRED_RATE = 0.12
N_FIXED = 600


@lru_cache(maxsize=1)
def _prepared(name: str, data: Any) -> tuple[Labelled, NDArray[np.float64], NDArray[np.bool_]]:
    labelled = load(name, data)
    return labelled, reference(labelled), scored_rows(labelled)


def cell(name: str, data: Any, *, rankings: Path) -> Measured:
    """One set, kind, rate and seed; the ranking is kept for `review_estimate.py --ranking`."""
    dataset, kind, rate, seed = name.split(" ")
    labelled, log_probs, scored = _prepared(dataset, data)
    planted = plant(labelled.y, rate=float(rate), kind=kind, log_probs=log_probs, seed=int(seed))  # type: ignore[arg-type]
    wrong = planted != labelled.y
    rows = asked(labelled.texts, planted, labelled.labels, seed=int(seed))
    evidence = evidence_of(rows, ask(rows, progress=SILENT), trained=[])
    ranked = {"suffice": evidence.suspicion.score} | _others(evidence, planted, labelled)
    rankings.mkdir(parents=True, exist_ok=True)
    rows_ranked = zip(ranked["suffice"].tolist(), wrong.tolist(), strict=True)
    lines = [json.dumps({"score": score, "wrong": is_wrong}) for score, is_wrong in rows_ranked]
    (rankings / f"{name.replace(' ', '-')}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    figures: Measured = {"n": len(wrong), "n_wrong": int(wrong.sum())}
    for method, score in ranked.items():
        first = np.flatnonzero(scored)[np.argsort(-score[scored], kind="stable")]
        every = np.argsort(-score, kind="stable")
        figures[method] = {
            "average_precision": float(average_precision_score(wrong[scored], score[scored])),
            "precision_at_100": float(wrong[first[:100]].mean()),
            "repaired_of_600": int(wrong[every[:N_FIXED]].sum()),
        }
    figures["perfect_repairs"] = min(N_FIXED, int(wrong.sum()))
    if float(rate) == REPAIRED_RATE:
        figures["regained"] = _regained(labelled, planted, ranked["suffice"])
    return figures


def _others(evidence: Any, planted: NDArray[np.int64], labelled: Labelled) -> Mapping[str, NDArray[np.float64]]:
    """What cleanlab makes of the probabilities of a plain TF-IDF model, and of our own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        x = TfidfVectorizer().fit_transform(labelled.texts)
        plain = cross_val_predict(LogisticRegression(max_iter=1_000), x, planted, cv=5, method="predict_proba")
    probs = {"plain tfidf": plain, "joined": evidence.probs}
    probs |= {one.rung: np.exp(one.log_probs) for one in evidence.out_of_fold}
    scores = {}
    for source, unscaled in probs.items():
        p = unscaled / unscaled.sum(axis=1, keepdims=True)
        for method in ("self_confidence", "normalized_margin"):
            scores[f"cleanlab {method} on {source}"] = 1 - get_label_quality_scores(planted, p, method=method)
    return scores


def _regained(labelled: Labelled, planted: NDArray[np.int64], score: NDArray[np.float64]) -> Measured:
    """Test accuracy of embeddings and logistic regression: with the errors, with 600 rows fixed, with as many errors
    fixed that are drawn at random, without errors.
    """
    x = embed.features(labelled.texts, settings(0), base=ENCODER, progress=SILENT)
    x_test = embed.features(labelled.test_texts, settings(0), base=ENCODER, progress=SILENT)
    generator = np.random.default_rng(0)
    wrong = np.flatnonzero(planted != labelled.y)
    fixed, by_chance = planted.copy(), planted.copy()
    first = np.argsort(-score, kind="stable")[:N_FIXED]
    fixed[first] = labelled.y[first]
    some_wrong = generator.choice(wrong, size=int((planted != fixed).sum()), replace=False)
    by_chance[some_wrong] = labelled.y[some_wrong]
    learned = {"with_errors": planted, "fixed": fixed, "fixed_by_chance": by_chance, "without_errors": labelled.y}
    right = {
        name: fit_softmax(x, y, c=EMBED_STRENGTH).predict(x_test) == labelled.test_y for name, y in learned.items()
    }
    share = len(some_wrong) / len(wrong)

    def regained(rows: NDArray[np.int64] | slice, name: str) -> float:
        accuracy = {learner: float(correct[rows].mean()) for learner, correct in right.items()}
        lost = accuracy["without_errors"] - accuracy["with_errors"]
        return (accuracy[name] - accuracy["with_errors"]) / lost / share if lost > 0 else float("nan")

    draws = [generator.integers(len(x_test), size=len(x_test)) for _ in range(1_000)]
    figures: Measured = {name: float(correct.mean()) for name, correct in right.items()}
    figures["share_of_errors_repaired"] = share
    for name in ("fixed", "fixed_by_chance"):
        figures[f"{name}: regained over share"] = regained(slice(None), name)
        figures[f"{name}: interval"] = np.nanquantile([regained(rows, name) for rows in draws], [0.025, 0.975]).tolist()
    return figures


def summary(cells: Mapping[str, Measured]) -> dict[str, Any]:
    """Means over seeds."""
    table: dict[str, Any] = {}
    for key in dict.fromkeys(name.rsplit(" ", 1)[0] for name in cells):
        of = [figures for name, figures in cells.items() if name.rsplit(" ", 1)[0] == key]
        methods = [method for method, figures in of[0].items() if isinstance(figures, dict) and method != "regained"]
        table[key] = {
            method: {figure: round(float(np.mean([one[method][figure] for one in of])), 3) for figure in of[0][method]}
            for method in methods
        }
        table[key]["perfect_repairs"] = of[0]["perfect_repairs"]
        table[key]["regained"] = [one["regained"] for one in of if "regained" in one]
    return table


def main() -> None:
    """Measures the cells that are missing and prints all."""
    parser = options(__doc__ or "")
    parser.add_argument("--sets", default="banking77,clinc150,generated")
    parser.add_argument("--kinds", default="uniform,by_class,by_row")
    parser.add_argument("--rates", default="0.03,0.06,0.12")
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    given = parser.parse_args()

    def run(name: str) -> Measured:
        return cell(name, given.data, rankings=given.cells.parent / "rankings")

    names = [
        f"{dataset} {kind} {rate} {seed}"
        for dataset in given.sets.split(",")
        for seed in range(given.seeds)
        for kind in given.kinds.split(",")
        for rate in given.rates.split(",")
    ]
    print_json(summary(measure(names, run, kept=given.cells)))


if __name__ == "__main__":
    main()
