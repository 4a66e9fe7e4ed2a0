"""What every layer reads: one shape for completions of either kind, judged beside what is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from suffice.records.completion_evaluation import CompletionClass, RowShare
from suffice.records.evaluation import Interval, NotMeasured
from suffice.records.trace import Overlay, TraceCheck
from suffice.stats.binomial import interval
from suffice.stats.groups import design_effect
from suffice.stats.proof import effective_rows
from suffice.stats.scored import require_rows

MAX_IDS = 20
"""Rows that a layer names as the ones behind a figure; all are among the examples."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedRow:
    """One completion and what is said of it."""

    id: str
    class_: CompletionClass
    """The first class of the waterfall that fits."""
    strict: bool
    lenient: bool
    verified: bool
    truncated: bool
    """Whether it is known to have been cut off."""
    ends_known: bool
    """Whether it is known why it ended."""
    gave_up: bool
    """Whether it was too long or too slow to be judged, and therefore counts as wrong."""
    in_form: bool
    """Whether what it answers stands in the form that was asked for."""
    stated: bool
    """Whether it says that this is its answer, rather than merely ending in something that could be one."""
    asked: str
    """The question or the request."""
    text: str
    """All that was written."""
    gold_text: str
    """All that would have been right."""
    answer: str | None
    """What it answers; None where nothing was found."""
    gold: str
    """What is right."""
    wrong: str | None
    """What was wrong, in a few words; None where nothing can be pointed at."""
    features: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What its kind alone knows of the row without a look at the completion, by name; values that failures may have in
    common."""
    trace: TraceCheck | None = None
    """Its trace computed anew; None where it has none."""
    overlay: Overlay | None = None
    """What the trace shows of a right or a wrong answer."""
    gold_trace: TraceCheck | None = None
    """The data's own trace computed anew; None where it has none."""
    faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What its kind alone says of what went wrong, by name; without values where nothing did."""
    says_other: bool = False
    """Whether its text makes other calls than stand beside it, which are those that are judged."""
    gold_impossible: bool = False
    """Whether what the data says is right cannot be said: nothing would be."""
    unsupported: tuple[str, ...] | None = None
    """Numbers and names of the answer without support in question, context and trace; None without a context."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """Completions of N rows by one system."""

    rows: tuple[JudgedRow, ...]
    classes: tuple[CompletionClass, ...]
    """All classes of the kind, in the order of its waterfall."""
    groups: NDArray[np.int64]
    """Group of each row, shape [N]: rows of one group are no independent ones."""
    fits: Callable[[int, int], bool]
    """Whether what is answered to the first row would be right for the second one."""
    same: Callable[[str, str], bool]
    """Whether two answers say the same."""
    seed: int
    """Of all shuffles and draws."""
    doubted: frozenset[str] | None = None
    """Ids of rows whose right answer another system contradicts with the same answer as this one; None where there is
    no other."""
    rejected: frozenset[str] | None = None
    """Ids of rows whose right answer a person has rejected; None where nobody was asked."""

    def __post_init__(self) -> None:
        require_rows(len(self.rows), what="completions")
        assert self.groups.shape == (len(self.rows),), "one group for each row"
        assert {row.class_ for row in self.rows} <= set(self.classes), "classes are those of the kind"

    @property
    def ids(self) -> tuple[str, ...]:
        """Of the rows, in their order."""
        return tuple(row.id for row in self.rows)

    @property
    def verified(self) -> NDArray[np.bool_]:
        """Whether each answer has the right value, shape [N]."""
        return self.where(lambda row: row.verified)

    def where(self, holds: Callable[[JudgedRow], bool]) -> NDArray[np.bool_]:
        """Whether something holds of each row, shape [N].

        Args:
            holds: asked of each.
        """
        return np.fromiter(map(holds, self.rows), dtype=np.bool_, count=len(self.rows))

    def share(self, chosen: NDArray[np.bool_], *, of: NDArray[np.bool_] | None = None) -> RowShare:
        """How many rows are chosen.

        Args:
            chosen: whether each row is, shape [N].
            of: whether each row is one of those that it is a share of, at least one, shape [N]; all when absent.
        """
        within = np.ones(len(self.rows), dtype=np.bool_) if of is None else of
        n, inside = int(within.sum()), chosen & within
        return RowShare(
            of=n,
            n=int(inside.sum()),
            share=int(inside.sum()) / n,
            interval=self.interval(chosen[within], groups=self.groups[within]),
            ids=tuple(self.rows[row].id for row in np.flatnonzero(inside)[:MAX_IDS]),
        )

    def share_or_why(self, chosen: NDArray[np.bool_], *, of: NDArray[np.bool_], without: str) -> RowShare | NotMeasured:
        """As `share`; where there is no row that it could be a share of, why not.

        Args:
            chosen: whether each row is, shape [N].
            of: whether each row is one of those that it is a share of, shape [N].
            without: what is said where there is none.
        """
        return self.share(chosen, of=of) if of.any() else NotMeasured(why=without)

    def interval(self, chosen: NDArray[np.bool_], *, groups: NDArray[np.int64]) -> Interval:
        """The exact 95% interval of a share; rows in groups count as fewer than they are.

        Args:
            chosen: whether each of M rows is chosen, shape [M].
            groups: group of each of these rows, shape [M].

        Source: `stats.binomial.interval` on `stats.proof.effective_rows`.
        """
        n_effective = effective_rows(len(chosen), design_effect(chosen, groups))
        return interval(float(chosen.mean()) * n_effective, n_effective)
