"""How far off a forecast of accuracy is: from a quarter of the rows to all of them, and at other ratios.

    python benchmarks/verdict_forecast.py --cells bench-out/verdict_forecast.jsonl --data DATA --part development --fit
    python benchmarks/verdict_forecast.py --cells bench-out/verdict_forecast.jsonl --data DATA --part scored

Asked for, on 60 curves or more of sets that nothing was chosen on: a median absolute error of 1.0 point where 2,000
rows are judged on and of 1.5 below; at most a third of the error of "the last point stays" on the curves that gain two
points from a quarter of the rows to all; 90% intervals that cover within the binomial band of 0.90.

A curve is a task, a rung and a split: as a fit goes about it, each rung on a quarter of the rows and on three nested
subsets of each half of those before; the runs on a half and on all are what is foretold. The truth is the accuracy on
the same validation rows, which is what a later fit would show; beside it stands that on rows that were never looked at.
Answers are kept beside the cells, so that a change of the forecast alone costs seconds. `--fit` prints what the
constants of `diagnose/curves.py` and `stats/power_law.py` come to on these curves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from cells import Measured as Figures
from cells import measure, options, print_json
from closed_tasks import DEVELOPMENT, SCORED, Pool, pool
from embedded_once import embed_once
from numpy.typing import NDArray
from scipy.stats import binom

import suffice
from suffice.diagnose import curves
from suffice.diagnose.curves import Curve
from suffice.diagnose.draws import Draws
from suffice.diagnose.seeds import Seeds
from suffice.records.grid import Grid, Measured, RungFacts
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.task import CostSpec, TargetSpec, TrainSpec
from suffice.rungs.interface import Settings, TrainingData
from suffice.rungs.ladder import base_of, describe
from suffice.split import Strata, folds, nested_subset, tune_rows
from suffice.stats import power_law

MINUTES = 15
MAX_TRAIN, MAX_VALIDATION, VALIDATION_SHARE = 4_096, 2_000, 0.35
MANY = 2_000
"""Validation rows from which one point of error is asked for."""
SEEN = 4
"""A quarter of the rows is seen."""
PARTS = (2, 4, 8, 16, 32)
"""Of what is seen, on three subsets each."""
N_SUBSETS, LEAST_ROWS = 3, 40
GAINS = 0.02
SHORT_TEXTS = (
    "letter_counting",
    "gcd",
    "family_relationships",
    "count_bits",
    "aiw",
    "syllogism",
    "calendar_arithmetic",
)
"""Generators that `embed` is run on: the texts of the others take minutes to embed."""
SETS: Mapping[str, tuple[str, ...]] = {
    "development": (*(f"banking77/{k}/{s}" for s, k in enumerate((20, 40, 60, 30, 77, 50))), *DEVELOPMENT),
    "scored": (*(f"clinc150/{k}/{s}" for s, k in enumerate((20, 50, 100, 30, 75, 40, 60, 150))), "cfpb/20/0", *SCORED),
}
FEW: Mapping[str, tuple[str, ...]] = {
    "development": (*(f"banking77/{k}/{s}@1600" for s, k in enumerate((40, 60, 50, 70), start=20)),),
    "scored": (*(f"clinc150/{k}/{s}@1600" for s, k in enumerate((40, 50, 100, 60, 75), start=20)), "cfpb/20/0@1600"),
}
"""Sets of which 400 rows are seen: few of each label, as a small task has them."""
FEW_VALIDATION = 400
SPLITS: Mapping[str, int] = {"banking77": 1, "clinc150": 2, "cfpb": 3}
"""Splits of each task; of generators three."""
N_DRAWS = 1_000
DECIDES = ("rungs", "predict", "base_models", "split")
"""Rooms whose code decides what a rung answers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """What one rung answered on validation rows and on rows that were never looked at, size by size."""

    n: NDArray[np.int64]
    """Training rows of each run, shape [C]."""
    subset_seed: NDArray[np.int64]
    """Shape [C]; -1 for the runs on all that is seen, on twice that, and on all."""
    y_pred: NDArray[np.int64]
    """Label codes, shape [C, V + F]."""
    y_true: NDArray[np.int64]
    """Shape [V + F]."""
    n_validation: int
    """V."""
    n_labels: int


