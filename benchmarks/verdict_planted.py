"""Whether the verdict names the cause that was planted: each case is a fit and, for its truth, every plan carried out.

    python benchmarks/verdict_planted.py --cells planted.jsonl --data DATA --part development

Asked for: the first verdict right in 85% of the scored cases, with 78% as the lower end of a bootstrap clustered by
data set and family.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from cells import beside, measure, options, print_json
from closed_tasks import DEVELOPMENT, SCORED, pool
from embedded_once import embed_once
from planted_cases import FAMILIES, N_REVIEWED, Case, case_of
from planted_right import kept_truth, target_of
from planted_summary import summary
from planted_truth import Carrier, truth_of
from stub_endpoint import INPUT_TOKENS, stub_endpoint

from suffice.diagnose.draws import Draws
from suffice.pipeline.grid.climb import Ascent, climb
from suffice.pipeline.grid.confirm import Confirmed, confirm, ship
from suffice.pipeline.grid.measured import Looked, compared_rows
from suffice.pipeline.grid.symptoms import symptoms_of
from suffice.pipeline.rows.prepare import Prepared, prepare
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.grid import ReviewedRows
from suffice.records.next_cells import Budget
from suffice.records.progress import SILENT
from suffice.store.home import home
from suffice.store.task_file import load_task

SEED = 0


def truth(name: str, *, data: Path) -> dict[str, Any]:
    """What the right verdict of a case is: every plan carried out.

    Args:
        name: `FAMILY:SOURCE:SEED`.
        data: folder of the real sets.
    """
    case = _case(name, data=data)
    carrier = Carrier(case)
    plans = carrier.every()
    target = target_of(case, plans, seen=_seen(case, carrier))
    found = truth_of(case, plans, target=target, differ=carrier.differ())
    return {"family": case.family, "source": case.source} | kept_truth(found, plans)


def verdict(name: str, *, target: float, data: Path) -> dict[str, Any]:
    """What a fit says of a case.

    Args:
        name: `FAMILY:SOURCE:SEED`.
        target: what is to be reached.
        data: folder of the real sets.
    """
    case = _case(name, data=data)
    with tempfile.TemporaryDirectory() as folder, _hosted(case) as hosted, ledger_of_its_own():
        return told(*fitted(case, target, Path(folder), hosted=hosted))


def _case(name: str, *, data: Path) -> Case:
    family, source, seed = name.split(":")
    return case_of(family, pool(source, data=data), int(seed))


@contextmanager
def ledger_of_its_own() -> Iterator[None]:
    """Lets a test be opened for the first time, whoever opened one of the same rows before."""
    before, own = os.environ.get("SUFFICE_HOME"), _own_home(home() / "models")
    (own / "openings.jsonl").unlink(missing_ok=True)
    os.environ["SUFFICE_HOME"] = str(own)
    try:
        yield
    finally:
        os.environ.pop("SUFFICE_HOME")
        if before is not None:
            os.environ["SUFFICE_HOME"] = before


@cache
def _own_home(models: Path) -> Path:
    """A home of this process, with the person's models; encoders are kept by their path, so that it is always one."""
    own = Path(tempfile.mkdtemp(prefix="suffice-home-"))
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    models.mkdir(parents=True, exist_ok=True)
    (own / "models").symlink_to(models)
    return own


@contextmanager
def _hosted(case: Case) -> Iterator[dict[str, Any]]:
    """The endpoint of a case as its task file describes it; empty where it has none."""
    if case.hosted_accuracy is None:
        yield {}
        return
    generator, k = np.random.default_rng(37), len(case.labels)
    wrong = generator.random(len(case.given)) >= case.hosted_accuracy
    said = np.where(wrong, (case.given + generator.integers(1, k, size=len(wrong))) % k, case.given)
    with stub_endpoint({text: case.labels[code] for text, code in zip(case.texts, said, strict=True)}) as url:
        price = {"input": case.hosted_price / INPUT_TOKENS * 1e6, "output": 0.0}
        yield {"stub": {"base_url": url, "model": "stub", "price_per_million": price, "max_cost": 10.0}}


