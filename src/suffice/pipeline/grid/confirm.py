"""From the climb to the verdict: propose, refit, write the proposal down, open the test once, conclude."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose import (
    NO_TEST,
    Judged,
    Paired,
    conclude,
    conclude_spent,
    describe_only,
    diagnose,
    goals_of,
    propose,
    settled_by,
)
from suffice.errors import BundleError, EndpointError
from suffice.evaluate import evaluate
from suffice.pipeline.cells.answers_again import answered_again, without_rows
from suffice.pipeline.cells.hosted import predictions_of
from suffice.pipeline.cells.names import refit_of, run_name
from suffice.pipeline.cells.run import run_cell
from suffice.pipeline.cells.whole_rung import Climbed
from suffice.pipeline.grid.aging import aging_of
from suffice.pipeline.grid.climb import Ascent
from suffice.pipeline.grid.measured import judged_fresh
from suffice.pipeline.rows.prepare import Prepared
from suffice.pipeline.rows.sealed import TestRows
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.diagnosis import Diagnosis
from suffice.records.evaluation import Evaluation, Predictions
from suffice.records.progress import Progress
from suffice.records.run import RunManifest
from suffice.records.task import Task
from suffice.records.time import TimeOutcome
from suffice.records.verdict import Goal, Proposal, Verdict, WithoutLeaked
from suffice.rungs.ladder import describe
from suffice.stats.binomial import interval
from suffice.stats.groups import design_effect
from suffice.stats.openings import alpha_of_opening
from suffice.stats.proof import effective_rows
from suffice.store import strict_json
from suffice.store.completions import CompletionFile
from suffice.store.openings import is_spent
from suffice.store.strict_json import digest
from suffice.store.task_file import task_yaml
from suffice.text.counted import counted
from suffice.text.kind_words import ASKED
from suffice.text.normalise import is_empty

PROPOSAL = "proposal.json"
"""What validation proposes, in the output folder before the test is opened."""
TEST_COMPLETIONS = "test_completions.jsonl"
"""The file of what a run's rung wrote for the opened test."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shipped:
    """A rung as it ships."""

    climbed: Climbed
    manifest: RunManifest
    """The chosen run, or its refit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmed:
    """What the sealed test said."""

    proposal: Proposal
    verdict: Verdict
    diagnosis: Diagnosis
    """What is in the way, whether or not anything is."""
    goals: tuple[Goal, ...]
    """On the test rows, for the proposed rung alone; empty where there are none."""
    opening: int | None
    """Which opening of the test it was; None where there was nothing to open."""
    spent: bool
    """Whether the test's rows were shown to a person, so that nothing is proven on them."""
    tests: dict[str, Evaluation]
    """Rung to figures on the test rows."""
    without_leaked: dict[str, WithoutLeaked]
    """Rung to accuracy on the test rows that are not leaked; empty where none is, or every one."""
    time: TimeOutcome | None = None
    """What the proposed rung loses with time; None where no row has a time, or there are no test rows."""
    not_tested: dict[str, str] = field(default_factory=dict)
    """Hosted rungs whose endpoints did not answer all test rows, and why."""
    test_layers: dict[str, CompletionEvaluation] = field(default_factory=dict)
    """Rung to the layers behind its figures where answers are free text; empty where they are labels."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tested:
    """The opened rows under every rung."""

    answers: dict[str, Judged] = field(default_factory=dict)
    figures: dict[str, Evaluation] = field(default_factory=dict)
    layers: dict[str, CompletionEvaluation] = field(default_factory=dict)
    not_tested: dict[str, str] = field(default_factory=dict)


def ship(climbed: Sequence[Climbed], prepared: Prepared, workspace: Workspace, *, progress: Progress) -> list[Shipped]:
    """Refits the cheap rungs on train plus validation, where the task says so; the others ship as they were judged.

    Args:
        climbed: rungs after the climb.
        prepared: the task and its rows.
        workspace: where runs lie.
        progress: told of every step.
    """
    return [
        Shipped(climbed=one, manifest=_refitted(one, prepared, workspace, progress) or one.chosen) for one in climbed
    ]


def confirm(
    shipped: Sequence[Shipped],
    ascent: Ascent,
    prepared: Prepared,
    workspace: Workspace,
    *,
    seed: int,
    progress: Progress,
) -> Confirmed:
    """Writes the proposal down, opens the test for it, and concludes.

    The figures of the other rungs are descriptive: nothing depends on them. Where an endpoint whose answers the
    verdict needs did not give all of them, nothing is proven; the same command again is the same opening, and asks for
    the rest.

    Args:
        shipped: rungs as they ship.
        ascent: every cell that was run.
        prepared: the task and its rows.
        workspace: where the proposal is written.
        seed: of bootstraps.
        progress: told of every step.

    Raises:
        StorageError: the ledger of openings cannot be written; the test stays sealed.
    """
    target, labels = prepared.task.target, prepared.labels
    proposed = propose(
        [judged_fresh(one.climbed.answered, prepared.material) for one in shipped],
        target,
        labels=labels,
        n_test=prepared.n_test,
        seed=seed,
    )
    run = next(one.manifest.name for one in shipped if one.climbed.rung == proposed.rung)
    proposal = _naming_shipped(proposed, run, shipped)
    strict_json.write(workspace.out / PROPOSAL, proposal)
    if not len(prepared.test):
        found = diagnose(ascent.grid, rung=proposal.rung, goals=(), skipped=ascent.skipped, seed=seed)
        return Confirmed(
            proposal=proposal,
            verdict=conclude(proposal, (), target, found, kind=prepared.task.kind),
            diagnosis=found,
            goals=(),
            opening=None,
            spent=False,
            tests={},
            without_leaked={},
        )
    progress.say(
        f"proposed: {proposal.rung}; opening the sealed test of "
        f"{counted(len(prepared.test), ASKED[prepared.task.kind])}, after which anything else has more to prove on it"
    )
    rows = prepared.test.open(proposal.hypothesis)
    tested = _test_all(shipped, rows, prepared, workspace, seed=seed, progress=progress)
    answers, not_tested = tested.answers, tested.not_tested
    leaked = np.isin(rows.groups, prepared.material.groups)
    missing = next((rung for rung in (proposal.rung, proposal.comparator) if rung in not_tested), None)
    goals: tuple[Goal, ...] = ()
    if missing is None:
        goals = _goals(answers, proposal, rows, prepared, leaked=leaked, seed=seed)
    untested = NO_TEST if missing is None else f"{missing} has no figure on the test: {not_tested[missing]}"
    spent = is_spent(prepared.test.sha256)
    goals = describe_only(goals) if spent else goals
    found = diagnose(ascent.grid, rung=proposal.rung, goals=() if spent else goals, skipped=ascent.skipped, seed=seed)
    if not spent:
        goals = settled_by(goals, next(iter(found.plans), None), rung=proposal.rung)
    return Confirmed(
        proposal=proposal,
        verdict=conclude_spent(proposal, goals)
        if spent
        else conclude(
            *(proposal, goals, target, found), kind=prepared.task.kind, untested=untested, cut_short=missing is not None
        ),
        diagnosis=found,
        goals=goals,
        opening=rows.opening.number,
        spent=spent,
        tests=tested.figures,
        test_layers=tested.layers,
        without_leaked=_without_leaked(answers, leaked=leaked),
        time=_time(shipped, answers.get(proposal.rung), rows, prepared, seed=seed),
        not_tested=not_tested,
    )


def _goals(
    answers: dict[str, Judged],
    proposal: Proposal,
    rows: TestRows,
    prepared: Prepared,
    *,
    leaked: NDArray[np.bool_],
    seed: int,
) -> tuple[Goal, ...]:
    """The target on the test rows that have no copy elsewhere, or on all where every one has."""
    fresh = frozenset(row_id for row_id, is_leaked in zip(rows.ids, leaked, strict=True) if not is_leaked)
    return goals_of(
        answers[proposal.rung].on(fresh) if fresh else answers[proposal.rung],
        prepared.task.target,
        labels=prepared.labels,
        alpha=alpha_of_opening(rows.opening.number),
        paired=_paired(answers, proposal) if prepared.task.target.within is not None else None,
        seed=seed,
    )


def _time(
    shipped: Sequence[Shipped], test: Judged | None, rows: TestRows, prepared: Prepared, *, seed: int
) -> TimeOutcome | None:
    if test is None:
        return None
    one = next(one for one in shipped if one.climbed.rung == test.rung)
    return aging_of(
        one.climbed.answered,
        one.manifest,
        prepared.material,
        test=test,
        rows=rows,
        price_per_label=prepared.task.cost.per_label,
        seed=seed,
    )


def proposed_before(task: Task, workspace: Workspace) -> str | None:
    """The hypothesis that the last fit of the same task into this folder came to, and the same fit comes to again; None
    where there is none, or the task was another.

    Args:
        task: the task, overrides applied.
        workspace: the output folder.
    """
    proposed = workspace.out / PROPOSAL
    if not (proposed.is_file() and workspace.task.is_file()) or workspace.task.read_text("utf-8") != task_yaml(task):
        return None
    try:
        return strict_json.read(proposed, Proposal).hypothesis
    except BundleError:  # Of another version of this package, whose fit is another.
        return None


def _refitted(one: Climbed, prepared: Prepared, workspace: Workspace, progress: Progress) -> RunManifest | None:
    if not (describe(one.rung).cheap and prepared.task.train.refit):
        return None
    cell = refit_of(one.chosen)
    name = run_name(cell, prepared)
    return run_cell(
        cell,
        prepared.material,
        name=name,
        out=workspace.runs / name,
        report_to=prepared.task.report_to,
        progress=progress,
    )


def _naming_shipped(proposed: Proposal, run: str, shipped: Sequence[Shipped]) -> Proposal:
    """The proposal with the run that ships, and a hypothesis that names it and what it is held against."""
    against = [one.manifest.name for one in shipped if one.climbed.rung in {proposed.comparator, "majority"}]
    hypothesis = digest([run, proposed.hypothesis, *(against if proposed.comparator else [])])
    return replace(proposed, run=run, hypothesis=hypothesis)


def _test_all(
    shipped: Sequence[Shipped],
    rows: TestRows,
    prepared: Prepared,
    workspace: Workspace,
    *,
    seed: int,
    progress: Progress,
) -> _Tested:
    """Every rung's answers and figures on the opened rows, and why there are none of hosted ones."""
    tested = _Tested()
    with progress.step("sealed test", total=len(shipped) * len(rows.ids)) as done:
        for one in shipped:
            rung, folder = one.climbed.rung, workspace.runs / one.manifest.name
            try:
                predictions, layers = _answers_of(one, rows, folder, seed=seed, done=done, progress=progress)
            except EndpointError as error:
                progress.say(str(error))
                tested.not_tested[rung] = error.problems[0].got
                continue
            if layers is not None:
                tested.layers[rung] = without_rows(layers)
            tested.answers[rung] = Judged(
                rung=rung,
                run=one.manifest.name,
                ids=rows.ids,
                y_true=rows.y,
                y_pred=predictions.y_pred,
                groups=rows.groups,
                labels=prepared.labels,
            )
            tested.figures[rung] = evaluate(
                predictions,
                rows.y,
                rows.groups,
                rung=rung,
                run=one.manifest.name,
                split="test",
                n_empty=int(np.sum([is_empty(text) for text in rows.texts])),
                seed=seed,
                aspects=rows.aspects,
            )
    return tested