def names_of(part: str) -> list[str]:
    """The curves of a part: `RUNG:TASK:SPLIT`, the first split of every task first.

    Args:
        part: `development` or `scored`.
    """
    names = []
    few = (*FEW[part], *(f"{task}@1600" for task in SETS[part] if "/" not in task))
    for split, task in product(range(max(SPLITS.values())), (*SETS[part], *few)):
        if split < SPLITS.get(task.partition("/")[0], 3):
            rungs = ("tfidf", "embed") if "/" in task or task.partition("@")[0] in SHORT_TEXTS else ("tfidf",)
            names += [f"{rung}:{task}:{split}" for rung in rungs]
    return names


def answers(name: str, *, data: Path, kept: Path) -> Answers:
    """Runs one curve, or reads it.

    Args:
        name: `RUNG:TASK:SPLIT`.
        data: folder of the real sets.
        kept: folder of the curves that were run, by the code that decides them.
    """
    file = kept / f"{name.replace('/', '-').replace(':', '_')}_{_code()}.npz"
    if not file.exists():
        kept.mkdir(parents=True, exist_ok=True)
        found = _run(name, data=data)
        part = file.with_suffix(".part.npz")
        np.savez_compressed(part, **{key: getattr(found, key) for key in Answers.__slots__})
        part.replace(file)
    with np.load(file) as read:
        arrays = dict(read)
    numbers = {key: int(arrays.pop(key)) for key in ("n_validation", "n_labels")}
    return Answers(**arrays, **numbers)


