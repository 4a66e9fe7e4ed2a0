"""Whether the verdict names the cause that was planted: each case is a fit and, for its truth, every plan carried out.

    python benchmarks/verdict_planted.py --cells planted.jsonl --data DATA --part development

Asked for: the first verdict right in 85% of the scored cases, with 78% as the lower end of a bootstrap clustered by
data set and family.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from cells import measure, options, print_json
from closed_tasks import DEVELOPMENT, SCORED, pool
from planted_cases import FAMILIES, N_REVIEWED, Case, case_of
from planted_truth import Carrier, target_of, truth_of

from suffice.pipeline.climb import Ascent, climb
from suffice.pipeline.confirm import Confirmed, confirm, ship
from suffice.pipeline.measured import Looked, compared_rows
from suffice.pipeline.prepare import Prepared, prepare
from suffice.pipeline.workspace import Workspace
from suffice.records.grid import ReviewedRows
from suffice.records.labels import LabelSet
from suffice.records.next_cells import Budget
from suffice.records.progress import SILENT
from suffice.rungs.embed import Embed
from suffice.store.task_file import load_task

SEED = 0


def run(name: str, *, data: Path) -> dict[str, Any]:
    """Truth and verdict of one case.

    Args:
        name: `FAMILY:SOURCE:SEED`.
        data: folder of the real sets.
    """
    family, source, seed = name.split(":")
    case = case_of(family, pool(source, data=data), int(seed))
    carrier = Carrier(case)
    plans = carrier.every()
    target = target_of(case, plans, seen=_seen(case, carrier))
    truth = truth_of(case, plans, target=target)
    with tempfile.TemporaryDirectory() as folder:
        verdict = told(*fitted(case, target, Path(folder)))
    return {
        "family": family,
        "source": source,
        "target": target,
        "right": list(truth.codes),
        "near": truth.near,
        "best": truth.best,
        "plans": [
            {"rung": p.rung, "steps": p.steps, "score": round(p.score, 4), "money": round(p.money, 2)} for p in plans
        ],
        **verdict,
    }


def fitted(case: Case, target: float, folder: Path) -> tuple[Ascent, Confirmed]:
    """A fit on a case's rows, as `suffice fit` goes about it, with what a person found who is always right.

    Args:
        case: the spoiled task.
        target: what is to be reached.
        folder: an empty one.
    """
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
        "ladder": list(case.ladder),
        "train": {"refit": False, **case.train_spec},
        "audit": {"allow": ["rare_label", "label_only_in_test"]},
    }
    (folder / "task.yaml").write_text(yaml.safe_dump(task), encoding="utf-8")
    loaded = load_task(folder / "task.yaml")
    workspace = Workspace(out=folder / "out")
    prepared = prepare(loaded, workspace, folder=folder, progress=SILENT)
    budget = Budget(seconds=1e9, run_all=False, n_seeds=1, seed=SEED)
    looked = _looked(case, prepared)
    ascent = climb(prepared, workspace, rungs=case.ladder, budget=budget, looked=looked, progress=SILENT)
    shipped = ship(ascent.climbed, prepared, workspace, progress=SILENT)
    return ascent, confirm(shipped, ascent, prepared, workspace, seed=SEED, progress=SILENT)


def told(ascent: Ascent, confirmed: Confirmed) -> dict[str, Any]:
    """What is kept of a fit.

    Args:
        ascent: the cells that were run.
        confirmed: what they came to.
    """
    return {
        "code": confirmed.verdict.code,
        "probability": confirmed.verdict.probability,
        "because": list(confirmed.verdict.because),
        "proposed": confirmed.proposal.rung,
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
        "n_cells": len(ascent.ran),
    }


def _embed_once() -> None:
    """Lets rungs that are loaded from a folder remember what was embedded, as those that were just fitted do."""
    load = Embed.load.__func__  # type: ignore[attr-defined]

    def remembering(cls: type[Embed], folder: Path, labels: LabelSet, *, base_folder: Path | None) -> Embed:
        rung: Embed = load(cls, folder, labels, base_folder=base_folder)
        rung._remembers = True
        return rung

    Embed.load = classmethod(remembering)  # type: ignore[method-assign, assignment]


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


def names_of(part: str) -> list[str]:
    """Cases by name.

    Args:
        part: `development` or `scored`.
    """
    if part == "development":
        sources = [*(f"banking77/{k}/{s}" for s, k in enumerate((20, 40, 60, 30))), *DEVELOPMENT]
    else:
        sources = [*(f"clinc150/{k}/{s}" for s, k in enumerate((20, 50, 100, 30, 75))), *SCORED]
    sources = [source for source in sources if "/" in source or source in GENERATORS]
    names = []
    for f, family in enumerate(FAMILIES):
        n_cases = 24 if family == "healthy" else 8
        names += [f"{family}:{sources[(f + i) % len(sources)]}:{i}" for i in range(n_cases)]
    return names


GENERATORS = (*DEVELOPMENT, *SCORED)


def main() -> None:
    """Runs the cases of a part and prints how many verdicts were right."""
    parser = options(__doc__ or "")
    parser.add_argument("--part", choices=("development", "scored"), default="development")
    parser.add_argument("--only", nargs="*", default=[], help="families")
    parser.add_argument("--every", type=int, default=1, help="every how many-th case")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    _embed_once()
    names = [name for name in names_of(given.part) if not given.only or name.split(":")[0] in given.only]
    found = measure(names[:: given.every], lambda name: run(name, data=given.data), kept=given.cells)
    print_json(summary(list(found.values())))


def summary(cases: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Share of right verdicts, by family and over all.

    Args:
        cases: as `run` gives them.
    """
    right = np.array([case["code"] in case["right"] for case in cases])
    families = sorted({case["family"] for case in cases})
    return {
        "n": len(cases),
        "right": float(right.mean()),
        "by_family": {
            family: [
                int(right[[c["family"] == family for c in cases]].sum()),
                sum(c["family"] == family for c in cases),
            ]
            for family in families
        },
    }


if __name__ == "__main__":
    main()
