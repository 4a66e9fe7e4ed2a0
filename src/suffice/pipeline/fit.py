"""`suffice fit`: one task, all the way to a verdict, a report and a bundle per fitted rung."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np

from suffice.base_models.memory import keep_few_products
from suffice.bundles.folder import write_bundle
from suffice.bundles.record import BundleRecord
from suffice.diagnose import hosted_or_own
from suffice.errors import Problem, TaskError, in_words, nearest
from suffice.pipeline.cells.answered import Answered, compare_answered, read_completions
from suffice.pipeline.cells.answers_again import spent_on_answers, without_rows
from suffice.pipeline.cells.executors import Where, executor_on
from suffice.pipeline.cells.hosted import spent_on
from suffice.pipeline.cells.memory import require_memory
from suffice.pipeline.cells.names import slug
from suffice.pipeline.cells.rung_names import (
    bring_bases,
    one_seed,
    ordered_rungs,
    require_endpoints,
    require_ordered_rows,
    surely_run,
)
from suffice.pipeline.cells.whole_rung import was_run
from suffice.pipeline.grid.capability import capability_of
from suffice.pipeline.grid.climb import Ascent, climb, no_time
from suffice.pipeline.grid.confirm import Confirmed, Shipped, confirm, proposed_before, ship
from suffice.pipeline.grid.looked import looked_at
from suffice.pipeline.grid.measured import NOTHING_LOOKED_AT
from suffice.pipeline.grid.rounds import history_of
from suffice.pipeline.grid.symptoms import rounds_on, symptoms_of
from suffice.pipeline.labels.audit import audit_rows
from suffice.pipeline.labels.decided import DECISIONS
from suffice.pipeline.rows.lengths import require_whole_texts
from suffice.pipeline.rows.prepare import Prepared, prepare
from suffice.pipeline.rows.provable import provable
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.diagnosis import Ran
from suffice.records.evaluation import Comparison
from suffice.records.finding import Audit
from suffice.records.next_cells import Budget, Intervention
from suffice.records.progress import Progress
from suffice.records.task import TargetSpec, Task
from suffice.records.verdict import FitOutcome, RungOutcome
from suffice.report import ExampleText, hosted_sentence, verdict_sentence, write_report
from suffice.rungs.interface import BaseReference
from suffice.store import strict_json
from suffice.store.files import write_text
from suffice.store.task_file import task_yaml
from suffice.text.knowledge_words import knowledge_sentence
from suffice.text.rounding import percent


@dataclass(frozen=True, kw_only=True, slots=True)
class FitOptions:
    """What the command line adds to a task."""

    rungs: tuple[str, ...] | None
    """`--rungs`: these, all of them; None for the task's ladder."""
    all_rungs: bool
    """Go on past the first rung that meets the target."""
    seed: int
    """Initialisation, shuffles and subsets; never the split."""
    max_minutes: float | None
    """No cell starts that is expected to end after this long."""
    n_seeds: int = 1
    """Training seeds of each network."""
    on: Where = "here"
    """Where cells are run."""
    skip: tuple[Intervention, ...] = ()
    """`--skip`: interventions that are left out."""


def fit(task: Task, options: FitOptions, *, folder: Path, out: Path, progress: Progress) -> FitOutcome:
    """Climbs the ladder, confirms what validation proposes on the sealed test, and writes report and bundles.

    Run again after an interruption it goes on where it was cut off; run again after it has finished, it changes
    nothing.

    Args:
        task: the task, overrides applied.
        options: what the command line adds.
        folder: the task file's folder, which its paths are relative to.
        out: where everything is written.
        progress: told of every step.

    Raises:
        SufficeError: whatever the person can fix, all of a kind at once.
    """
    workspace = Workspace(out=out)
    rungs, budget = rungs_of(task, options), budget_of(options)
    keep_few_products()  # Before the audit computes any.
    with workspace.held():
        must_have_time(rungs, workspace, budget)
        prepared = prepare(task, workspace, folder=folder, progress=progress)
        must_know_labels(task.target, prepared)
        prepared.test.require_ledger()
        for sentence in provable(prepared, opening=prepared.test.next_opening(proposed_before(task, workspace))):
            progress.say(sentence)
        write_text(workspace.task, task_yaml(task))
        require_endpoints([one for one in rungs if not was_run(one, workspace)], task.hosted)
        sure = [one for one in surely_run(rungs, task.train, every=budget.run_all) if not was_run(one, workspace)]
        require_memory(sure, prepared, seed=options.seed)
        bring_bases(rungs, task.train, every=budget.run_all, progress=progress)
        known = prepared.known
        audited = audit_rows(
            *(task, prepared.read, workspace),
            rungs=rungs,
            decisions=folder / DECISIONS,
            passages=() if known is None else known.reader.index.knowledge.passages,
            progress=progress,
        )
        if audited.problems:
            progress.say(in_words(audited.problems))
        require_whole_texts(rungs, prepared, progress=progress)
        looked = looked_at(prepared, folder / DECISIONS) if task.kind == "classify" else NOTHING_LOOKED_AT
        with executor_on(options.on) as executor:
            ascent = climb(
                *(prepared, workspace), rungs=rungs, budget=budget, looked=looked, executor=executor, progress=progress
            )
        shipped = ship(ascent.climbed, prepared, workspace, progress=progress)
        confirmed = confirm(shipped, ascent, prepared, workspace, seed=options.seed, progress=progress)
        outcome = _outcome(
            prepared, workspace, ascent, shipped, audited=audited.audit, confirmed=confirmed, seed=options.seed
        )
        _write(outcome, prepared, workspace)
    return outcome


