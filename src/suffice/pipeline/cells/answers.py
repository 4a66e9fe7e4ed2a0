"""A cell whose answers are free text or calls: fit, complete, judge each completion right or not, time, write down.

Completions are kept in the run's folder as they end, so that a run that was killed goes on where it ended.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version as installed
from pathlib import Path
from platform import python_version
from time import perf_counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from suffice.bundles.answerer import Answerer
from suffice.evaluate import evaluate, hosted_figures
from suffice.evaluate.completions import evaluate_completions
from suffice.pipeline.cells.answer_fit import fit_on, fitted_answerer
from suffice.pipeline.cells.answered import write_predictions
from suffice.pipeline.cells.clusters import clusters_of
from suffice.pipeline.cells.fit import FitRecord
from suffice.pipeline.cells.hosted import cost_of_calls, rows_asked_again
from suffice.pipeline.cells.judge import LIBRARIES, MAX_TRAIN_JUDGED, cost_of, evenly, n_threads
from suffice.pipeline.cells.rows import judged_rows, subset, training_rows, tune_rows_asked
from suffice.pipeline.rows.free_rows import judged
from suffice.pipeline.rows.given import given_rows
from suffice.pipeline.rows.posed import posed_rows
from suffice.pipeline.rows.prepare import Material
from suffice.records.answers import Submission
from suffice.records.completion import Completion
from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.evaluation import Cost, Evaluation, NotMeasured, Predictions
from suffice.records.free_spec import is_held
from suffice.records.hosted import HostedFigures
from suffice.records.labels import INVENTED, OUTCOMES, RIGHT
from suffice.records.progress import Progress
from suffice.records.run import RUN_FORMAT, Cell, RunManifest, Writing
from suffice.rungs.answering import AnswerData, AnyAsked, AnyRow, without_gold
from suffice.rungs.hosted import Reply
from suffice.rungs.hosted_answers import HostedAnswers
from suffice.rungs.hosted_calls import Incomplete
from suffice.rungs.ladder import describe
from suffice.rungs.out_of_fold import N_FOLDS
from suffice.split import folds
from suffice.store import strict_json
from suffice.store.completions import CompletionFile, NothingKept
from suffice.store.paid_answers import PaidAnswer

MAX_TRAIN_WRITTEN = 100
"""Of a run's own training rows, those that are written anew: each takes as long as a hundred labels."""
COMPLETIONS = "completions.jsonl"
"""The file of a run's completions."""
GRADES_WITH = "math-verify"
"""The library that decides beside those of every run: it tells expressions equal."""
NOT_SOUGHT = NotMeasured(why="they are looked for in whole runs, on the rows that compare rungs")
"""Of kinds of failures on rows that nobody is shown, or too few of them."""
PRIOR = (0.0, 1.0)
"""Every row is labelled as what answers are to be."""
N_TIMED, N_TIMED_OF_PROBE = 8, 1
"""Questions that are answered one at a time, to tell how long one takes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FreelyAnswered:
    """Completions, judged."""

    predictions: Predictions
    """Whether each is right, as the label that it was given."""
    answers: CompletionEvaluation
    """The layers behind that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judgement:
    """What a run came to on the rows that compare rungs; fields as in `RunManifest`."""

    judged_on: Literal["validation", "out_of_fold"]
    evaluation: Evaluation
    answers: CompletionEvaluation
    writing: Writing
    tune_accuracy: float | None
    hosted: HostedFigures | None


def run_answers(
    cell: Cell,
    material: Material,
    *,
    name: str,
    out: Path,
    fitted: Path | None,
    planned_memory_bytes: int | None,
    progress: Progress,
) -> RunManifest:
    """Runs a cell, or what is left of it.

    Args:
        cell: what to run.
        material: the rows that may be seen.
        name: the run's name.
        out: the run's folder.
        fitted: the tuned rung that is asked another way, as its run saved it; None for every other cell.
        planned_memory_bytes: what it is expected to need, for its manifest.
        progress: told of every step.

    Raises:
        SufficeError: what the person can fix.
        EndpointError: an endpoint did not answer everything: then there is `incomplete.json` in the folder and no
            manifest, and the same call again goes on.
    """
    rows = training_rows(cell, material)
    answerer, record = fitted_answerer(cell, material, rows, fitted=fitted, out=out, progress=progress)
    shutil.rmtree(out / "checkpoints", ignore_errors=True)
    try:
        judgement = None
        if not cell.refit:
            judgement = _judgement(cell, material, answerer, rows, name=name, out=out, progress=progress)
    except Incomplete as error:
        strict_json.write(out / "incomplete.json", error.record)
        raise
    (out / "incomplete.json").unlink(missing_ok=True)
    manifest = _manifest(cell, material, answerer, record, judgement, name=name, rows=rows, progress=progress)
    manifest = replace(manifest, planned_memory_bytes=planned_memory_bytes)
    strict_json.write(out / "manifest.json", manifest)
    return manifest


