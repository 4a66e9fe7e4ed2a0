"""Finished runs and the task to the grid that the verdict reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from suffice.base_models import CATALOGUE, find_here
from suffice.diagnose import Judged
from suffice.errors import SufficeError
from suffice.pipeline.cells.answered import Answered
from suffice.pipeline.cells.asked_again import askings_of
from suffice.pipeline.cells.changes import orders_of, sweep_of
from suffice.pipeline.cells.estimate import estimated_minutes
from suffice.pipeline.grid.answer_askings import answer_askings_of
from suffice.pipeline.grid.reading_askings import reading_askings_of
from suffice.pipeline.grid.sensitivity_askings import sensitivity_askings_of
from suffice.pipeline.labels.agreement import agreement_of
from suffice.pipeline.rows.prepare import Material, Prepared
from suffice.pipeline.rows.wrong_traces import has_traces, wrong_traces
from suffice.records.dataset import Dataset
from suffice.records.evaluation import NotMeasured
from suffice.records.grid import NOT_JUDGED, Asking, Grid, Measured, ReviewedRows, ReviewedTrain, RungFacts
from suffice.records.next_cells import Intervention
from suffice.records.run import RunManifest
from suffice.records.splits import MIN_VALIDATION
from suffice.records.task import DEFAULT_LADDERS, Kind
from suffice.rungs.ladder import PROMPTED, base_of, describe, endpoint_of, in_order_of_cost
from suffice.rungs.out_of_fold import N_FOLDS
from suffice.split import subset_gaps

UNKNOWN_MINUTES = 1.0
"""Of a base model whose size nothing is known of: nothing keeps it from being started but the minutes that are over."""
UNMEASURED_PRICE = 1e-4
"""Money for a message to an endpoint as long as no call has told the tokens of one, in the currency of its price: some
300 tokens at 0.3 for a million."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What people found about labels."""

    reviewed: ReviewedRows | None
    """Validation rows, by position among the rows that compare rungs; None where none was looked at."""
    train_rows: NDArray[np.int64] | None
    """Training rows, drawn at random, by position in the material, ascending; None where none was looked at."""
    train_y: NDArray[np.int64] | None
    """Label code that the person settled on for each."""


NOTHING_LOOKED_AT = Looked(reviewed=None, train_rows=None, train_y=None)


def compared_rows(prepared: Prepared) -> NDArray[np.int64]:
    """Positions of the rows that any rung is compared on: validation, and train where cheap rungs go out of fold.

    Args:
        prepared: the task and its rows.
    """
    validation = prepared.material.rows("validation")
    if len(validation) >= MIN_VALIDATION:
        return prepared.material.fresh_validation
    return np.union1d(prepared.material.rows("train"), validation)


def judged_fresh(answered: Answered, material: Material) -> Judged:
    """A run's answers on the rows that compare rungs, without copies of what it was fitted on.

    Args:
        answered: a finished run's answers.
        material: the rows.
    """
    if answered.manifest.judged_on == "out_of_fold":
        return answered.judged  # No copy of a row was in the folds that its model was fitted on.
    return answered.judged.on(frozenset(material.data.take(material.fresh_validation).ids))