def rungs_of(task: Task, options: FitOptions) -> tuple[str, ...]:
    """The rungs that may be climbed, in order of cost.

    Args:
        task: the task, overrides applied.
        options: what the command line adds.

    Raises:
        SufficeError: names that are no rungs, or an order of rows that nothing would be trained in.
    """
    given, where = (task.ladder, "ladder") if options.rungs is None else (options.rungs, "--rungs")
    # Being as good as the best is worth nothing where the best is no better than the commonest label.
    needed = ("majority",) if task.target.within is not None else ()
    names = (*needed, *given) if given else given
    rungs = ordered_rungs(names, where=where, hosted=task.hosted, kind=task.kind)
    require_ordered_rows(rungs, task.train)
    return rungs


def budget_of(options: FitOptions) -> Budget:
    """What there is to spend.

    Args:
        options: what the command line adds.
    """
    return Budget(
        seconds=60.0 * (inf if options.max_minutes is None else options.max_minutes),
        run_all=options.all_rungs or options.rungs is not None,
        n_seeds=options.n_seeds,
        seed=options.seed,
        skip=frozenset(options.skip),
    )


def must_have_time(rungs: Sequence[str], workspace: Workspace, budget: Budget) -> None:
    """Refuses no minutes at all before anything is read, unless a rung was finished before, which takes none.

    Args:
        rungs: those that may be climbed.
        workspace: where runs lie.
        budget: what there is to spend.

    Raises:
        TaskError: there is no time, and no finished run.
    """
    if budget.seconds <= 0.0 and not any(was_run(rung, workspace) for rung in rungs):
        raise TaskError(no_time(budget))


def must_know_labels(target: TargetSpec, prepared: Prepared) -> None:
    """Refuses a recall of a label that the task does not have.

    Args:
        target: the task's target.
        prepared: the task and its rows.

    Raises:
        TaskError: such labels, all at once.
    """
    names = prepared.labels.names
    problems = [
        Problem(
            where=f"task.yaml: target.recall.{label}",
            rule=f"must name one of the task's {len(names)} labels",
            got=f"{label!r}{nearest(label, names)}",
            fix="correct the label, or take the line out",
        )
        for label in target.recall
        if label not in names
    ]
    if problems:
        raise TaskError(problems)


