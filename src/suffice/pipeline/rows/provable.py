"""What the sealed test of a task can prove, by its counts alone."""

from __future__ import annotations

from suffice.diagnose import SPENT, what_can_be_proven
from suffice.pipeline.rows.prepare import Prepared
from suffice.store.openings import is_spent


def provable(prepared: Prepared, *, opening: int) -> tuple[str, ...]:
    """Sentences: errors allowed, power a little above the target, rows that would do.

    Args:
        prepared: the task and its rows.
        opening: which opening of this test the next one is, from 1.
    """
    test = prepared.test
    if is_spent(test.sha256):
        return (f"{SPENT}: nothing can be proven on it",)
    return what_can_be_proven(
        prepared.task.target,
        n_test=prepared.n_test,
        opening=opening,
        label_rows=test.label_rows(prepared.task.target.recall),
        design_effect=test.design_effect,
    )