def fitted(case: Case, target: float, folder: Path, *, hosted: dict[str, Any]) -> tuple[Ascent, Confirmed]:
    """A fit on a case's rows, as `suffice fit` goes about it, with what a person found who is always right.

    Args:
        case: the spoiled task.
        target: what is to be reached.
        folder: an empty one.
        hosted: endpoints, as in the task file.
    """
    ladder = (*case.ladder, *(f"hosted:{name}" for name in hosted))
    test = case.test if case.n_test_shown is None else case.test[: case.n_test_shown]
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as file:
        for split, rows in (("train", case.train), ("validation", case.validation), ("test", test)):
            for place, i in enumerate(rows.tolist()):
                row = {"id": f"{split}-{place}", "text": case.texts[i], "label": case.labels[case.given[i]]}
                file.write(json.dumps(row | {"split": split}) + "\n")
    task = {
        "name": "case",
        "data": {"path": "rows.jsonl", "text": "text", "label": "label", "id": "id", "split": "split"},
        "labels": list(case.labels),
        "target": {"at_least": target, "metric": case.metric},
        "ladder": list(ladder),
        "hosted": hosted,
        "train": {"refit": False, **case.train_spec},
        "audit": {"allow": ["rare_label", "label_only_in_test"]},
    }
    (folder / "task.yaml").write_text(yaml.safe_dump(task), encoding="utf-8")
    loaded = load_task(folder / "task.yaml")
    workspace = Workspace(out=folder / "out")
    prepared = prepare(loaded, workspace, folder=folder, progress=SILENT)
    budget = Budget(seconds=1e9, run_all=False, n_seeds=1, seed=SEED)
    looked = _looked(case, prepared)
    ascent = climb(prepared, workspace, rungs=ladder, budget=budget, looked=looked, progress=SILENT)
    shipped = ship(ascent.climbed, prepared, workspace, progress=SILENT)
    return ascent, confirm(shipped, ascent, prepared, workspace, seed=SEED, progress=SILENT)


def told(ascent: Ascent, confirmed: Confirmed) -> dict[str, Any]:
    """What is kept of a fit.

    Args:
        ascent: the cells that were run.
        confirmed: what they came to.
    """
    rung = confirmed.proposal.rung
    (answers,) = [one.chosen.answers for one in ascent.climbed if one.rung == rung]
    return {
        "code": confirmed.verdict.code,
        "probability": confirmed.verdict.probability,
        "drawn": confirmed.diagnosis.drawn,
        "validation": _seen_score(ascent),
        "because": list(confirmed.verdict.because),
        "proposed": rung,
        "considered": [
            {
                "rung": plan.rung,
                "steps": [step.code for step in plan.steps],
                "score": round(plan.score, 4),
                "p": round(plan.probability, 3),
                "money": round(plan.money, 2),
            }
            for plan in confirmed.diagnosis.plans
        ],
        "not_learnable": confirmed.diagnosis.not_learnable,
        "symptoms": {
            looked.symptom: getattr(looked, "state", "not applicable")
            for looked in symptoms_of(ascent.grid, rung, answers=answers, history=(), seed=SEED)
        },
        "n_cells": len(ascent.ran),
    }


def _seen_score(ascent: Ascent) -> float:
    """Score of the best rung on all rows, on the rows that compare rungs."""
    draws = Draws(grid=ascent.grid, seed=SEED, n_draws=1)
    whole = [cell for cell in ascent.grid.cells if cell.whole and cell.change is None]
    return max(float(1.0 - draws.errors(cell)[0, 0]) for cell in whole)


