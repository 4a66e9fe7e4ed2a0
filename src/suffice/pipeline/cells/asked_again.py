"""Language models that are asked another way: under other wordings, untuned, with examples; nothing is trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.bundles.classifier import Classifier
from suffice.kinds.classify import wordings
from suffice.pipeline.cells.estimate import estimated_seconds_of_asking
from suffice.pipeline.cells.fit import FitRecord, fitted_in_memory
from suffice.pipeline.cells.rows import ASKED_AGAIN
from suffice.pipeline.rows.prepare import Material, Prepared
from suffice.records.grid import Asking
from suffice.records.labels import LabelSet
from suffice.records.progress import Progress
from suffice.records.run import PROMPT, SHOTS, Cell
from suffice.rungs.interface import TakesInstruction
from suffice.rungs.ladder import PROMPTED, describe
from suffice.store import strict_json

OWN = "own"
"""The wording that the task file gives."""
FEW = 8
"""Examples of a few-shot prompt, where the task does not say how many."""


def askings_of(rung: str, prepared: Prepared) -> tuple[Asking, ...]:
    """Every way to ask a rung, then its base untuned; the first of each is how it is asked as it is.

    Args:
        rung: as in `ladder`.
        prepared: the task and its rows.
    """
    if not describe(rung).method:
        return ()
    asked = [rung, f"{rung}{PROMPTED}"] if describe(rung).trains else [rung]
    return tuple(one for name in asked for one in _askings(name, prepared))


def _askings(rung: str, prepared: Prepared) -> Iterator[Asking]:
    own = 0 if describe(rung).trains else prepared.task.train.shots
    named = wordings_of(rung, prepared.task.instruction, prepared.labels)
    told = {f"{PROMPT}:{name}": said for name, said in named.items()}
    ways = [(change, own) for change in told]
    if not describe(rung).trains:  # Right behind how it is asked as it is: it tells more than a wording does.
        other = 0 if own else FEW
        ways.insert(1, (f"{SHOTS}:{other}", other))
    for change, shots in ways:
        seconds = estimated_seconds_of_asking(rung, prepared, n=ASKED_AGAIN, shots=shots)
        yield Asking(rung=rung, change=change, told=told.get(change), seconds=seconds or 0.0)


def wordings_of(rung: str, instruction: str, labels: LabelSet) -> dict[str, str]:
    """Name to instruction; the first is the one that the rung is told as it is.

    Args:
        rung: as in `ladder`; one that is not tuned is told every label, however many there are.
        instruction: as in the task file; empty for the default.
        labels: the K labels.
    """
    listed = {} if describe(rung).trains else {"most_listed": len(labels)}
    known = {one.name: one.instruction for one in wordings(labels, **listed)}
    return {OWN: instruction, **known} if instruction else known


def asked_again(
    cell: Cell, material: Material, rows: NDArray[np.int64], *, fitted: Path | None, out: Path, progress: Progress
) -> tuple[Classifier, FitRecord]:
    """The rung as the cell asks it, and that nothing was trained for it.

    Args:
        cell: what is to be asked, and how.
        material: the rows that may be seen.
        rows: positions of the rows that examples are taken from.
        fitted: the tuned rung, as its run saved it; None for one that is not tuned.
        out: the run's folder.
        progress: told of every step.
    """
    if fitted is None:
        classifier, record = fitted_in_memory(cell, material, rows, out=out, progress=progress)
    else:
        classifier, record = Classifier.load(fitted), strict_json.read(fitted / "fit.json", FitRecord)
    record = replace(record, train_seconds=0.0, training=None)
    kind, _, name = (cell.change or "").partition(":")
    if kind != PROMPT:
        return classifier, record
    assert isinstance(classifier.rung, TakesInstruction), "only language models are asked in other words"
    told = wordings_of(cell.rung, cell.instruction, material.labels)[name]
    return Classifier(classifier.rung.under(told), classifier.saved), record