def _outcome(
    prepared: Prepared,
    workspace: Workspace,
    ascent: Ascent,
    shipped: Sequence[Shipped],
    *,
    audited: Audit,
    confirmed: Confirmed,
    seed: int,
) -> FitOutcome:
    names, rung = _bundle_names(shipped), confirmed.proposal.rung
    chosen = next(one.climbed.chosen for one in shipped if one.climbed.rung == rung)
    history = history_of(ascent.grid, chosen, prepared, runs=workspace.runs)
    table = capability_of(ascent.grid, {one.climbed.rung: one.manifest.cost for one in shipped}, prepared, seed=seed)
    return FitOutcome(
        task=prepared.task.name,
        target=target_in_words(prepared.task.target),
        verdict=confirmed.verdict,
        diagnosis=confirmed.diagnosis,
        symptoms=symptoms_of(ascent.grid, rung, answers=chosen.answers, history=history, seed=seed),
        capability=table,
        break_even=hosted_or_own(ascent.grid, table, confirmed.diagnosis.plans),
        rounds=rounds_on(ascent.grid, rung, history=history),
        proposal=confirmed.proposal,
        goals=confirmed.goals,
        opening=confirmed.opening,
        spent=confirmed.spent,
        rungs=tuple(
            RungOutcome(
                rung=one.climbed.rung,
                chosen=one.climbed.chosen,
                shipped=one.manifest,
                test=confirmed.tests.get(one.climbed.rung),
                without_leaked=confirmed.without_leaked.get(one.climbed.rung),
                bundle=str(workspace.bundles / names[one.climbed.rung]) if one.manifest.hosted is None else None,
                alternatives=one.climbed.alternatives,
                incomplete=confirmed.not_tested.get(one.climbed.rung),
                test_answers=confirmed.test_layers.get(one.climbed.rung),
            )
            for one in shipped
        ),
        not_run=ascent.not_run,
        ran=(*ascent.ran, *(_refit(one) for one in shipped if one.manifest.cell.refit)),
        comparisons=_comparisons(shipped, confirmed),
        data=prepared.summary,
        audit=audited,
        plan=provable(prepared, opening=confirmed.opening or 1),
        task_yaml=task_yaml(prepared.task),
        seed=seed,
        notes=(
            *_notes(prepared, workspace, shipped, confirmed),
            *_warned(audited),
            *(() if prepared.known is None else (knowledge_sentence(prepared.known.summary, kind=prepared.task.kind),)),
            *one_seed([one.climbed.rung for one in shipped if ascent.grid.n_seeds(one.climbed.rung) == 1], n_seeds=1),
        ),
        time=confirmed.time,
        kind=prepared.task.kind,
        knowledge=None if prepared.known is None else prepared.known.summary,
    )


def _refit(one: Shipped) -> Ran:
    why = "refitted on train plus validation, to ship"
    return Ran(run=one.manifest.name, why=why, seconds=one.manifest.cost.train_seconds)


def _bundle_names(shipped: Sequence[Shipped]) -> dict[str, str]:
    """Rung to folder: its short name, or its run's where two base models have folders of one name."""
    short = [slug(one.climbed.rung) for one in shipped]
    return {
        one.climbed.rung: name if short.count(name) == 1 else one.manifest.name
        for one, name in zip(shipped, short, strict=True)
    }


def _comparisons(shipped: Sequence[Shipped], confirmed: Confirmed) -> tuple[Comparison, ...]:
    """Each rung against the one below it, and each against the proposed one, once."""
    runs = [one.climbed.answered for one in shipped]
    proposed = next(one for one in runs if one.manifest.cell.rung == confirmed.proposal.rung)
    pairs = [(runs[i], runs[i - 1]) for i in range(1, len(runs))]
    pairs += [(one, proposed) for one in runs if one is not proposed]
    distinct: dict[frozenset[str], tuple[Answered, Answered]] = {}
    for first, second in pairs:
        distinct.setdefault(frozenset((first.manifest.name, second.manifest.name)), (first, second))
    return tuple(compare_answered(first, second) for first, second in distinct.values())


def _notes(
    prepared: Prepared, workspace: Workspace, shipped: Sequence[Shipped], confirmed: Confirmed
) -> tuple[str, ...]:
    refits = [one.climbed.rung for one in shipped if one.manifest.cell.refit]
    folded = [one.climbed.rung for one in shipped if one.climbed.chosen.judged_on == "out_of_fold"]
    n_validation = prepared.summary.split_counts["validation"]
    n_left_out = prepared.summary.n_rows - len(prepared.material.data) - len(prepared.test)
    n_leaked = prepared.summary.n_leaked["test"]
    cut = [f"{n:,} for {one.climbed.rung}" for one in shipped if (n := one.climbed.answered.predictions.n_truncated)]
    compared = [one.climbed.rung for one in shipped if one.climbed.rung != "majority"]
    alone = prepared.task.target.within is not None and len(compared) == 1
    notes = {
        f"refitted on train plus validation after the choice: {', '.join(refits)}": refits,
        f"judged on out-of-fold predictions over train plus validation, since validation has only {n_validation:,} "
        f"rows: {', '.join(folded)}": folded,
        f"messages longer than what is read, shortened (too_long: {prepared.task.too_long}): {', '.join(cut)}": cut,
        f"{compared[0] if alone else ''} was held against itself and the commonest label, as no other rung was run; "
        "target.within means something with two, and target.at_least with one": alone,
        f"{n_left_out:,} rows were left out: their label is not one of the task's": n_left_out,
        f"{n_leaked:,} test rows have a copy or group mate in another split; the data brought them so, "
        "and they stay": n_leaked,
        f"accuracy without the leaked test rows: {_without_leaked(confirmed)}": confirmed.without_leaked,
    }
    asked = [
        hosted_sentence(
            *(one.climbed.rung, figures), spent=_spent(one, workspace.runs / one.manifest.name), kind=prepared.task.kind
        )
        for one in shipped
        if (figures := one.manifest.hosted) is not None
    ]
    left_out = [f"{rung} has no figure on the test: {why}" for rung, why in confirmed.not_tested.items()]
    return (*(sentence for sentence, applies in notes.items() if applies), *asked, *left_out)


