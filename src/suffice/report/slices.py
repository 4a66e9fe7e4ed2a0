"""One rung's figures on slices, beside what changed there against another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from suffice.records.evaluation import Comparison, Evaluation, SliceChange, SliceScore

FALSE_DISCOVERIES = 0.05
"""Rate at which a change on a slice is called one. Source: the custom of Benjamini and Hochberg (1995)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceLine:
    """One slice."""

    judged: SliceScore
    """On the rows that rungs were compared on."""
    test: SliceScore | None
    """On the sealed test; None while it is sealed."""
    change: SliceChange | None
    """Against another run; None where there is none to compare with."""

    @property
    def changed(self) -> bool:
        """Whether the change is called one, all slices taken into account."""
        return self.change is not None and self.change.q_value is not None and self.change.q_value <= FALSE_DISCOVERIES


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceTable:
    """Every slice of one rung."""

    lines: tuple[SliceLine, ...]
    """In the order of the task file; empty where it has no slices."""
    change: str | None
    """What the change is of: `embed minus tfidf`; None without another run."""


def slice_table(
    judged: Evaluation, test: Evaluation | None, comparisons: Sequence[Comparison], *, names: Mapping[str, str]
) -> SliceTable:
    """Puts the figures of slices together; the change is that of the first comparison that the run takes part in.

    Args:
        judged: of one run, on the rows that compare rungs.
        test: of the same rung on the sealed test; None while it is sealed.
        comparisons: between the runs of the page.
        names: what to call a run; a run that is missing is called by its own name.
    """
    compared = next((one for one in comparisons if judged.run in {one.first, one.second} and one.slices), None)
    changes = {} if compared is None else {change.name: change for change in compared.slices}
    tested = {} if test is None else {score.name: score for score in test.slices}
    return SliceTable(
        lines=tuple(
            SliceLine(judged=score, test=tested.get(score.name), change=changes.get(score.name))
            for score in judged.slices
        ),
        change=None
        if compared is None
        else f"{names.get(compared.first, compared.first)} minus {names.get(compared.second, compared.second)}",
    )
