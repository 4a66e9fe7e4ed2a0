"""How well 300 reviewed rows estimate the number of wrong labels.

Each cell is one set with wrong labels in known places, ordered by suspicion, and 200 reviews of it by somebody who is
always right, each with draws of its own. Synthetic sets have 8,500 training rows and 1,000 validation rows; of the
wrong ones a share looks as right as the others do, and of the right ones a share is hard. `--ranking FILE` takes the
place of the synthetic sets: JSON lines with `score` (higher is more suspect) and `wrong` (true or false), one for each
training row.

Asked for: the estimate within a third of the truth in 85% of the reviews, and the 90% interval around it in 85%.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from cells import measure, options, print_json
from numpy.typing import NDArray

from suffice.review.count import TRAIN, count_wrong
from suffice.review.queue import stratified_queue
from suffice.review.settle import Outcome

N_REVIEWS, N_REVIEWED, N_TRAIN, N_VALIDATION = 200, 300, 8_500, 1_000
RATES = (0.03, 0.06, 0.12)
QUALITIES = {"good": (6.0, 0.05), "fair": (3.0, 0.10), "poor": (2.0, 0.15)}
"""First parameter of the Beta law of a wrong row's score (the second is 1.2), and the share that looks right."""
HARD_SHARE = 0.06
"""Of the right rows; their scores are Beta(1, 1.6), those of the others Beta(0.4, 6)."""


def synthetic(rate: float, quality: str, *, seed: int) -> NDArray[np.bool_]:
    """Whether each row's label is wrong, most suspicious row first."""
    generator, (peak, hidden) = np.random.default_rng(seed), QUALITIES[quality]
    wrong = np.arange(N_TRAIN) < round(rate * N_TRAIN)
    score = generator.beta(0.4, 6.0, N_TRAIN)
    hard = ~wrong & (generator.random(N_TRAIN) < HARD_SHARE)
    seen = wrong & (generator.random(N_TRAIN) >= hidden)
    score[hard] = generator.beta(1.0, 1.6, int(hard.sum()))
    score[seen] = generator.beta(peak, 1.2, int(seen.sum()))
    return wrong[np.argsort(-score, kind="stable")]


def ranked(path: Path) -> NDArray[np.bool_]:
    """The same of a file of rows."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    order = np.argsort([-row["score"] for row in rows], kind="stable")
    return np.array([row["wrong"] for row in rows], dtype=np.bool_)[order]


def reviews(wrong: NDArray[np.bool_], *, n_flagged: int, seeds: Iterable[int]) -> NDArray[np.float64]:
    """Estimate, lower and upper end of each review of one set, shape [3, reviews].

    Args:
        wrong: whether each training row's label is wrong, most suspicious row first, shape [M].
        n_flagged: rows that models contradict; the first.
        seeds: one for each review: of the queue's draws and of the estimate's.
    """
    n = len(wrong)
    labels, validation = ["given"] * n, np.arange(n, n + N_VALIDATION)
    estimates = []
    for seed in seeds:
        queue = stratified_queue(np.arange(n), {"validation": validation}, limit=N_REVIEWED, seed=seed)
        said = {
            item.row: Outcome("keep", "another" if wrong[item.row] else "given") for item in queue.items if item.row < n
        }
        found = count_wrong(queue.strata, said, flagged=np.arange(n_flagged), names=TRAIN, labels=labels, seed=seed)
        assert found is not None, "300 rows are enough for an estimate"
        estimates.append((found.estimate, found.low, found.high))
    return np.array(estimates, dtype=np.float64).T


def reviewed(wrong: NDArray[np.bool_]) -> dict[str, Any]:
    """Figures of 200 reviews of one set."""
    truth, n = int(wrong.sum()), len(wrong)
    # A ranking alone does not say how far models contradict it: all of `rest` is counted together.
    estimate, low, high = reviews(wrong, n_flagged=0, seeds=range(N_REVIEWS))
    precision = np.cumsum(wrong) / np.arange(1, n + 1)
    return {
        "n": n,
        "n_wrong": truth,
        "average_precision": round(float(precision[wrong].mean()), 3),
        "within_a_third": round(float((np.abs(estimate - truth) <= truth / 3).mean()), 3),
        "interval_covers": round(float(((low <= truth) & (truth <= high)).mean()), 3),
        "mean_estimate": round(float(estimate.mean()), 1),
        "mean_width_of_interval": round(float((high - low).mean()), 1),
    }


def cells(rankings: list[Path]) -> Iterator[str]:
    """Names of the cells."""
    if rankings:
        yield from map(str, rankings)
        return
    for rate in RATES:
        for quality in QUALITIES:
            for seed in range(3):
                yield f"synthetic {rate} {quality} seed {seed}"


def run(name: str) -> dict[str, Any]:
    """Measures one cell."""
    if not name.startswith("synthetic"):
        return reviewed(ranked(Path(name)))
    _, rate, quality, _, seed = name.split()
    return reviewed(synthetic(float(rate), quality, seed=int(seed)))


if __name__ == "__main__":
    parser = options(__doc__ or "")
    parser.add_argument("--ranking", type=Path, nargs="*", default=[], help="files of ranked rows")
    arguments = parser.parse_args()
    print_json(measure(cells(arguments.ranking), run, kept=arguments.cells))