def _spent(one: Shipped, run_folder: Path) -> float:
    return spent_on(run_folder) if one.manifest.cell.kind == "classify" else spent_on_answers(run_folder)


def _warned(audited: Audit) -> tuple[str, ...]:
    """What the data's own faults may have to do with the figures, in one sentence; the page has them one by one."""
    codes = dict.fromkeys(one.code for one in audited.findings if one.severity != "note")
    names = ", ".join(code.replace("_", " ") for code in codes)
    return (f"the audit warns of {names}: suffice audit names the rows, and what to do",) if codes else ()


def _without_leaked(confirmed: Confirmed) -> str:
    return ", ".join(
        f"{rung} {percent(clean.accuracy)} ({percent(confirmed.tests[rung].accuracy.accuracy)} with them)"
        for rung, clean in confirmed.without_leaked.items()
    )


def target_in_words(target: TargetSpec) -> str:
    """The target for a person.

    Args:
        target: the task's target.
    """
    recalls = "".join(f", recall of {label} of at least {least:g}" for label, least in target.recall.items())
    if target.at_least is not None:
        return f"{target.metric.replace('_f1', '-F1')} of at least {target.at_least:g}{recalls}"
    assert target.within is not None
    return f"accuracy within {100 * target.within:g} points of the best rung{recalls}"


def _write(outcome: FitOutcome, prepared: Prepared, workspace: Workspace) -> None:
    """Bundles, the page, and the record that both were made of."""
    sentence = verdict_sentence(outcome)
    prices = [one.chosen.hosted.cost_per_thousand for one in outcome.rungs if one.chosen.hosted is not None]
    for rung in outcome.rungs:
        if rung.bundle is None:
            continue  # What an endpoint answers cannot be shipped.
        base, fingerprint = rung.shipped.cell.base, rung.shipped.cell.base_fingerprint
        record = BundleRecord(
            task=outcome.task,
            rung=rung.rung,
            run=rung.shipped,
            base=BaseReference(name=base, fingerprint=fingerprint) if base and fingerprint else None,
            validation=rung.chosen.evaluation,
            test=rung.test,
            validation_answers=None if rung.chosen.answers is None else without_rows(rung.chosen.answers),
            test_answers=rung.test_answers,
            verdict=sentence if rung.rung == outcome.proposal.rung else None,
            split=prepared.certificate,
            keep_days=prepared.task.ledger.keep_days,
            hosted_per_thousand=min((price for price in prices if price is not None), default=None),
        )
        reader = None if rung.shipped.cell.reads is None or prepared.known is None else prepared.known.reader
        write_bundle(Path(rung.bundle), workspace.runs / rung.shipped.name / "fitted", record, reader=reader)
    strict_json.write(workspace.out / "outcome.json", outcome)
    written = completions_of([workspace.runs / rung.chosen.name for rung in outcome.rungs])
    write_report(outcome, shown_texts(prepared), completions=written, path=workspace.report)


def completions_of(run_folders: Sequence[Path]) -> dict[str, dict[str, str]]:
    """What each run wrote for the rows that compare rungs, by the run's name and the row's id.

    Args:
        run_folders: of finished runs; those that were not judged wrote nothing.
    """
    found = {folder.name: folder / "predictions.parquet" for folder in run_folders}
    return {name: read_completions(path) for name, path in found.items() if path.exists()}


def shown_texts(prepared: Prepared) -> dict[str, ExampleText]:
    """Texts that a page may show: those of the rows that rungs were compared on, never of test rows.

    Args:
        prepared: the task and its rows.
    """
    material = prepared.material
    rows = material.data.take(np.sort(material.rows("train", "validation")))
    return {
        i: ExampleText(text=text, label=label) for i, text, label in zip(rows.ids, rows.texts, rows.labels, strict=True)
    }