def judged_completions(
    questions: Sequence[AnyRow],
    completions: Sequence[Completion],
    groups: NDArray[np.int64],
    answerer: Answerer,
    *,
    seed: int,
    seeks: bool = False,
    progress: Progress,
) -> FreelyAnswered:
    """Whether each completion is right, and the layers behind that.

    Args:
        questions: N rows with what is right.
        completions: of the same rows, in the same order.
        groups: group of each row, shape [N].
        answerer: what wrote them.
        seed: of shuffles.
        seeks: whether kinds of failures are looked for: of whole runs, on rows that may be shown.
        progress: told of every row.
    """
    with progress.step(f"judging {answerer.saved.rung}", total=len(questions)) as done:
        found = judged(
            questions,
            [Submission(id=one.id, text=one.text, stop_reason=one.stop_reason) for one in completions],
            groups,
            spec=answerer.saved.answer,
            seed=seed,
            done=done,
        )
    predictions = Predictions(
        ids=tuple(question.id for question in questions),
        labels=OUTCOMES,
        probs=None,
        n_truncated=0,
        given=np.array([RIGHT if row.verified else 1 - RIGHT for row in found.rows], dtype=np.int64),
    )
    clusters = clusters_of([found], seed=seed, progress=progress)[0] if seeks else NOT_SOUGHT
    return FreelyAnswered(predictions=predictions, answers=evaluate_completions(found, clusters=clusters))


def asked_of(questions: Sequence[AnyRow]) -> list[AnyAsked]:
    """Rows without what is right.

    Args:
        questions: rows.
    """
    return list(map(without_gold, questions))


def _judgement(
    cell: Cell,
    material: Material,
    answerer: Answerer,
    rows: NDArray[np.int64],
    *,
    name: str,
    out: Path,
    progress: Progress,
) -> _Judgement:
    places, out_of_fold = judged_rows(cell, material)
    questions = posed_rows(cell, material, places)
    kept = CompletionFile(out / COMPLETIONS)
    if out_of_fold:
        written = _out_of_fold(cell, material, places, questions, kept=kept, out=out, progress=progress)
    else:
        written = _written(cell, answerer, questions, kept=kept, progress=progress)
    groups = material.groups[places]
    found = judged_completions(
        questions, written, groups, answerer, seed=cell.seed, seeks=not cell.probe, progress=progress
    )
    said = [one.text for one in written]
    write_predictions(out / "predictions.parquet", found.predictions, completions=said)
    evaluation = evaluate(
        found.predictions,
        material.y[places],
        groups,
        rung=cell.rung,
        run=name,
        split="out_of_fold" if out_of_fold else "validation",
        n_empty=0,
        seed=cell.seed,
        aspects=material.aspects.take(places),
    )
    return _Judgement(
        judged_on="out_of_fold" if out_of_fold else "validation",
        evaluation=evaluation,
        answers=found.answers,
        writing=_writing(written, n_unheld=len(answerer.unheld(asked_of(questions), written))),
        tune_accuracy=_tune_accuracy(cell, material, answerer, rows, kept=kept, progress=progress),
        hosted=_hosted(cell, material, places, answerer),
    )


def _written(
    cell: Cell, answerer: Answerer, questions: Sequence[AnyRow], *, kept: CompletionFile, progress: Progress
) -> list[Completion]:
    asked = asked_of(questions)
    with progress.step(f"answering with {cell.rung}", total=len(asked)) as done:
        return answerer.completions(asked, kept=kept, done=done)


def _out_of_fold(
    cell: Cell,
    material: Material,
    places: NDArray[np.int64],
    questions: Sequence[AnyRow],
    *,
    kept: CompletionFile,
    out: Path,
    progress: Progress,
) -> list[Completion]:
    """Each row by a rung that was fitted without its fold; cheap rungs alone are judged so."""
    fold_of = folds(places, material.strata, n_folds=N_FOLDS, seed=cell.split_seed)
    found: dict[str, Completion] = {}
    for fold in range(N_FOLDS):
        inside = np.flatnonzero(fold_of == fold)
        seen = subset(places[fold_of != fold], cell, material)
        if not len(inside) or not len(seen):
            continue
        answerer = fit_on(cell, AnswerData(questions=given_rows(cell, material, seen)), out=out, progress=progress)
        asked = asked_of([questions[k] for k in inside.tolist()])
        found |= {one.id: one for one in answerer.completions(asked, kept=kept)}
    return [found[question.id] for question in questions]


def _tune_accuracy(
    cell: Cell,
    material: Material,
    answerer: Answerer,
    rows: NDArray[np.int64],
    *,
    kept: CompletionFile,
    progress: Progress,
) -> float | None:
    """What a wording is chosen by; None where nothing is to be chosen, or on no rows."""
    tune = tune_rows_asked(cell, material, rows) if cell.asked_again else rows[:0]
    if not len(tune):
        return None
    questions = given_rows(cell, material, tune)
    written = _written(cell, answerer, questions, kept=kept, progress=progress)
    found = judged_completions(questions, written, material.groups[tune], answerer, seed=cell.seed, progress=progress)
    return float((found.predictions.y_pred == RIGHT).mean())


