"""Size against capability in words, the same ones on a page and on a terminal."""

from __future__ import annotations

from suffice.records.capability import Capability, Ceiling, PartScore, RungCapability, Standing
from suffice.text.counted import counted
from suffice.text.rounding import asked_percent, percent, percent_interval

NOT_REACHED = "not reached"


def ceiling_words(ceiling: Ceiling) -> str:
    """Where its curve ends: `96.4%`, or `not reached`.

    Args:
        ceiling: of one rung.
    """
    return NOT_REACHED if ceiling.score is None else percent(ceiling.score)


def money_words(amount: float | None) -> str:
    """Money with two significant figures, since it stands on what was timed: `1.1`, `0.00028`, `1,100`.

    Args:
        amount: in the task's currency; None where it was not measured.
    """
    if amount is None:
        return "not measured"
    exact = float(f"{amount:.2g}")
    return f"{exact:,.0f}" if exact >= 10 else f"{exact:.10f}".rstrip("0").rstrip(".") or "0"


def parts_words(one: RungCapability, standing: Standing) -> str:
    """How many labels and which slices stand so: `3 of 26 labels; short`, `none`.

    Args:
        one: a rung.
        standing: `good`, `not_good`, `open` or `too_few`.
    """
    found = one.which(standing)
    n_labels = sum(part.kind == "label" for part in one.parts)
    labels = [part for part in found if part.kind == "label"]
    slices = [part.name for part in found if part.kind == "slice"]
    told = [f"{len(labels)} of {counted(n_labels, 'label')}"] if labels else []
    return "; ".join([*told, *slices]) or "none shown"


def part_words(part: PartScore) -> str:
    """One label or slice with its figures: `71.4% of 49, 95% interval 56.7 to 83.5%`.

    Args:
        part: of a rung.
    """
    return f"{percent(part.accuracy, against=part.level)} of {part.n:,} ({percent_interval(part.interval)})"


def against_words(found: Capability) -> str:
    """What labels and slices are held against, to end a sentence.

    Args:
        found: the table.
    """
    if found.against == "own":
        return "the accuracy of the rung itself on all rows"
    levels = {part.level for one in found.rungs for part in one.parts}
    one_level = f" of {asked_percent(next(iter(levels)))}" if len(levels) == 1 else ""
    return f"the target{one_level}"
