"""Whether a fit chooses the rung that exhaustive search would, what that saves, and whether it does so again.

    python benchmarks/verdict_choice.py --cells bench-out/verdict_choice.jsonl --data DATA [--first-look]

Ten tasks, five divisions of each into 600 training, 600 validation, 500 test and 2,000 held-out rows or more. A target
lies between what two rungs came to in a first look, at a sixth division that is not scored: `--first-look` runs that
alone. The ladder is `majority, tfidf, embed, encoder`; the encoder has four epochs at a peak rate of 3e-4.

Asked: the rung of exhaustive search in nine of ten at 35% of its compute; fewer than one in twenty pairs of reruns
choose differently where the difference is clear, and where it is not the answer is `undecided` or the cheaper rung.

What is counted as compute is the processor time of fitting, of every cell that the fit ran: the rungs, points of
curves, interventions. Folds that repair labels are no cells and count on neither side, nor does judging. Exhaustive
search is counted twice: as every rung of the ladder once on all rows (`rungs_alone`), and as what `--all-rungs` runs
in the same folder, which adds curves and interventions where no rung reaches the target (`all_rungs`).

`--reruns` needs no data and fits nothing: it sums over every count of rows on which a cheaper and a dearer rung differ,
by the tests that a fit proposes and concludes with, at differences given in standard errors.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from cells import Measured, measure, options, print_json
from closed_tasks import Pool, pool
from embedded_once import loaded_ones_remember
from numpy.typing import NDArray
from planted_cases import Case, base_case
from scipy.stats import binom, norm
from verdict_intervals import _counts, _score_holds
from verdict_planted import fitted, ledger_of_its_own

from suffice.diagnose import Judged, Paired, goals_of, propose
from suffice.diagnose.choice import CHOICE_ALPHA
from suffice.pipeline.cells.hosted import predictions_of
from suffice.pipeline.grid.climb import Ascent, Climbed, climb
from suffice.pipeline.grid.measured import judged_fresh
from suffice.pipeline.rows.prepare import prepare
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.labels import LabelSet
from suffice.records.next_cells import Budget
from suffice.records.progress import SILENT
from suffice.records.task import TargetSpec
from suffice.rungs import embed
from suffice.rungs.ladder import describe
from suffice.stats.openings import FIRST_ALPHA
from suffice.stats.paired import PairedCounts
from suffice.stats.planning import errors_allowed
from suffice.stats.tango import difference_upper_bound
from suffice.store.task_file import load_task

MINUTES = 25
LADDER = ("majority", "tfidf", "embed", "encoder")
TRAIN_SPEC = {"epochs": 4, "learning_rate": 3e-4}
N_TRAIN, N_VALIDATION, N_TEST = 600, 600, 500
SEEDS = (1, 2, 3, 4, 5)
LOOKED_AT = 100
"""Seed of the division on which targets are found."""
WITHIN = 0.02
"""Margin of the target that is relative to the best rung."""
CLEAR = 2.2
"""Standard errors beyond its margin from which a difference is clear."""
STEPS = (-3.85, -2.2, -1.0, 0.0, 1.0, 2.2, 3.85)
"""Standard errors beyond the margin at which reruns are looked at."""
DISCORDANCE, DEARER, LEAST = 0.1, 0.92, 0.85
"""Share of rows on which the two rungs differ, accuracy of the dearer one, and the absolute target."""
ASKED_AGREED, ASKED_COMPUTE, ASKED_FLIPS = 0.9, 0.35, 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One task and where its target lies."""

    source: str
    """As `closed_tasks.pool` has it; with `one-in-ten/` before it, the first tenth of its labels against the rest."""
    above: str
    """The rung that the target lies above, or `nothing`: in a first look."""
    below: str
    """The rung that it lies below."""
    share: float
    """Where it lies between them."""
    n_train: int = N_TRAIN


TASKS: tuple[Task, ...] = (
    Task(source="one-in-ten/clinc150/60/11", above="nothing", below="majority", share=0.95),
    Task(source="syllogism", above="nothing", below="majority", share=0.92),
    Task(source="clinc150/40/12", above="majority", below="tfidf", share=0.92),
    Task(source="banking77/40/13", above="majority", below="tfidf", share=0.92),
    Task(source="gcd", above="majority", below="tfidf", share=0.6),
    Task(source="clinc150/50/14", above="tfidf", below="embed", share=0.5),
    Task(source="clinc150/100/15", above="tfidf", below="embed", share=0.5),
    Task(source="banking77/50/16", above="tfidf", below="embed", share=0.5),
    Task(source="banking77/40/17", above="tfidf", below="embed", share=0.5),
    Task(source="family_relationships", above="embed", below="encoder", share=0.5),
)


