"""Whether the verdict on free answers names the cause that was planted: each case is a fit and, for its truth, every
plan carried out.

    python benchmarks/answers_planted.py --cells answers_planted.jsonl --data DATA --part development

Asked for: the first verdict right in 80% of at least 96 scored cases. Language models are stand-ins whose behaviour is
set (`played`) and real systems' stored completions: what is measured is what the verdict makes of behaviour, not how
models behave.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from answer_cases import FAMILIES, STUB, AnswerCase, case_of, names_of
from answer_pools import knowledge_files
from answer_truth import PASSAGES, WORDS, Carrier, truth_of
from cells import beside, measure, options, print_json
from embedded_once import embed_once
from planted_right import kept_truth, target_of
from planted_summary import summary
from played import Played, Player, SavedPlayed, playing, write_player
from stub_endpoint import INPUT_TOKENS, stub_endpoint
from verdict_planted import SEED, hash_of, ledger_of_its_own, told

from suffice.pipeline.grid.climb import Ascent, climb
from suffice.pipeline.grid.confirm import Confirmed, confirm, ship
from suffice.pipeline.rows.prepare import prepare
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.next_cells import Budget, Intervention
from suffice.records.progress import SILENT
from suffice.rungs.interface import BaseReference
from suffice.store.task_file import FITTED, load_task


def truth(name: str, *, data: Path) -> dict[str, Any]:
    """What the right verdict of a case is: every plan carried out.

    Args:
        name: `FAMILY:SOURCE:SEED`.
        data: folder of the real sets.
    """
    case = case_of(name, data=data)
    with tempfile.TemporaryDirectory() as folder, ledger_of_its_own():
        plans = Carrier(case, _players(case, Path(folder))).every()
    target = target_of(case, plans, seen=0.0)
    found = truth_of(case, plans, target=target)
    return {"family": case.family, "source": case.source} | kept_truth(found, plans)


def verdict(name: str, *, target: float, data: Path) -> dict[str, Any]:
    """What a fit says of a case.

    Args:
        name: `FAMILY:SOURCE:SEED`.
        target: what is to be reached.
        data: folder of the real sets.
    """
    case = case_of(name, data=data)
    with tempfile.TemporaryDirectory() as folder, ledger_of_its_own(), playing():
        players = _players(case, Path(folder))
        with _hosted(case, players) as hosted:
            return told(*fitted(case, target, Path(folder), players=players, hosted=hosted))


def fitted(
    case: AnswerCase, target: float, folder: Path, *, players: dict[str, Path], hosted: dict[str, Any]
) -> tuple[Ascent, Confirmed]:
    """A fit on a case's rows, as `suffice fit` goes about it.

    Args:
        case: the spoiled task.
        target: what is to be reached.
        folder: where its files are written.
        players: folders of the players, by name.
        hosted: endpoints, as in the task file.
    """
    ladder = (
        *case.cheap,
        *(f"{players[seat.player.name]}{seat.ending}" for seat in case.seats),
        *(f"hosted:{name}" for name in hosted),
    )
    _write_rows(case, folder / "rows.jsonl")
    task: dict[str, Any] = {
        "name": "case",
        "kind": "answer",
        "instruction": case.instruction,
        "data": {
            "path": "rows.jsonl",
            "text": "question",
            "label": "answer",
            "trace": "trace",
            "id": "id",
            "split": "split",
        },
        "target": {"at_least": target},
        "ladder": list(ladder),
        "hosted": hosted,
        "train": {"refit": False, **case.train_spec},
    }
    if case.documented:
        (folder / "docs").mkdir()
        knowledge_files(case.documented, folder / "docs")
        task["knowledge"] = {"path": "docs", "ranking": "bm25", "passages": PASSAGES, "words": WORDS}
    (folder / "task.yaml").write_text(yaml.safe_dump(task), encoding="utf-8")
    loaded = load_task(folder / "task.yaml", kinds=FITTED)
    workspace = Workspace(out=folder / "out")
    prepared = prepare(loaded, workspace, folder=folder, progress=SILENT)
    # Players know a question by its words alone, and small changes of these decide nothing.
    skip: frozenset[Intervention] = frozenset({"sensitivity"})
    budget = Budget(seconds=case.budget_seconds, run_all=False, n_seeds=1, seed=SEED, skip=skip)
    ascent = climb(prepared, workspace, rungs=ladder, budget=budget, progress=SILENT)
    shipped = ship(ascent.climbed, prepared, workspace, progress=SILENT)
    return ascent, confirm(shipped, ascent, prepared, workspace, seed=SEED, progress=SILENT)


def _write_rows(case: AnswerCase, path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for split, rows in (("train", case.train), ("validation", case.validation), ("test", case.test)):
            for place, row in enumerate(rows.tolist()):
                said = case.wrong.get(row, case.known[row]) if split == "train" else case.known[row]
                told_of = {"question": said.question, "answer": said.answer, "trace": said.trace}
                file.write(json.dumps({"id": f"{split}-{place}", "split": split} | told_of) + "\n")


def _players(case: AnswerCase, folder: Path) -> dict[str, Path]:
    """The folders of all players of a case, by name."""
    every = [seat.player for seat in case.seats] + ([] if case.hosted is None else [case.hosted])
    return {one.name: write_player(one, case.known, folder / "players" / one.name) for one in every}


@contextmanager
def _hosted(case: AnswerCase, players: dict[str, Path]) -> Iterator[dict[str, Any]]:
    """The endpoint of a case as its task file describes it; empty where it has none."""
    if case.hosted is None:
        yield {}
        return
    said = _said_by(case.hosted, players[case.hosted.name])
    with stub_endpoint({one.question: said.written(one.question) for one in case.known}) as url:
        price = {"input": case.hosted_price / INPUT_TOKENS * 1e6, "output": 0.0}
        yield {STUB: {"base_url": url, "model": "stub", "price_per_million": price, "max_cost": 10.0}}


def _said_by(player: Player, folder: Path) -> Played:
    """A player behind an endpoint: told what every endpoint is told."""
    base = BaseReference(name=str(folder), fingerprint=player.name)
    return Played(SavedPlayed(base=base, instruction="Answer step by step.", learned=None), folder)


def main() -> None:
    """Runs the cases of a part and prints how many verdicts were right."""
    parser = options(__doc__ or "")
    parser.add_argument("--part", choices=("development", "scored"), default="development")
    parser.add_argument("--only", nargs="*", default=[], choices=list(FAMILIES), help="families")
    parser.add_argument("--every", type=int, default=1, help="every how many-th case")
    parser.add_argument("--first", type=int, default=0, help="the first of these; processes share the cases by it")
    fixed = "of the ladder of fixed thresholds, as the development part tunes them; without, they are tuned here"
    parser.add_argument("--thresholds", type=float, nargs=2, metavar=("ENOUGH", "SOME"), help=fixed)
    parser.add_argument("--truths", action="store_true", help="find the truths alone, and print their hash")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    embed_once(given.cells.parent / "embedded.sqlite")
    names = [name for name in names_of(given.part) if not given.only or name.split(":")[0] in given.only]
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


if __name__ == "__main__":
    main()
