"""A finished run's rung asked about other rows than those that compare rungs: the sealed test, or validation anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.errors import EndpointError, Problem
from suffice.pipeline.cells.answer_fit import load_answerer
from suffice.pipeline.cells.answers import FreelyAnswered, asked_of, judged_completions
from suffice.pipeline.rows.free_rows import free_rows
from suffice.pipeline.rows.given import found_before
from suffice.pipeline.rows.knowledge import index_folder
from suffice.pipeline.rows.workspace import Workspace
from suffice.records.completion_evaluation import CompletionEvaluation
from suffice.records.dataset import Dataset
from suffice.records.progress import SILENT, Progress
from suffice.records.run import RunManifest
from suffice.retrieval.index import Index
from suffice.retrieval.reader import Reader
from suffice.rungs.hosted_answers import HostedAnswers
from suffice.rungs.ladder import endpoint_of
from suffice.store import strict_json
from suffice.store.completions import Kept


def answered_again(
    run_folder: Path,
    data: Dataset,
    groups: NDArray[np.int64],
    *,
    kept: Kept,
    send: bool,
    seed: int,
    done: Callable[[int], None],
    progress: Progress,
) -> FreelyAnswered:
    """What a finished run's rung writes for some rows, judged.

    Args:
        run_folder: of the run.
        data: N rows with their right answers.
        groups: group of each, shape [N].
        kept: where completions are kept; those that are there are not written again.
        send: whether calls to an endpoint may be made; otherwise answers that are kept must do.
        seed: of shuffles.
        done: told the completions that have come since the last call.
        progress: told of every call.

    Raises:
        EndpointError: not everything is answered.
    """
    answerer = load_answerer(run_folder, send=send, progress=progress)
    reader = reader_of(run_folder)
    rows = free_rows(data, answerer.saved.answer)
    questions = rows if reader is None else found_before(rows, reader)
    written = answerer.completions(asked_of(questions), kept=kept, done=done)
    return judged_completions(questions, written, groups, answerer, seed=seed, progress=progress)


def reader_of(run_folder: Path) -> Reader | None:
    """What finds the passages that a finished run's rung reads before its questions; None where it reads none.

    Args:
        run_folder: of the run.

    Raises:
        BundleError: the index is gone, or was changed.
    """
    reads = strict_json.read(run_folder / "manifest.json", RunManifest).cell.reads
    if reads is None:
        return None
    workspace = Workspace(out=run_folder.resolve().parent.parent)
    return Reader(Index.load(index_folder(workspace, reads.knowledge)), reads.reading)


def spent_on_answers(run_folder: Path) -> float:
    """What the endpoint of a finished run was paid so far, for all rows.

    Args:
        run_folder: of a hosted rung.
    """
    rung = load_answerer(run_folder, send=False, progress=SILENT).rung
    assert isinstance(rung, HostedAnswers), "an endpoint is asked by its own rung"
    return rung.spent()


def require_left_for_test(run_folder: Path, manifest: RunManifest, *, n_asked: int, n_test: int, skip: str) -> None:
    """Refuses to ask an endpoint another way where its test could then not be paid for.

    Args:
        run_folder: of the run in which it was asked as it is.
        manifest: of that run.
        n_asked: calls that are wanted, about.
        n_test: rows of the sealed test.
        skip: what leaves these calls out, as `--skip` takes it.

    Raises:
        EndpointError: what is left of `max_cost` does not do for both.
    """
    figures, spec = manifest.hosted, manifest.cell.hosted
    assert figures is not None, "of an endpoint it is known what calls came to"
    assert spec is not None, "a hosted rung has an endpoint"
    told = figures.cost_per_thousand
    each = figures.spent / figures.n_asked if told is None else told / 1_000.0
    spent = spent_on_answers(run_folder)
    if spent + (n_asked + n_test) * each > spec.max_cost:
        raise EndpointError(
            Problem(
                where=manifest.cell.rung,
                rule="it is asked another way where max_cost leaves enough for the sealed test",
                got=f"{spent:.3g} of {spec.max_cost:g} spent, {n_asked + n_test:,} calls to come at {each:.2g} each",
                fix=f"raise hosted.{endpoint_of(manifest.cell.rung)}.max_cost, or leave these out: --skip {skip}",
            )
        )


def without_rows(answers: CompletionEvaluation) -> CompletionEvaluation:
    """The layers alone: rows of the sealed test are shown to nobody.

    Args:
        answers: all layers.
    """
    return replace(answers, examples=())
