"""Prompting an endpoint against a model of one's own: what either costs, and from how many messages on."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.records.evaluation import Interval


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakEvenCase:
    """One case of the table of sensitivity."""

    hosted_factor: float
    """Times the price of the endpoint."""
    label_factor: float
    """Times the price of a label."""
    messages: float | None
    """Break-even volume; None where no volume is large enough."""
    keep_prompting: bool | None
    """Whether the endpoint is cheaper over the horizon; None where no volume was given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BreakEven:
    """Prompting an endpoint against a model of one's own, in money alone: accuracy is compared elsewhere."""

    set_up_cost: float
    """What the local rung takes before its first message."""
    saved_per_message: float
    """What a message costs less here than at the endpoint; negative where it costs more."""
    messages: float | None
    """From so many messages on the local rung is the cheaper; None where no volume is large enough."""
    months: float | None
    """How long that takes at the volume given; None without a volume, or where no volume is large enough."""
    planned_messages: float | None
    """Messages over the horizon; None where no volume was given."""
    saved: float | None
    """What the local rung saves over the horizon; negative where the endpoint is cheaper; None without a volume."""
    keep_prompting: bool | None
    """Whether the endpoint is the cheaper over the horizon, or as cheap; None where no volume was given."""
    sensitivity: tuple[BreakEvenCase, ...]
    """The same at half, once and twice the hosted price (outer) and the price of a label (inner), nine cases."""

    @property
    def n_agreeing(self) -> int:
        """Cases of the table that say what the prices at hand say."""
        return sum(case.keep_prompting == self.keep_prompting for case in self.sensitivity)


@dataclass(frozen=True, kw_only=True, slots=True)
class HostedOrOwn:
    """One endpoint against one rung that runs here."""

    hosted: str
    """The rung of the endpoint."""
    own: str
    """The rung that runs here."""
    n: int
    """Rows that both answered, at least 1."""
    difference: float
    """Accuracy of the own rung less that of the endpoint."""
    interval: Interval
    """95%, of these two artefacts."""
    n_labels: int
    """Messages that the cheapest plan for the own rung has labelled or looked at, beside those at hand."""
    n_at_hand: int
    """Labelled messages at hand."""
    paid: BreakEven
    """Labels at hand counted as paid."""
    anew: BreakEven
    """As if the labels at hand had to be bought as well."""