def measured_cell(answered: Answered, prepared: Prepared) -> Measured:
    """A finished run as the verdict reads it.

    Args:
        answered: its answers.
        prepared: the task and its rows.
    """
    manifest = answered.manifest
    rows = compared_rows(prepared)
    place = {row_id: position for position, row_id in enumerate(prepared.material.data.take(rows).ids)}
    y_pred = np.full(len(rows), NOT_JUDGED, dtype=np.int64)
    kept = [k for k, row_id in enumerate(answered.predictions.ids) if row_id in place]
    asked = [place[answered.predictions.ids[k]] for k in kept]
    y_pred[asked] = answered.predictions.y_pred[kept]
    confidence = np.zeros(len(rows), dtype=np.float32)
    if answered.predictions.probs is not None:
        confidence[asked] = answered.predictions.probs.max(axis=1)[kept]
    probability = None if manifest.evaluation is None else manifest.evaluation.probability
    return Measured(
        run=manifest.name,
        rung=manifest.cell.rung,
        n=_n_fitted(manifest, prepared, n_compared=len(rows)),
        subset_seed=manifest.cell.subset_seed,
        seed=manifest.cell.seed,
        change=manifest.cell.change,
        y_pred=y_pred,
        confidence=confidence,
        train_accuracy=manifest.train_accuracy,
        seconds=manifest.cost.train_seconds,
        latency_ms=manifest.cost.latency_p50_ms,
        asked=manifest.cell.n,
        log_loss=None if probability is None or isinstance(probability, NotMeasured) else probability.log_loss,
        price_per_message=_price(manifest),
        tune_accuracy=manifest.tune_accuracy,
        kept_from=manifest.kept_from,
        consistency=None if manifest.hosted is None else manifest.hosted.consistency,
    )


def _n_fitted(manifest: RunManifest, prepared: Prepared, *, n_compared: int) -> int:
    """Training rows behind the answers; of an endpoint all that the task allows: it answers as it does with any."""
    if manifest.hosted is not None:
        return _n_allowed(prepared)
    in_folds = manifest.judged_on == "out_of_fold" and manifest.cell.n is None
    return round(n_compared * (1 - 1 / N_FOLDS)) if in_folds else manifest.n_train


def _price(manifest: RunManifest) -> float | None:
    """Money for a message: the price of a million tokens times those that a message took."""
    if manifest.hosted is None or manifest.hosted.cost_per_thousand is None:
        return None
    return manifest.hosted.cost_per_thousand / 1_000


def _n_allowed(prepared: Prepared) -> int:
    n, most = len(prepared.material.rows("train")), prepared.task.train.n_train
    return n if most is None else min(n, most)


def grid_of(
    prepared: Prepared,
    cells: Sequence[Measured],
    *,
    rungs: Sequence[RungFacts],
    looked: Looked | None = None,
    pairs: tuple[tuple[str, str], ...] = (),
    n_flagged: int = 0,
    skip: frozenset[Intervention] = frozenset(),
) -> Grid:
    """All that the verdict may know.

    Args:
        prepared: the task and its rows.
        cells: finished ones.
        rungs: that may be run, in order of cost.
        looked: what people found about labels; None where nobody looked.
        pairs: labels that no rung can tell apart.
        n_flagged: training rows that the repair of labels changes.
        skip: interventions that the person leaves out.
    """
    material, rows = prepared.material, compared_rows(prepared)
    looked = looked or NOTHING_LOOKED_AT
    seconds = {cell.rung: cell.seconds / max(cell.n, 1) for cell in cells if cell.change is None}
    prices = {cell.rung: cell.price_per_message for cell in cells if cell.price_per_message is not None}
    return Grid(
        kind=prepared.task.kind,
        labels=material.labels.names,
        y_true=material.y[rows],
        groups=material.groups[rows],
        n_train=_n_allowed(prepared),
        subset_gaps=subset_gaps(material.rows("train"), material.strata),
        of_label=tuple(np.bincount(material.y[material.rows("train")], minlength=len(material.labels)).tolist()),
        n_validation=len(material.rows("validation")),
        n_test=prepared.n_test,
        target=prepared.task.target,
        prices=prepared.task.cost,
        rungs=tuple(
            replace(
                one,
                seconds_per_row=seconds.get(one.name, one.seconds_per_row),
                price_per_message=prices.get(one.name, one.price_per_message),
            )
            for one in rungs
        ),
        cells=tuple(cell for cell in cells if not cell.asked_again),
        asked_again=tuple(cell for cell in cells if cell.asked_again),
        skip=skip,
        reviewed=looked.reviewed,
        reviewed_train=_reviewed_train(looked, prepared),
        agreement=agreement_of(prepared),
        pairs=pairs,
        n_flagged=n_flagged,
        recall=None if prepared.known is None else prepared.known.summary.recall,
    )


