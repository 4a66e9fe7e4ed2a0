"""What the held-out rows at hand can prove, told before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping

from suffice.records.task import TargetSpec
from suffice.stats.openings import alpha_of_opening
from suffice.stats.planning import errors_allowed, power, rows_needed, rows_to_prove_anything
from suffice.stats.tango import non_inferiority_power, rows_for_non_inferiority
from suffice.text.counted import counted

TYPICAL_DISCORDANCE = 0.08
"""Share of rows on which exactly one of two good rungs is right; STATISTICS of the project, section 1."""


def what_can_be_proven(
    target: TargetSpec, *, n_test: int, opening: int, label_rows: Mapping[str, int], design_effect: float | None
) -> tuple[str, ...]:
    """Sentences: errors allowed, power a little above the target, rows that would do.

    Args:
        target: the task's target.
        n_test: rows of the sealed test.
        opening: which opening of this test the next one is, from 1.
        label_rows: rows of the sealed test by label; of labels whose recall is a target, at least.
        design_effect: the least that its groups have (`stats.groups`); None where no two rows share one.
    """
    alpha = alpha_of_opening(opening)
    before = (
        f"this test split was opened before ({opening - 1:,}): a proof of anything new now takes alpha {alpha:g}; the "
        "same fit again is the same opening"
    )
    recalls = [_recall(label, least, n=label_rows.get(label, 0), alpha=alpha) for label, least in target.recall.items()]
    return (
        *([before] if opening > 1 else []),
        *_provable(target, n_test=n_test, alpha=alpha, effect=design_effect or 1.0),
        *recalls,
    )


def _provable(target: TargetSpec, *, n_test: int, alpha: float, effect: float) -> tuple[str, ...]:
    n_independent = int(n_test / effect)
    if target.within is not None:
        return _relative(target.within, n_test=n_independent, alpha=alpha)
    assert target.at_least is not None
    least = target.at_least
    if target.metric == "macro_f1":
        return (
            f"macro-F1 of {least:g} is held against bootstrap bounds over {n_test:,} test rows (alpha {alpha:g}): how "
            "many errors they allow depends on the labels that they fall on",
        )
    alike = f" in groups, which tell as much as {n_independent:,} independent ones at most," if effect > 1.0 else ""
    rows = f"{n_test:,} test rows{alike}"
    allowed = errors_allowed(n_independent, target=least, alpha=alpha)
    if allowed is None:
        return (_too_few(rows, least, alpha=alpha),)
    # Of the rows themselves; a share of an error is none.
    allowed = int(allowed * effect)
    head = f"{rows} prove accuracy of {least:g} {_erring(allowed)} (alpha {alpha:g})"
    return (head, *(_power(least, better, n_test=n_independent, alpha=alpha) for better in _above(least)))


def _recall(label: str, least: float, *, n: int, alpha: float) -> str:
    rows = f"{n:,} test rows labelled {label}"
    allowed = errors_allowed(n, target=least, alpha=alpha)
    if allowed is None:
        return _too_few(rows, least, alpha=alpha)
    return f"{rows} prove its recall of {least:g} {_erring(allowed)} (alpha {alpha:g})"


def _erring(allowed: int) -> str:
    return f"with at most {counted(allowed, 'error')}" if allowed else "if none of them is wrong"


def _too_few(rows: str, least: float, *, alpha: float) -> str:
    needed = rows_to_prove_anything(target=least, alpha=alpha)
    return f"{rows} cannot prove {least:g}, not even without an error: that takes {needed:,} rows"


def _above(least: float) -> list[float]:
    """One, two and three points above the target, as far as there is room."""
    return [round(least + points / 100, 10) for points in (1, 2, 3) if least + points / 100 < 1.0]


def _power(least: float, true: float, *, n_test: int, alpha: float) -> str:
    chance = power(n_test, true, target=least, alpha=alpha)
    needed = rows_needed(target=least, true_accuracy=true, alpha=alpha)
    enough = f"; {needed:,} rows for 80%" if needed is not None and chance < 0.8 else ""
    return f"a rung truly at {true:g} is confirmed with probability {chance:.2f}{enough}"


def _relative(within: float, *, n_test: int, alpha: float) -> tuple[str, ...]:
    chance = non_inferiority_power(max(n_test, 1), discordance=TYPICAL_DISCORDANCE, margin=within, alpha=alpha)
    needed = rows_for_non_inferiority(discordance=TYPICAL_DISCORDANCE, margin=within, alpha=alpha)
    enough = f"; {needed:,} rows for 80%" if needed is not None and chance < 0.8 else ""
    return (
        f"a rung truly as good as the best is confirmed within {within:g} on {n_test:,} test rows with probability "
        f"{chance:.2f}, where the two disagree on {TYPICAL_DISCORDANCE:.0%} of the rows{enough}",
    )
