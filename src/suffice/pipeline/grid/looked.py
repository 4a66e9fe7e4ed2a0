"""What people decided about rows, as random samples that the verdict may stand on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suffice.pipeline.grid.measured import NOTHING_LOOKED_AT, Looked, compared_rows
from suffice.pipeline.labels.decided import read_decisions_file
from suffice.pipeline.rows.prepare import Prepared
from suffice.records.grid import ReviewedRows
from suffice.review.settle import Places, Settled, settle
from suffice.split.keyed import keyed_fractions

BLIND_STRATA = frozenset({"validation"})
DRAWN_STRATA = frozenset({"top_5", "next_5", "rest"})
"""Strata of training rows whose rows came into the queue by chance, each with its own."""


def looked_at(prepared: Prepared, decisions: Path) -> Looked:
    """The reviewed rows of a decisions file that a person did not choose, nor a model.

    Validation rows are drawn at random and shown blind. Training rows are drawn with a chance that differs by stratum:
    of the likelier ones as many are left out, by a hash of their ids, as makes the chance of all the same.

    Args:
        prepared: the task and its rows.
        decisions: the decisions file; nothing was looked at where there is none.

    Raises:
        DataError: the file is something else.
        StorageError: it cannot be read.

    Source: self-weighting by subsampling: Cochran (1977), Sampling Techniques, 3rd ed., section 5.4.
    """
    if not decisions.exists():
        return NOTHING_LOOKED_AT
    data = prepared.placed.data
    settled = settle(read_decisions_file(decisions, prepared.labels).lines, Places(data))
    ids = data.ids
    code = {name: k for k, name in enumerate(prepared.labels.names)}
    label_of = {
        ids[row]: -1 if outcome.label is None else code.get(outcome.label, -1)
        for row, outcome in settled.outcomes.items()
    }
    blind = {ids[row] for row in settled.blind if _strata(settled, row) <= BLIND_STRATA}
    drawn = _evened({ids[row]: p for row in settled.outcomes if (p := _chance(settled, row)) is not None})
    material = prepared.material
    compared = compared_rows(prepared)
    held = set(material.data.take(material.rows("validation")).ids)
    seen = [(at, i) for at, i in enumerate(material.data.take(compared).ids) if i in blind & held and i in label_of]
    train = material.rows("train")
    kept = [
        (int(row), i)
        for row, i in zip(train, material.data.take(train).ids, strict=True)
        if i in drawn and label_of.get(i, -1) >= 0
    ]
    return Looked(
        reviewed=ReviewedRows(rows=_numbers([at for at, _ in seen]), y=_numbers([label_of[i] for _, i in seen]))
        if seen
        else None,
        train_rows=_numbers([row for row, _ in kept]) if kept else None,
        train_y=_numbers([label_of[i] for _, i in kept]) if kept else None,
    )


def _strata(settled: Settled, row: int) -> set[str]:
    return {line.decision.shown.stratum for line in settled.by[row].values()}


def _chance(settled: Settled, row: int) -> float | None:
    """Chance of a training row to be among those drawn; None for one that came by another way."""
    shown = [line.decision.shown for line in settled.by[row].values()]
    return min((one.inclusion_probability for one in shown if one.stratum in DRAWN_STRATA), default=None)


def _evened(chances: Mapping[str, float]) -> frozenset[str]:
    """Rows of which each has the same chance to be among them."""
    least = min(chances.values(), default=1.0)
    ids = sorted(chances)
    draws = keyed_fractions(ids, seed=0, purpose="evened")
    return frozenset(i for i, draw in zip(ids, draws, strict=True) if draw * chances[i] < least)


def _numbers(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)