def _reviewed_train(looked: Looked, prepared: Prepared) -> ReviewedTrain | None:
    if looked.train_rows is None or looked.train_y is None:
        return None
    wrong = prepared.material.y[looked.train_rows] != looked.train_y
    return ReviewedTrain(n=len(wrong), n_wrong=int(wrong.sum()))


def facts_of(rungs: Sequence[str], prepared: Prepared, *, beyond: bool = True) -> tuple[RungFacts, ...]:
    """What is known of the rungs before they are run, and of the next one beyond them.

    Args:
        rungs: as in `ladder`, in order of cost.
        prepared: the task and its rows.
        beyond: whether the next one is looked for.
    """
    n = max(1, len(prepared.material.rows("train")))
    explains = prepared.task.kind == "answer" and has_traces(_train_rows(prepared))
    return tuple(
        RungFacts(
            name=rung,
            cheap=describe(rung).cheap,
            trains=describe(rung).cheap or describe(rung).trains,
            sweep=sweep_of(rung, prepared.task.train, explains=explains),
            in_ladder=rung in rungs,
            seconds_per_row=60.0 * (_minutes(rung, prepared) / n),
            price_per_message=0.0 if endpoint_of(rung) is None else UNMEASURED_PRICE,
            orders=orders_of(rung, prepared.task.train),
            askings=_askings(rung, prepared) if rung in rungs else (),
            readings=reading_askings_of(rung, prepared) if rung in rungs else (),
            n_wrong_traces=_n_wrong_traces(rung, prepared) if explains else 0,
            sensitivities=sensitivity_askings_of(rung, prepared) if rung in rungs else (),
        )
        for rung in (*rungs, *(_beyond(rungs, prepared) if beyond else ()))
    )


def _askings(rung: str, prepared: Prepared) -> tuple[Asking, ...]:
    return askings_of(rung, prepared) if prepared.task.kind == "classify" else answer_askings_of(rung, prepared)


def _train_rows(prepared: Prepared) -> Dataset:
    return prepared.material.data.take(prepared.material.rows("train"))


def _n_wrong_traces(rung: str, prepared: Prepared) -> int:
    """Of the training rows that a rung is fitted on, about: those that a tuned language model learns to write."""
    train = prepared.task.train
    if not describe(rung).tunes_causal or train.target != "trace" or train.wrong_traces != "keep":
        return 0
    wrong = wrong_traces(_train_rows(prepared))
    return round(float(wrong.mean()) * _n_allowed(prepared)) if len(wrong) else 0


def _minutes(rung: str, prepared: Prepared) -> float:
    found = estimated_minutes(rung, prepared)
    return UNKNOWN_MINUTES if found is None else found


def next_above(rungs: Sequence[str], *, kind: Kind) -> str | None:
    """The next rung above all that were named; None above the last one.

    Args:
        rungs: as in `ladder`.
        kind: of the task, which a rung must be able to do.
    """
    here = [rung for rung in rungs if endpoint_of(rung) is None]  # Nothing lies beyond an endpoint.
    known = in_order_of_cost(
        [*DEFAULT_LADDERS[kind], *_of_catalogue(kind), *here],
        parameters={entry.name: entry.n_total for entry in CATALOGUE},
    )
    return next(iter(known[max((known.index(rung) for rung in here), default=len(known)) + 1 :]), None)


def _of_catalogue(kind: Kind) -> list[str]:
    """Its language models, tuned where a tuned one can do such a task, and prompted otherwise."""
    names = [entry.name for entry in CATALOGUE if entry.kind == "causal"]
    return [name if kind in describe(name).kinds else f"{name}{PROMPTED}" for name in names]


def _beyond(rungs: Sequence[str], prepared: Prepared) -> tuple[str, ...]:
    """The next rung above all that were named, if a look at it takes seconds and fetches nothing."""
    rung = next_above(rungs, kind=prepared.task.kind)
    if rung is None or not describe(rung).cheap:
        return ()
    base = base_of(rung, prepared.task.train)
    try:
        return (rung,) if base is None or find_here(base) is not None else ()
    except SufficeError:
        return ()
