"""A cell whose answers are free text or calls to its fitted rung, in memory or saved whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.base_models.memory import keep_few_products
from suffice.bundles.answerer import ANSWERER_FORMAT, Answerer, SavedAnswerer
from suffice.kinds import answer, tools
from suffice.pipeline.cells.fit import FitRecord
from suffice.pipeline.cells.rows import held_back
from suffice.pipeline.rows.given import given_rows
from suffice.pipeline.rows.prepare import Material
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.free_spec import FreeSpec, held
from suffice.records.progress import Progress
from suffice.records.run import FORM, PROMPT, Cell
from suffice.records.tool_spec import ToolSpec
from suffice.rungs.answering import AnswerData, AnswerSettings, TakesWords
from suffice.rungs.hosted_answers import HostedAnswers
from suffice.rungs.ladder import describe, endpoint_of
from suffice.store import strict_json
from suffice.store.files import replacing_folder

OWN = "own"
"""The wording that the task file gives."""


def fitted_answerer(
    cell: Cell, material: Material, rows: NDArray[np.int64], *, fitted: Path | None, out: Path, progress: Progress
) -> tuple[Answerer, FitRecord]:
    """The cell's rung: as its folder has it, loaded from what is written first so that what is measured is what ships;
    of a probe in memory alone.

    Args:
        cell: what to run.
        material: the rows that may be seen.
        rows: positions of the rows to fit on.
        fitted: the tuned rung that is asked another way, as its run saved it; None for every other cell.
        out: the run's folder.
        progress: told of every step.
    """
    if fitted is not None:
        answerer, record = Answerer.load(fitted), strict_json.read(fitted / "fit.json", FitRecord)
        return _asked(cell, answerer), replace(record, train_seconds=0.0, training=None)
    if cell.probe:
        answerer, record = _in_memory(cell, material, rows, out=out, progress=progress)
        record = replace(record, train_seconds=0.0, training=None) if cell.asked_again else record
        return _asked(cell, answerer), record
    if not (out / "fitted" / "fit.json").exists():
        answerer, record = _in_memory(cell, material, rows, out=out, progress=progress)
        with replacing_folder(out / "fitted") as part:
            answerer.save(part)
            strict_json.write(part / "fit.json", record)
    return load_answerer(out, send=True, progress=progress), strict_json.read(out / "fitted" / "fit.json", FitRecord)


def load_answerer(run_folder: Path, *, send: bool, progress: Progress) -> Answerer:
    """A finished run's rung, whether it runs here or behind an endpoint.

    Args:
        run_folder: of the run.
        send: whether calls to an endpoint may be made; otherwise answers that are kept must do.
        progress: told of every call.
    """
    kept = answers_beside(run_folder) if (run_folder / "fitted" / "model" / "hosted.json").exists() else None
    answerer = Answerer.load(run_folder / "fitted", base_folder=kept)
    if send and isinstance(answerer.rung, HostedAnswers):
        return Answerer(answerer.rung.sending(progress), answerer.saved)
    return answerer


def answers_beside(run_folder: Path) -> Path:
    """Where answers of endpoints are kept, for all runs of an output folder.

    Args:
        run_folder: of a run.
    """
    return Workspace(out=run_folder.resolve().parent.parent).hosted


def fit_on(cell: Cell, data: AnswerData, *, out: Path, progress: Progress) -> Answerer:
    """Fits the cell's rung on questions or requests.

    Args:
        cell: what to run.
        data: rows to fit and to choose on.
        out: the run's folder.
        progress: told of every step.
    """
    assert cell.answer is not None, "a cell whose answers are free says what an answer is"
    assert cell.completion is not None, "and how completions are written"
    settings = AnswerSettings(
        seed=cell.seed,
        train=cell.train,
        instruction=cell.instruction,
        answer=cell.answer,
        context_tokens=cell.context_tokens,
        too_long=cell.too_long,
        hosted=cell.hosted,
    )
    endpoint = endpoint_of(cell.rung)
    rung = describe(cell.rung).load_answer_class(cell.kind)
    fitted = rung.fit(
        data,
        settings,
        base=cell.base or endpoint or "",
        checkpoints=out / "checkpoints" if endpoint is None else answers_beside(out),
        progress=progress,
    )
    saved = SavedAnswerer(
        format=ANSWERER_FORMAT,
        rung=cell.rung,
        answer=cell.answer,
        completion=cell.completion,
        seed=cell.seed,
        text=(),
    )
    return Answerer(fitted, saved)


def wordings_of(instruction: str, spec: FreeSpec) -> dict[str, str]:
    """Name to instruction; the first is the one that the rung is told as it is.

    Args:
        instruction: as in the task file; empty for the default.
        spec: what an answer is, or how calls are asked for.
    """
    wordings = tools.wordings(spec) if isinstance(spec, ToolSpec) else answer.wordings(spec)
    known = {one.name: one.instruction for one in wordings}
    return {OWN: instruction, **known} if instruction else known


def _in_memory(
    cell: Cell, material: Material, rows: NDArray[np.int64], *, out: Path, progress: Progress
) -> tuple[Answerer, FitRecord]:
    keep_few_products()
    tune, fold_of = (None, None) if describe(cell.rung).cheap or not len(rows) else held_back(cell, material, rows)
    data = AnswerData(questions=given_rows(cell, material, rows), tune=tune, folds=fold_of)
    answerer = fit_on(cell, data, out=out, progress=progress)
    answerer = Answerer(answerer.rung, replace(answerer.saved, text=material.text, context=material.context))
    record = FitRecord(
        train_seconds=answerer.rung.train_seconds,
        n_train=len(rows),
        n_tune=0 if tune is None else len(tune),
        training=answerer.rung.training,
    )
    return answerer, record


def _asked(cell: Cell, answerer: Answerer) -> Answerer:
    """The same rung under the words that the cell asks it in, or held to the form."""
    kind, _, name = (cell.change or "").partition(":")
    if kind == FORM:
        return Answerer(answerer.rung, replace(answerer.saved, answer=held(answerer.saved.answer)))
    if kind != PROMPT:
        return answerer
    assert isinstance(answerer.rung, TakesWords), "only language models are asked in other words"
    told = wordings_of(cell.instruction, answerer.saved.answer)[name]
    return Answerer(answerer.rung.under(told), answerer.saved)