def _run(name: str, *, data: Path) -> Answers:
    rung, task, split = name.split(":")
    source, _, few = task.partition("@")
    rows = _pool(source, data)
    order = np.random.default_rng([11, int(split)]).permutation(len(rows.texts))
    n_validation = FEW_VALIDATION if few else min(MAX_VALIDATION, int(VALIDATION_SHARE * len(order)))
    n_all = min(int(few or MAX_TRAIN), len(order) - n_validation)
    judged = np.concatenate([order[:n_validation], order[n_validation + n_all :][:MAX_VALIDATION]])
    train = order[n_validation : n_validation + n_all]
    seen = train[: n_all // SEEN]
    strata = Strata(y=rows.y, groups=np.arange(len(rows.texts)), keys=rows.texts)
    sizes = [len(seen) // part for part in PARTS if len(seen) // part >= max(LEAST_ROWS, len(rows.labels))]
    asked = [
        (nested_subset(seen, strata, n=n, seed=seed), seed) for n, seed in product(reversed(sizes), range(N_SUBSETS))
    ]
    asked += [(seen, -1), (train[: n_all // 2], -1), (train, -1)]
    predicted = [_predicted(rung, rows, of_run, strata, judged) for of_run, _ in asked]
    return Answers(
        n=np.array([len(of_run) for of_run, _ in asked]),
        subset_seed=np.array([seed for _, seed in asked]),
        y_pred=np.stack(predicted),
        y_true=rows.y[judged],
        n_validation=n_validation,
        n_labels=len(rows.labels),
    )


def _predicted(
    rung: str, rows: Pool, train: NDArray[np.int64], strata: Strata, judged: NDArray[np.int64]
) -> NDArray[np.int64]:
    train = np.sort(train)
    by_folds = len(train) < 500
    tune = np.array([], dtype=np.int64) if by_folds else tune_rows(train, strata, seed=0)
    given = TrainingData(
        texts=[rows.texts[i] for i in train],
        y=rows.y[train],
        labels=LabelSet(names=rows.labels),
        tune=None if by_folds else np.flatnonzero(np.isin(train, tune)),
        folds=folds(train, strata, n_folds=3, seed=0) if by_folds else None,
    )
    settings = Settings(
        seed=0, train=TrainSpec(), instruction="", context_tokens=512, too_long="head_tail", label_output="tokens"
    )
    fit = describe(rung).load_class().fit
    fitted = fit(given, settings, base=base_of(rung, TrainSpec()) or "", checkpoints=Path(), progress=SILENT)
    texts = [rows.texts[i] for i in judged]
    scores = fitted.scores_of(fitted.read(texts)) if hasattr(fitted, "read") else fitted.scores(texts)
    return np.asarray(scores.logits.argmax(axis=1))


@cache
def _pool(task: str, data: Path) -> Pool:
    return pool(task, data=data)


@cache
def _code() -> str:
    """What decides an answer: the rooms that fit, the tasks, and how a curve is laid out."""
    room, here = Path(suffice.__file__).parent, Path(__file__).parent
    laid_out = (MAX_TRAIN, MAX_VALIDATION, VALIDATION_SHARE, SEEN, PARTS, N_SUBSETS, LEAST_ROWS, FEW_VALIDATION)
    digest = hashlib.sha256(repr(laid_out).encode())
    for file in (*(file for name in DECIDES for file in sorted((room / name).rglob("*.py"))), here / "closed_tasks.py"):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


def grid_of(found: Answers, *, rung: str, last: int) -> Grid:
    """The cells up to a size, as a verdict reads them.

    Args:
        found: one curve.
        rung: as in the ladder.
        last: the largest number of rows that is seen.
    """
    seen, judged = int(found.n[found.subset_seed < 0].min()), slice(0, found.n_validation)
    cells = tuple(
        Measured(
            run=f"{rung}-n{n}-s{seed}",
            rung=rung,
            n=int(n),
            subset_seed=int(max(seed, 0)),
            seed=0,
            change=None,
            y_pred=y_pred[judged],
            confidence=np.zeros(found.n_validation, dtype=np.float32),
            train_accuracy=None,
            seconds=0.0,
            latency_ms=0.0,
            asked=None if n == seen else int(n),
        )
        for n, seed, y_pred in zip(found.n, found.subset_seed, found.y_pred, strict=True)
        if n <= last
    )
    facts = RungFacts(name=rung, cheap=True, trains=True, sweep=(), in_ladder=True, seconds_per_row=0.0)
    return Grid(
        labels=tuple(map(str, range(found.n_labels))),
        y_true=found.y_true[judged],
        groups=np.arange(found.n_validation),
        n_train=seen,
        n_validation=found.n_validation,
        n_test=0,
        target=TargetSpec(at_least=0.9),
        prices=CostSpec(),
        rungs=(facts,),
        cells=cells,
    )


def foretold(found: Answers, *, rung: str, model: Model) -> Iterator[Figures]:
    """Every forecast of a curve, beside what came out.

    Args:
        found: one curve.
        rung: as in the ladder.
        model: constants of the forecast.
    """
    whole = found.subset_seed < 0
    right = found.y_pred == found.y_true
    judged, fresh = right[:, : found.n_validation].mean(axis=1), right[:, found.n_validation :]
    sizes = sorted({int(n) for n in found.n if n <= found.n[whole].min()})
    for last in sizes[-1:0:-1][:3]:
        grid = grid_of(found, rung=rung, last=last)
        draws = Draws(grid=grid, seed=0, n_draws=N_DRAWS)
        curve = Curve(
            rung=rung,
            draws=draws,
            seeds=Seeds(draws=draws),
            prior=model.prior,
            kept=model.kept,
            widening=model.widening,
        )
        for place in np.flatnonzero(whole)[1:]:
            n = int(found.n[place])
            said = curve.forecast(n)
            assert said is not None, "every curve has two sizes"
            yield {
                "seen": last,
                "n": n,
                "ratio": 2 ** round(float(np.log2(n / last))),
                "of_seen": last == sizes[-1],
                "n_validation": found.n_validation,
                "truth": float(judged[place]),
                "fresh": float(fresh[place].mean()) if fresh.shape[1] >= 500 else None,
                "last": float(1.0 - curve.errors[-1, 0, 0]),
                "foretold": said.accuracy,
                "low": said.interval.low,
                "high": said.interval.high,
            }


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """Constants of the forecast."""

    prior: power_law.Prior = power_law.PRIOR
    kept: float = curves.KEPT_RESIDUAL
    widening: Mapping[float, float] = field(default_factory=lambda: curves.WIDENING)


def summary(found: Sequence[Figures]) -> dict[str, Any]:
    """What is asked for, of the forecasts from a quarter of the rows to all.

    Args:
        found: one for each curve.
    """
    errors = np.array([one["foretold"] - one["truth"] for one in found])
    last = np.array([one["last"] - one["truth"] for one in found])
    many = np.array([one["n_validation"] >= MANY for one in found], dtype=np.bool_)
    climbs = last <= -GAINS
    return {
        "curves": len(found),
        "median_error": _median(np.abs(errors)),
        "median_error_on_2000": _median(np.abs(errors)[many]),
        "median_error_on_fewer": _median(np.abs(errors)[~many]),
        "last_point": _median(np.abs(last)),
        "climbing": int(climbs.sum()),
        "to_last_point": float(np.abs(errors)[climbs].sum() / np.abs(last)[climbs].sum()) if climbs.any() else None,
        "bias": float(errors.mean()) if len(errors) else None,
        **_covered(found),
    }


def _covered(found: Sequence[Figures]) -> dict[str, Any]:
    said: dict[str, Any] = {"half_width": _median([(one["high"] - one["low"]) / 2.0 for one in found])}
    for what in ("truth", "fresh"):
        known = [one for one in found if one[what] is not None]
        n = len(known)
        covered = sum(one["low"] <= one[what] <= one["high"] for one in known)
        band = [int(binom.ppf(share, n, 0.9)) / n for share in (0.025, 0.975)] if n else None
        said[what] = {"n": n, "covered": covered / n if n else None, "band": band}
    return said


def _median(values: Sequence[float] | NDArray[np.float64]) -> float | None:
    return float(np.median(values)) if len(values) else None


def figures(cells: Mapping[str, Figures]) -> dict[str, Any]:
    """All curves, each kind of set, each rung, and other ratios.

    Args:
        cells: forecasts of every curve.
    """
    asked = {
        name: one for name, of in cells.items() for one in of["forecasts"] if one["of_seen"] and one["ratio"] == SEEN
    }
    kinds: dict[str, list[Figures]] = {}
    for name, one in asked.items():
        rung, task, _ = name.split(":")
        kinds.setdefault(task.partition("/")[0] if "/" in task else "generators", []).append(one)
        kinds.setdefault(rung, []).append(one)
    every = [one for of in cells.values() for one in of["forecasts"]]
    return {
        "all": summary(list(asked.values())),
        "by": {kind: summary(of_kind) for kind, of_kind in sorted(kinds.items())},
        "ratios": {
            str(ratio): summary([one for one in every if one["ratio"] == ratio])
            for ratio in sorted({one["ratio"] for one in every})
        },
        "curves": {name: {key: one[key] for key in SHOWN} for name, one in asked.items()},
    }


SHOWN = ("n", "n_validation", "last", "truth", "fresh", "foretold", "low", "high")


def loss(found: Iterable[Figures]) -> float:
    """Mean interval score of the 90% intervals, points: width, and 20 times what lies outside.

    Source: Gneiting and Raftery (2007), Strictly Proper Scoring Rules, JASA 102, section 6.2.
    """
    scores = [
        one["high"] - one["low"] + 20.0 * max(one["low"] - one["truth"], one["truth"] - one["high"], 0.0)
        for one in found
    ]
    return 100.0 * float(np.mean(scores))


CANDIDATES: Mapping[str, tuple[float, ...]] = {
    "exponent": (0.3, 0.4, 0.5, 0.6, 0.7, 0.85),
    "spread": (0.3, 0.6, 0.8, 1.2),
    "decay": (0.0, 1.5, 5.0, 10.0),
    "late": (0.3, 0.5, 1.0, 2.0),
    "misfit": (0.002, 0.004, 0.008, 0.016),
    "drift": (0.0, 0.5, 1.0, 2.0, 4.0),
    "kept": (0.0, 0.25, 0.5, 0.75, 1.0),
}


def fit(all_answers: Mapping[str, Answers]) -> dict[str, Any]:
    """The constants that score best, one after another, twice around; then the widening at each ratio.

    Scored is the interval score of all forecasts at 2, 4 and 8 times, each task weighing the same, as it comes before
    widening.

    Args:
        all_answers: of the development curves.
    """

    def scored(model: Model) -> float:
        by_task: dict[str, list[float]] = {}
        for name, found in all_answers.items():
            rung, task, _ = name.split(":")
            said = [one for one in foretold(found, rung=rung, model=model) if one["ratio"] <= 8]
            by_task.setdefault(task, []).append(loss(said))
        return float(np.mean([np.mean(of_task) for of_task in by_task.values()]))

    model, tried = Model(widening={1.0: 1.0}), {}
    best = tried["as it was"] = scored(model)
    for name in [*CANDIDATES, *CANDIDATES]:
        for value in CANDIDATES[name]:
            other = _with(model, name, value)
            tried[f"{name} {value}"] = now = scored(other)
            if now < best - 0.005:
                model, best = other, now
    ratios: dict[int, dict[str, list[float]]] = {}
    for name, found in all_answers.items():
        rung, task, _ = name.split(":")
        for one in foretold(found, rung=rung, model=model):
            off = one["truth"] - one["foretold"]
            reach = (one["high"] - one["foretold"]) if off > 0 else (one["foretold"] - one["low"])
            ratios.setdefault(one["ratio"], {}).setdefault(task, []).append(abs(off) / reach)
    widening = {ratio: _nine_in_ten(by_task) for ratio, by_task in sorted(ratios.items())}
    return {"model": repr(model), "score": best, "tried": tried, "widening": widening}


def _nine_in_ten(by_task: Mapping[str, Sequence[float]]) -> float:
    """What nine in ten curves need, each task weighing the same.

    Source: split conformal prediction, with weights: Barber et al. (2023), Conformal prediction beyond exchangeability,
        Annals of Statistics 51.
    """
    values = np.concatenate([np.array(of) for of in by_task.values()])
    weights = np.concatenate([np.full(len(of), 1.0 / len(of)) for of in by_task.values()]) / len(by_task)
    order = np.argsort(values)
    return float(values[order][np.searchsorted(np.cumsum(weights[order]), 0.9 - 1e-9)])


def _with(model: Model, name: str, value: float) -> Model:
    return replace(model, kept=value) if name == "kept" else replace(model, prior=replace(model.prior, **{name: value}))


def main() -> None:
    """Runs the curves of a part and prints how far off their forecasts are."""
    parser = options(__doc__ or "")
    parser.add_argument("--part", choices=tuple(SETS), default="development")
    parser.add_argument("--only", nargs="*", default=[], help="curves whose names begin so")
    parser.add_argument("--fit", action="store_true", help="print what the constants of a forecast come to")
    given = parser.parse_args()
    folder: Path = given.cells.parent
    embed_once(folder / "embedded.sqlite")
    names = [name for name in names_of(given.part) if not given.only or name.startswith(tuple(given.only))]
    read = partial(answers, data=given.data, kept=folder / "curves")

    def cell(name: str) -> Figures:
        return {"forecasts": list(foretold(read(name), rung=name.partition(":")[0], model=Model()))}

    found = figures(measure(names, cell, kept=given.cells))
    if given.fit:
        assert given.part == "development", "nothing is fitted on what is scored"
        found["fit"] = fit({name: read(name) for name in names})
    print_json(found)


if __name__ == "__main__":
    main()
