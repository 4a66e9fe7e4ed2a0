"""`suffice diagnose`: finished runs to what is in the way; nothing is trained, and the test stays sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suffice.diagnose import conclude, diagnose, hosted_or_own, propose
from suffice.errors import BundleError, Problem
from suffice.pipeline.cells.answered import Answered, read_predictions
from suffice.pipeline.cells.finished import answered_run, must_share_rows, prepared_for
from suffice.pipeline.cells.repaired import OUT_OF_FOLD, Repaired, repaired_labels
from suffice.pipeline.cells.rung_names import one_seed, ordered_rungs
from suffice.pipeline.cells.whole_rung import standing_for_rung
from suffice.pipeline.grid.capability import capability_of
from suffice.pipeline.grid.looked import looked_at
from suffice.pipeline.grid.measured import facts_of, grid_of, judged_fresh, measured_cell
from suffice.pipeline.grid.pairs import inseparable_pairs
from suffice.pipeline.grid.rounds import history_of
from suffice.pipeline.grid.symptoms import rounds_on, symptoms_of
from suffice.pipeline.rows.prepare import Prepared
from suffice.pipeline.rows.workspace import Workspace, read_run
from suffice.records.break_even import HostedOrOwn
from suffice.records.capability import Capability
from suffice.records.diagnosis import Diagnosis
from suffice.records.rounds import Rounds
from suffice.records.run import Cell
from suffice.records.symptoms import Looked
from suffice.records.task import Kind
from suffice.records.verdict import FitOutcome, Proposal, Verdict
from suffice.rungs.ladder import endpoint_of
from suffice.store import strict_json

NO_DECISIONS = "no labels that people decided about were read: --decisions FILE"
SEALED = "the sealed test was not opened by this command, whatever a fit has done: nothing is proven here"


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosed:
    """What finished runs tell."""

    kind: Kind
    """Of the task."""
    verdict: Verdict
    proposal: Proposal
    diagnosis: Diagnosis
    symptoms: tuple[Looked, ...]
    """Of the proposed rung; they explain and decide nothing."""
    capability: Capability
    """What each rung can do, and what it costs: its run, since nothing ships."""
    break_even: tuple[HostedOrOwn, ...]
    """Each endpoint that was asked against each rung that runs here; empty where none was."""
    rounds: Rounds | None
    """Runs of the proposed rung one after another; None where there are not two."""
    runs: tuple[str, ...]
    """Names of the runs that it stands on."""
    openings: int
    """How often the sealed test of these rows was opened on this machine."""
    not_run: tuple[tuple[str, str], ...]
    """Rungs that the fits of the output folders left out or left incomplete, and why."""
    notes: tuple[str, ...]
    """What a person should know of these runs: networks trained once, decisions that were not read."""


def diagnose_runs(folders: Sequence[Path], *, decisions: Path | None, seed: int) -> Diagnosed:
    """What is in the way of the target, by finished runs.

    Args:
        folders: run folders, or output folders for all their runs.
        decisions: what people decided about rows; None for none.
        seed: of the draws.

    Raises:
        BundleError: no finished run, none on all rows, or runs on different data versions or splits.
    """
    found = [answered_run(read_run(folder), folder) for folder in _runs(folders)]
    must_share_rows([one.manifest for one in found])
    prepared = prepared_for(found[0].manifest, _runs(folders)[0])
    found = _standing(found)
    whole = [one for one in found if _is_whole(one.manifest.cell)]
    if not whole:
        rule, got = "a run at least must be on all rows that the task allows", "points of curves alone"
        fix = "name such a run too, or the output folder of a fit"
        raise BundleError(Problem(where=str(folders[0]), rule=rule, got=got, fix=fix))
    ran = [one.manifest.cell.rung for one in found if not one.manifest.cell.asked_again]
    endpoints = [endpoint for rung in ran if (endpoint := endpoint_of(rung)) is not None]
    rungs = ordered_rungs(ran, where="RUN", hosted=endpoints, kind=prepared.task.kind)
    firsts = {one.manifest.cell.rung: one for one in reversed(whole)}
    repaired = _repaired(_runs(folders), prepared)
    grid = grid_of(
        prepared,
        [measured_cell(one, prepared) for one in found],
        rungs=facts_of(rungs, prepared, beyond=False),
        looked=None if decisions is None or prepared.task.kind != "classify" else looked_at(prepared, decisions),
        pairs=inseparable_pairs(list(firsts.values()), repaired, prepared.material.y),
        n_flagged=max((one.n_changed for one in repaired.values()), default=0),
    )
    target = prepared.task.target
    proposal = propose(
        [judged_fresh(firsts[rung], prepared.material) for rung in rungs if rung in firsts],
        target,
        labels=prepared.labels,
        n_test=prepared.n_test,
        seed=seed,
    )
    diagnosis = diagnose(grid, rung=proposal.rung, goals=(), skipped=(), seed=seed)
    runs = Workspace(out=_runs(folders)[0].resolve().parent.parent).runs
    proposed = firsts[proposal.rung].manifest
    history = history_of(grid, proposed, prepared, runs=runs)
    table = capability_of(grid, {rung: one.manifest.cost for rung, one in firsts.items()}, prepared, seed=seed)
    return Diagnosed(
        kind=prepared.task.kind,
        verdict=conclude(proposal, (), target, diagnosis, kind=prepared.task.kind, untested=SEALED),
        proposal=proposal,
        diagnosis=diagnosis,
        symptoms=symptoms_of(grid, proposal.rung, answers=proposed.answers, history=history, seed=seed),
        capability=table,
        break_even=hosted_or_own(grid, table, diagnosis.plans),
        rounds=rounds_on(grid, proposal.rung, history=history),
        runs=tuple(one.manifest.name for one in found),
        openings=prepared.test.openings(),
        not_run=tuple(one for outcome in map(_last_fit, folders) if outcome is not None for one in outcome.not_run),
        notes=(
            *one_seed([rung for rung in rungs if grid.n_seeds(rung) == 1], n_seeds=1),
            *([NO_DECISIONS] if decisions is None and prepared.task.kind == "classify" else []),
            *diagnosis.notes,
        ),
    )


def _runs(folders: Sequence[Path]) -> list[Path]:
    """Run folders as they are; of an output folder the runs of its last fit, or all where none has finished, but no
    refits, which have seen what they are judged on.
    """
    found: list[Path] = []
    for folder in folders:
        inside = _of_last_fit(folder)
        found += [path for path in inside if not read_run(path).cell.refit] if inside else [folder]
    return found


def _of_last_fit(folder: Path) -> list[Path]:
    """Finished runs in an output folder; none in a folder that is something else."""
    inside = [path.parent for path in sorted((folder / "runs").glob("*/manifest.json"))]
    outcome = _last_fit(folder)
    if not inside or outcome is None:
        return inside
    names = {one.run for one in outcome.ran}
    return [path for path in inside if path.name in names] or inside


def _last_fit(folder: Path) -> FitOutcome | None:
    """What the last fit that has finished in an output folder came to; None where none has."""
    written = folder / "outcome.json"
    return strict_json.read(written, FitOutcome) if written.exists() else None


def _repaired(folders: Sequence[Path], prepared: Prepared) -> dict[str, Repaired]:
    """Training labels as rungs would have them, where the fit asked for that."""
    return {
        read_run(folder).cell.rung: repaired_labels(
            read_predictions(folder / OUT_OF_FOLD, prepared.labels, n_truncated=0), prepared.material
        )
        for folder in folders
        if (folder / OUT_OF_FOLD).exists()
    }


def _standing(found: Sequence[Answered]) -> list[Answered]:
    """Without the runs of a label output that another one of the same rung stands for."""
    losing = set()
    for rung in {one.manifest.cell.rung for one in found}:
        whole = [one.manifest for one in found if one.manifest.cell.rung == rung and _is_whole(one.manifest.cell)]
        by_output = sorted(whole, key=lambda manifest: manifest.cell.label_output != "tokens")
        if by_output:
            output = standing_for_rung(by_output).cell.label_output
            losing |= {manifest.name for manifest in whole if manifest.cell.label_output != output}
    return [one for one in found if one.manifest.name not in losing]


def _is_whole(cell: Cell) -> bool:
    return cell.n is None and cell.change is None