def _looked(case: Case, prepared: Prepared) -> Looked:
    """What somebody who is always right says of validation and training rows drawn at random."""
    rows = compared_rows(prepared)
    ids = prepared.material.data.take(rows).ids
    validation = [place for place, row_id in enumerate(ids) if row_id.startswith("validation-")]
    drawn = np.sort(np.random.default_rng(3).permutation(validation)[:N_REVIEWED])
    of_row = [int(ids[place].partition("-")[2]) for place in drawn]
    y = case.clean[case.validation[of_row]]
    train = prepared.material.rows("train")
    looked = np.sort(np.random.default_rng(4).permutation(train)[:N_REVIEWED])
    places = [int(row_id.partition("-")[2]) for row_id in prepared.material.data.take(looked).ids]
    return Looked(reviewed=ReviewedRows(rows=drawn, y=y), train_rows=looked, train_y=case.clean[case.train[places]])


def _seen(case: Case, carrier: Carrier) -> float:
    """Score of the best rung on validation rows whose copies it was fitted on, as a careless reader would see it."""
    if case.family != "leakage":
        return 0.0
    leaked = np.isin(case.validation, case.train).mean()
    best = max(plan.score for plan in carrier.every() if not plan.steps)
    return float(best + (1.0 - best) * leaked)


def names_of(part: str, *, round_: int = 1) -> list[str]:
    """Cases by name.

    Args:
        part: `development` or `scored`.
        round_: from 1; each has other labels of the sets, and other divisions and severities.
    """
    name, widths, generators = (
        ("banking77", (40, 60, 50, 70), DEVELOPMENT)
        if part == "development"
        else ("clinc150", (40, 50, 100, 60, 75), SCORED)
    )
    chosen = len(widths) * (round_ - 1)
    sources = [*(f"{name}/{k}/{chosen + s}" for s, k in enumerate(widths)), *generators]
    names = []
    for f, family in enumerate(FAMILIES):
        seeds = range(100 * (round_ - 1), 100 * (round_ - 1) + (28 if family == "healthy" else 8))
        names += [f"{family}:{sources[(f + i) % len(sources)]}:{i}" for i in seeds]
    return names


def main() -> None:
    """Runs the cases of a part and prints how many verdicts were right."""
    parser = options(__doc__ or "")
    parser.add_argument("--part", choices=("development", "scored"), default="development")
    parser.add_argument("--round", type=int, default=1, help="cases of a round that nothing was chosen on")
    parser.add_argument("--only", nargs="*", default=[], help="families")
    parser.add_argument("--every", type=int, default=1, help="every how many-th case")
    parser.add_argument("--first", type=int, default=0, help="the first of these; processes share the cases by it")
    fixed = "of the ladder of fixed thresholds, as the development part tunes them; without, they are tuned here"
    parser.add_argument("--thresholds", type=float, nargs=2, metavar=("ENOUGH", "SOME"), help=fixed)
    parser.add_argument("--truths", action="store_true", help="find the truths alone, and print their hash")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    embed_once(given.cells.parent / "embedded.sqlite")
    names = [
        name for name in names_of(given.part, round_=given.round) if not given.only or name.split(":")[0] in given.only
    ]
    names = names[given.first :: given.every]
    truths = measure(names, lambda name: truth(name, data=given.data), kept=beside(given.cells, "truths"))
    if given.truths:
        print_json({"n": len(truths), "sha256": hash_of(truths)})
        return
    told_of = measure(
        names, lambda name: verdict(name, target=truths[name]["target"], data=given.data), kept=given.cells
    )
    found = [{"case": name} | truths[name] | told_of[name] for name in names]
    print_json(summary(found, thresholds=given.thresholds))


def hash_of(truths: dict[str, dict[str, Any]]) -> str:
    """What is told before the scored part is run: recipes by name, and what is right of each.

    Args:
        truths: by case.
    """
    said = {name: [one["target"], one["right"], one["plans"]] for name, one in sorted(truths.items())}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    main()