def _answers_of(
    one: Shipped, rows: TestRows, folder: Path, *, seed: int, done: Callable[[int], None], progress: Progress
) -> tuple[Predictions, CompletionEvaluation | None]:
    """A rung's answers to the opened rows, and where they are free text the layers behind them."""
    if one.manifest.cell.kind == "classify":
        fitted = folder / "fitted"
        return predictions_of(fitted, rows.texts, rows.ids, send=True, done=done, progress=progress), None
    kept = CompletionFile(folder / TEST_COMPLETIONS)
    found = answered_again(
        folder, rows.data, rows.groups, kept=kept, send=True, seed=seed, done=done, progress=progress
    )
    return found.predictions, found.answers


def _without_leaked(answers: dict[str, Judged], *, leaked: NDArray[np.bool_]) -> dict[str, WithoutLeaked]:
    if not leaked.any() or leaked.all():
        return {}
    figures = {}
    for rung, judged in answers.items():
        right = (judged.y_true == judged.y_pred)[~leaked]
        n_effective = effective_rows(len(right), design_effect(right, judged.groups[~leaked]))
        accuracy = float(right.mean())
        figures[rung] = WithoutLeaked(
            n_leaked=int(leaked.sum()),
            n=len(right),
            accuracy=accuracy,
            interval=interval(accuracy * n_effective, n_effective),
        )
    return figures


def _paired(answers: dict[str, Judged], proposal: Proposal) -> Paired:
    assert proposal.comparator is not None, "a relative target has a comparator"
    return Paired(comparator=answers[proposal.comparator], majority=answers.get("majority"))
