"""A rung's accuracy over the months since its last training message, on validation and the opened test together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suffice.diagnose import Judged
from suffice.diagnose.keeping_up import keeping_up
from suffice.pipeline.cells.answered import Answered
from suffice.pipeline.cells.rows import training_rows
from suffice.pipeline.rows.prepare import Material
from suffice.pipeline.rows.sealed import TestRows
from suffice.records.run import RunManifest
from suffice.records.time import Aging, TimeOutcome
from suffice.stats.trend import MIN_ROWS, month_name, month_numbers, trend

HALF_A_MONTH = 0.5
"""How much older a message is, on average, than the end of its own month."""


def aging_of(
    answered: Answered,
    shipped: RunManifest,
    material: Material,
    *,
    test: Judged,
    rows: TestRows,
    price_per_label: float | None,
    seed: int,
) -> TimeOutcome | None:
    """Points lost per month of age, and the labels that would keep up.

    Months are counted from the last training message of the run that answered, and are 0 for messages before its end:
    on these a model is as good as it ever was. Validation rows were answered by the run that was chosen, test rows by
    the one that ships, which may be its refit.

    Args:
        answered: the chosen run's answers on the rows that compare rungs.
        shipped: the run that ships.
        material: the rows that fitting saw.
        test: the shipped run's answers on the opened test.
        rows: the opened test.
        price_per_label: money for one label; None where it is not known.
        seed: of the bootstrap.

    Returns:
        None where no training row or no test row has a time.

    Source: `stats.trend.trend`; `diagnose.keeping_up`.
    """
    trained = _trained_months(shipped, material)
    if not len(trained) or not any(rows.aspects.times):
        return None
    on_test = _months_since(shipped, rows.aspects.times, material)
    ages = np.concatenate([_months_since(answered.manifest, answered.aspects.times, material), on_test])
    right = np.concatenate([answered.predictions.y_pred == answered.y_true, test.y_pred == test.y_true])
    groups, labels = np.concatenate([answered.groups, rows.groups]), np.concatenate([answered.y_true, rows.y])
    later = bool((on_test > 0).any())
    seen = trend(right, ages, groups, seed=seed, what="month of age")
    held = trend(right, ages, groups, seed=seed, what="month of age", held=labels)
    _, counts = np.unique(ages[ages >= 0], return_counts=True)
    aging = Aging(
        rung=shipped.cell.rung,
        trained_until=month_name(int(trained.max())),
        n_train=shipped.n_train,
        mean_age_months=float((trained.max() - trained).mean()) + HALF_A_MONTH,
        n=int(counts[counts >= MIN_ROWS].sum()),
        slope=seen.slope if later else None,
        interval=seen.interval if later else None,
        why_none=seen.why_none if later else "no test message is of a month after the last training message",
        held_slope=held.slope if later else None,
        held_interval=held.interval if later else None,
    )
    return TimeOutcome(aging=aging, keeping_up=keeping_up(aging, price_per_label=price_per_label))


def _trained_months(run: RunManifest, material: Material) -> NDArray[np.int64]:
    """Months of the dated rows that a run was fitted on."""
    if not material.aspects.times:
        return np.array([], dtype=np.int64)
    months = month_numbers(material.aspects.times)[training_rows(run.cell, material)]
    return months[months >= 0]


def _months_since(run: RunManifest, times: tuple[str | None, ...], material: Material) -> NDArray[np.int64]:
    """Months of each row since the last training message of a run, 0 for those before it; -1 without a time."""
    months, until = month_numbers(times), _trained_months(run, material).max(initial=0)
    return np.where(months < 0, -1, np.maximum(months - until, 0))