def case_of(task: Task, *, data: Path, seed: int) -> Case:
    """A task's rows, divided anew.

    Args:
        task: one of `TASKS`.
        data: folder of the real sets.
        seed: of the division.
    """
    kind, _, rest = task.source.partition("/")
    rows = first_against_rest(pool(rest, data=data)) if kind == "one-in-ten" else pool(task.source, data=data)
    case = base_case(rows, n=task.n_train, n_validation=N_VALIDATION, n_test=N_TEST, seed=seed)
    return replace(case, name=task.source, ladder=LADDER, train_spec=dict(TRAIN_SPEC))


def first_against_rest(rows: Pool) -> Pool:
    """The same messages with two labels: `these`, for a tenth of the labels, and `rest`.

    Args:
        rows: with ten labels or more.
    """
    return replace(rows, y=(rows.y < len(rows.labels) // 10).astype(np.int64), labels=("rest", "these"))


def target_of(task: Task, accuracy: Mapping[str, float]) -> float:
    """Between what two rungs came to in the first look.

    Args:
        task: says which, and where between them.
        accuracy: of each rung there.
    """
    low = accuracy.get(task.above, 0.0)
    return round(low + task.share * (accuracy[task.below] - low), 3)


def look(task: Task, *, data: Path) -> Measured:
    """Every rung once, at the division that is not scored.

    Args:
        task: one of `TASKS`.
        data: folder of the real sets.
    """
    case = case_of(task, data=data, seed=LOOKED_AT)
    with tempfile.TemporaryDirectory() as folder, ledger_of_its_own():
        fitted(case, 0.001, Path(folder), hosted={})  # Writes the task file; any rung at all reaches such a target.
        searched, runs = exhaustive(case, Path(folder))
        truth = held_out(case, searched.climbed, runs)
        return {
            "accuracy": {rung: float(right.mean()) for rung, right in truth.items()},
            "seconds": {one.rung: one.chosen.cost.train_seconds for one in searched.climbed},
        }


def choice(task: Task, *, target: float, data: Path, seed: int) -> Measured:
    """What a fit chooses, what exhaustive search would, and what is true.

    Args:
        task: one of `TASKS`.
        target: the accuracy to reach.
        data: folder of the real sets.
        seed: of the division.
    """
    case = case_of(task, data=data, seed=seed)
    embed.embedder_of.cache_clear()  # Otherwise rows that another division had as well cost nothing to embed.
    with tempfile.TemporaryDirectory() as folder, ledger_of_its_own():
        ascent, confirmed = fitted(case, target, Path(folder), hosted={})
        searched, runs = exhaustive(case, Path(folder))
        spec, names = TargetSpec(at_least=target), LabelSet(names=case.labels)
        judged = [judged_of_climbed(one, case, Path(folder)) for one in searched.climbed]
        found = propose(judged, spec, labels=names, n_test=len(case.test), seed=0)
        truth = held_out(case, searched.climbed, runs)
        whole = {one.rung: one.chosen.cost.train_seconds for one in searched.climbed}
        return {
            "n_validation": len(case.validation),
            "target": target,
            "chosen": confirmed.proposal.rung,
            "by": confirmed.proposal.by,
            "code": confirmed.verdict.code,
            "exhaustive": found.rung,
            "validation": {one.rung: float(one.right.mean()) for one in judged},
            "held_out": {rung: float(right.mean()) for rung, right in truth.items()},
            "seconds": sum(cell.seconds for cell in ascent.ran),
            "seconds_rungs_alone": sum(whole.values()),
            "seconds_all_rungs": sum(cell.seconds for cell in searched.ran),
            "n_cells": len(ascent.ran),
            "not_run": [rung for rung, _ in ascent.not_run],
            "within": as_good_as_best(case, judged, runs, truth),
        }


def exhaustive(case: Case, folder: Path) -> tuple[Ascent, Path]:
    """What `--all-rungs` adds to a fit in the same folder, and where its runs lie.

    Args:
        case: the task.
        folder: has its task file and what the fit left.
    """
    workspace = Workspace(out=folder / "out")
    prepared = prepare(load_task(folder / "task.yaml"), workspace, folder=folder, progress=SILENT)
    budget = Budget(seconds=1e9, run_all=True, n_seeds=1, seed=0)
    return climb(prepared, workspace, rungs=case.ladder, budget=budget, progress=SILENT), workspace.runs


def judged_of_climbed(one: Climbed, case: Case, folder: Path) -> Judged:
    """A rung's answers on the rows that compare rungs.

    Args:
        one: a rung on all rows.
        case: the task.
        folder: has its task file and its data version.
    """
    prepared = prepare(load_task(folder / "task.yaml"), Workspace(out=folder / "out"), folder=folder, progress=SILENT)
    return judged_fresh(one.answered, prepared.material)


def held_out(case: Case, climbed: Iterable[Climbed], runs: Path) -> dict[str, NDArray[np.bool_]]:
    """Whether each rung is right on each row that the product never sees, shape [H].

    Args:
        case: the task.
        climbed: rungs on all rows.
        runs: where they lie.
    """
    rows = case.held_out
    return {one.rung: predicted(case, one.chosen.name, runs, rows) == case.clean[rows] for one in climbed}


def predicted(case: Case, run: str, runs: Path, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Label codes that a run answers with, shape of `rows`."""
    texts = [case.texts[i] for i in rows]
    fitted_run = runs / run / "fitted"
    return predictions_of(fitted_run, texts, texts, send=False, done=lambda n: None, progress=SILENT).y_pred


def as_good_as_best(
    case: Case, judged: Sequence[Judged], runs: Path, truth: Mapping[str, NDArray[np.bool_]]
) -> Measured:
    """What the same runs come to under a target that is relative to the best rung.

    Args:
        case: the task.
        judged: every rung's answers on the rows that compare rungs.
        runs: where the runs lie.
        truth: whether each is right on held-out rows.
    """
    target, labels = TargetSpec(within=WITHIN), LabelSet(names=case.labels)
    proposal = propose(judged, target, labels=labels, n_test=len(case.test), seed=0)
    tested = {
        one.rung: replace(
            one,
            ids=tuple(map(str, case.test)),
            y_true=case.clean[case.test],
            y_pred=predicted(case, one.run, runs, case.test),
            groups=np.arange(len(case.test)),
        )
        for one in judged
        if one.rung in {proposal.rung, proposal.comparator, "majority"}
    }
    paired = Paired(comparator=tested[str(proposal.comparator)], majority=tested["majority"])
    goals = goals_of(tested[proposal.rung], target, labels=labels, alpha=FIRST_ALPHA, paired=paired, seed=0)
    best = max(truth.values(), key=lambda right: float(right.mean()))
    return {
        "chosen": proposal.rung,
        "proven": all(goal.outcome == "proven" for goal in goals),
        "discordance": {rung: float((right != best).mean()) for rung, right in truth.items()},
    }


def reruns(n: int, beyond: float, *, relative: bool) -> Measured:
    """What a fit proposes and what the test says, summed over every count of rows on which two rungs differ.

    The dearer one is right on 92% of rows, and differs from the cheaper one on a tenth of them. Under the relative
    target the cheaper one is worse by the margin and `beyond` standard errors of a difference; under the absolute one,
    of 0.85, it is below the target by `beyond` of an accuracy, and the dearer one is taken to be proven. Two reruns
    flip where both answer with a rung, and with another one; `proposals_flip` is of what is put to the test.

    Args:
        n: validation rows, and as many test rows.
        beyond: standard errors.
        relative: whether the target is relative to the best rung.
    """
    if relative:
        worse = WITHIN + beyond * float(np.sqrt(DISCORDANCE / n))
        only_cheaper, only_dearer, chance = _counts(n, (DISCORDANCE - worse) / 2, (DISCORDANCE + worse) / 2)
        best = only_cheaper >= only_dearer  # On validation, and so as good as itself; a tie goes to the cheaper one.
        refuted = shown_worse(only_cheaper, only_dearer, n)
        proven = _score_holds(only_cheaper, only_dearer, n, margin=WITHIN, alpha=FIRST_ALPHA)
        itself, proposed = float(chance[best].sum()), float(chance[best | ~refuted].sum())
        cheaper = itself + (proposed - itself) * float(chance[proven].sum())
    else:
        wrong = 1.0 - LEAST + beyond * float(np.sqrt(LEAST * (1.0 - LEAST) / n))
        worse = DEARER - (1.0 - wrong)
        proposed, tested = (
            float(binom.cdf(errors_allowed(n, target=LEAST, alpha=alpha), n, wrong))
            for alpha in (CHOICE_ALPHA, FIRST_ALPHA)
        )
        cheaper = proposed * tested
    return {
        "worse_than_dearer": round(worse, 4),
        "cheaper": round(cheaper, 4),
        "undecided": round(proposed - cheaper, 4),
        "dearer": round(1.0 - proposed, 4),
        "flips": round(2.0 * cheaper * (1.0 - proposed), 4),
        "proposals_flip": round(2.0 * proposed * (1.0 - proposed), 4),
    }


def shown_worse(only_cheaper: NDArray[np.int64], only_dearer: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    """Whether validation shows a cheaper rung to be worse than the dearer one by more than the margin, shape [P].

    Args:
        only_cheaper: rows on which that one alone is right, shape [P].
        only_dearer: rows on which the other one alone is, shape [P].
        n: validation rows.
    """
    differ, at = np.unique(only_cheaper + only_dearer, return_inverse=True)
    most = np.empty(len(differ), dtype=np.int64)
    for place, of in enumerate(differ.tolist()):
        low, high = -1, of + 1  # Of a given number of rows that differ it is shown up to some share won on.
        while high - low > 1:
            middle = (low + high) // 2
            counts = PairedCounts(n=n, n_only_first=middle, n_only_second=of - middle)
            shown = difference_upper_bound(counts, alpha=CHOICE_ALPHA) < -WITHIN
            low, high = (middle, high) if shown else (low, middle)
        most[place] = low
    return np.asarray(only_cheaper <= most[at])


def by_processor_time() -> None:
    """Lets rungs tell the processor time of their fitting: other work on the machine is then in no figure."""
    for rung in LADDER:
        kind = describe(rung).load_class()
        fit = kind.fit.__func__  # type: ignore[attr-defined]

        def timed(cls: Any, *given: Any, _fit: Any = fit, **named: Any) -> Any:
            began = process_time()
            found = _fit(cls, *given, **named)
            found.train_seconds = process_time() - began
            return found

        kind.fit = classmethod(timed)  # type: ignore[method-assign, assignment]


def summary(cells: Mapping[str, Measured]) -> Measured:
    """Agreement, compute, flips and what nearer tasks answer.

    Args:
        cells: figures of `choice`, by `SOURCE SEED`.
    """
    tasks: dict[str, list[Measured]] = {}
    for name, cell in cells.items():
        tasks.setdefault(name.split(" ")[0], []).append(cell)
    lines = {name: line_of(runs) for name, runs in tasks.items()}
    runs = list(cells.values())
    true = [true_rung(run["held_out"], run["target"]) for run in runs]
    constant = max(LADDER, key=lambda rung: sum(run["exhaustive"] == rung for run in runs))
    clear = [line["flips"] for line in lines.values() if line["clear"]]
    clear_within = [line["within"]["flips"] for line in lines.values() if line["within"]["clear"]]
    seconds = sum(run["seconds"] for run in runs)
    return {
        "tasks": lines,
        "n": len(runs),
        "right_rungs": {rung: sum(line["right"] == rung for line in lines.values()) for rung in LADDER},
        "agreed_with_exhaustive": share(run["chosen"] == run["exhaustive"] for run in runs),
        "agreed_with_truth": share(run["chosen"] == rung for run, rung in zip(runs, true, strict=True)),
        "exhaustive_agreed_with_truth": share(run["exhaustive"] == rung for run, rung in zip(runs, true, strict=True)),
        "constant_guess": constant,
        "constant_agreed_with_exhaustive": share(run["exhaustive"] == constant for run in runs),
        "constant_agreed_with_truth": max(share(rung == one for rung in true) for one in LADDER),
        "compute_of_rungs_alone": seconds / sum(run["seconds_rungs_alone"] for run in runs),
        "compute_of_all_rungs": seconds / sum(run["seconds_all_rungs"] for run in runs),
        "flips_where_clear": None if not clear else float(np.mean(clear)),
        "near_as_asked": _near(lines.values()),
        "within": {
            "flips_where_clear": None if not clear_within else float(np.mean(clear_within)),
            "near_as_asked": _near(line["within"] for line in lines.values()),
        },
    }


def line_of(runs: Sequence[Measured]) -> Measured:
    """One task over its divisions. Accuracies are means over them; what is clear is told by these.

    A rung reaches the target by its lower bound, which asks of the estimate a margin of 1.645 standard errors more.

    Args:
        runs: figures of `choice`.
    """
    accuracy = {rung: float(np.mean([run["held_out"][rung] for run in runs])) for rung in LADDER}
    target, n = runs[0]["target"], runs[0]["n_validation"]
    error = float(np.sqrt(target * (1.0 - target) / n))
    margin = float(norm.isf(CHOICE_ALPHA)) * error
    right = true_rung(accuracy, target)
    cheaper = LADDER[: len(LADDER) if right is None else LADDER.index(right)]
    distances = [target + margin - accuracy[rung] for rung in cheaper]
    distances += [] if right is None else [accuracy[right] - target - margin]
    chosen = [run["chosen"] for run in runs]
    return {
        "target": target,
        "accuracy": {rung: round(value, 4) for rung, value in accuracy.items()},
        "right": right,
        "clear": min(distances) > CLEAR * error,
        "standard_errors": round(min(distances) / error, 2),
        "chosen": chosen,
        "codes": [run["code"] for run in runs],
        "exhaustive": [run["exhaustive"] for run in runs],
        "flips": flips(chosen),
        "as_asked": share(run["code"] == "undecided" or _is_cheapest(run["chosen"], right) for run in runs),
        "compute_of_rungs_alone": sum(r["seconds"] for r in runs) / sum(r["seconds_rungs_alone"] for r in runs),
        "compute_of_all_rungs": sum(r["seconds"] for r in runs) / sum(r["seconds_all_rungs"] for r in runs),
        "within": _within_line(runs, accuracy),
    }


def _within_line(runs: Sequence[Measured], accuracy: Mapping[str, float]) -> Measured:
    """The same for the target that is relative to the best rung.

    The difference to the best is clear where it is larger than the margin and 2.2 standard errors of a difference on
    the validation rows. The cheapest rung of which that does not hold is the one to answer with, or `undecided`. Two
    reruns flip where both answer with a rung, and with another one.
    """
    best, n = max(accuracy.values()), runs[0]["n_validation"]
    worse = {}
    for rung, value in accuracy.items():
        discordance = float(np.mean([run["within"]["discordance"][rung] for run in runs]))
        error = float(np.sqrt(max(discordance - (best - value) ** 2, 0.0) / n))
        worse[rung] = (best - value - WITHIN) > CLEAR * error
    cheapest = next(rung for rung in LADDER if not worse[rung])
    chosen = [run["within"]["chosen"] for run in runs]
    named = [run["within"]["chosen"] for run in runs if run["within"]["proven"]]
    return {
        "cheapest_not_clearly_worse": cheapest,
        "clear": accuracy[cheapest] == best,
        "chosen": chosen,
        "proven": [run["within"]["proven"] for run in runs],
        "flips": flips(named) if len(named) > 1 else 0.0,
        "proposals_flip": flips(chosen),
        "as_asked": share(not run["within"]["proven"] or run["within"]["chosen"] == cheapest for run in runs),
    }


def true_rung(accuracy: Mapping[str, float], target: float) -> str | None:
    """The cheapest rung whose accuracy reaches the target; None where none does.

    Args:
        accuracy: of each rung.
        target: to be reached.
    """
    return next((rung for rung in LADDER if accuracy[rung] >= target), None)


def flips(chosen: Sequence[str]) -> float:
    """Share of pairs of reruns that choose differently.

    Args:
        chosen: rungs, two or more.
    """
    return share(one != other for one, other in combinations(chosen, 2))


def share(which: Iterable[bool]) -> float:
    """Of those that hold.

    Args:
        which: one or more.
    """
    return float(np.mean(list(which)))


def _is_cheapest(chosen: str, right: str | None) -> bool:
    return right is not None and LADDER.index(chosen) <= LADDER.index(right)


def _near(lines: Iterable[Measured]) -> float | None:
    near = [line["as_asked"] for line in lines if not line["clear"]]
    return None if not near else float(np.mean(near))


def main() -> None:
    """Runs the first look, then every task at every seed, and prints what came of it."""
    parser = options(__doc__ or "")
    parser.add_argument("--first-look", action="store_true", help="the division that is not scored, and no other")
    parser.add_argument("--reruns", action="store_true", help="what reruns choose, by their chances; no fit")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.reruns:
        drawn = {
            f"reruns {n} {beyond} {'within' if relative else 'at_least'}": (n, beyond, relative)
            for relative in (True, False)
            for n in (600, 2_000)
            for beyond in STEPS
        }
        print_json(
            measure(
                drawn, lambda name: reruns(drawn[name][0], drawn[name][1], relative=drawn[name][2]), kept=given.cells
            )
        )
        return
    loaded_ones_remember()
    by_processor_time()
    looks = {f"look {task.source} {task.n_train}": task for task in TASKS}
    seen = measure(looks, lambda name: look(looks[name], data=given.data), kept=given.cells)
    if given.first_look:
        print_json(seen)
        return
    asked: dict[str, tuple[Task, float, int]] = {}
    for name, task in looks.items():
        target = target_of(task, seen[name]["accuracy"])
        asked |= {f"{task.source} {seed} {task.n_train} {target}": (task, target, seed) for seed in SEEDS}

    def run(name: str) -> Measured:
        task, target, seed = asked[name]
        return choice(task, target=target, data=given.data, seed=seed)

    print_json(summary(measure(asked, run, kept=given.cells)))


if __name__ == "__main__":
    main()