def _train_accuracy(
    cell: Cell, material: Material, answerer: Answerer, rows: NDArray[np.int64], *, progress: Progress
) -> float | None:
    """On its own training rows, of rungs that learn from them."""
    kind = describe(cell.rung)
    seen = evenly(rows, most=MAX_TRAIN_JUDGED if kind.cheap else MAX_TRAIN_WRITTEN)
    if cell.asked_again or not (kind.cheap or kind.trains) or not len(seen):
        return None
    questions = given_rows(cell, material, seen)
    written = answerer.completions(asked_of(questions), kept=NothingKept())
    found = judged_completions(questions, written, material.groups[seen], answerer, seed=cell.seed, progress=progress)
    return float((found.predictions.y_pred == RIGHT).mean())


def _manifest(
    cell: Cell,
    material: Material,
    answerer: Answerer,
    record: FitRecord,
    judgement: _Judgement | None,
    *,
    name: str,
    rows: NDArray[np.int64],
    progress: Progress,
) -> RunManifest:
    """What a run was; a refit has seen the rows that it would be judged on, and has no judgement."""
    hosted = None if judgement is None else judgement.hosted
    return RunManifest(
        format=RUN_FORMAT,
        name=name,
        cell=cell,
        n_train=record.n_train,
        n_tune=record.n_tune,
        precision=answerer.rung.precision,
        n_threads=n_threads(),
        versions={"python": python_version()} | {library: installed(library) for library in (*LIBRARIES, GRADES_WITH)},
        temperature=1.0,
        prior=PRIOR,
        train_accuracy=_train_accuracy(cell, material, answerer, rows, progress=progress),
        cost=_cost(cell, material, answerer, record, progress=progress) if hosted is None else cost_of_calls(hosted),
        training=record.training,
        judged_on="validation" if judgement is None else judgement.judged_on,
        evaluation=None if judgement is None else judgement.evaluation,
        hosted=hosted,
        tune_accuracy=None if judgement is None else judgement.tune_accuracy,
        answers=None if judgement is None else judgement.answers,
        writing=None if judgement is None else judgement.writing,
    )


def _writing(written: Sequence[Completion], *, n_unheld: int) -> Writing:
    n_prompt, n = (sum(getattr(one, key) for one in written) for key in ("n_prompt_tokens", "n_tokens"))
    return Writing(
        n=len(written),
        prompt_tokens=n_prompt / len(written) if n_prompt else None,
        tokens=n / len(written) if n else None,
        n_cut_off=sum(one.stop_reason == "length" for one in written),
        n_held=sum(one.held for one in written),
        n_unheld=n_unheld,
        n_turned_away=sum(one.stop_reason in {"refused", "tool_calls", "other"} for one in written),
    )


def _cost(cell: Cell, material: Material, answerer: Answerer, record: FitRecord, *, progress: Progress) -> Cost:
    """Timed on validation questions, one at a time; they are written anew, so that nothing kept makes them quick."""
    rows = material.rows("validation")[: N_TIMED_OF_PROBE if cell.probe else N_TIMED]
    asked = asked_of(given_rows(cell, material, rows))
    times = []
    with progress.step("timing single questions", total=len(asked)) as done:
        for one in asked:
            start = perf_counter()
            answerer.completions([one], kept=NothingKept())
            times.append((perf_counter() - start) * 1_000.0)
            done(1)
    return cost_of(times, answerer.rung.size(), record)


def _hosted(cell: Cell, material: Material, places: NDArray[np.int64], answerer: Answerer) -> HostedFigures | None:
    """What calls to an endpoint came to; None for rungs that run here."""
    if cell.hosted is None:
        return None
    assert isinstance(answerer.rung, HostedAnswers), "an endpoint is asked by its own rung"
    asked = asked_of(posed_rows(cell, material, places))
    decoding, held = answerer.decoding, is_held(answerer.saved.answer)
    first = [one for (one,) in answerer.rung.paid(asked, repeats=1, decoding=decoding, held=held)]
    again = [] if cell.asked_again else [asked[k] for k in rows_asked_again(cell, material, places)]
    repeated = answerer.rung.paid(again, repeats=cell.hosted.repeats, decoding=decoding, held=held) if again else []
    codes: dict[str, int] = {}
    replies = [_reply(one, answerer, codes) for one in first]
    others = [tuple(_reply(one, answerer, codes) for one in several) for several in repeated]
    return hosted_figures(replies, others, cell.hosted, spent=answerer.rung.spent())


def _reply(answer: PaidAnswer, answerer: Answerer, codes: dict[str, int]) -> Reply:
    """What an answer says, as a code that answers with the same words share; `INVENTED` where none was found in it."""
    said = answerer.found_in(answer.said)
    return Reply(label=INVENTED if said is None else codes.setdefault(said, len(codes)), answer=answer)
