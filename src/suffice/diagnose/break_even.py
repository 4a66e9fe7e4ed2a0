"""From how many messages on a model of one's own is cheaper than the endpoint that is prompted now."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

FACTORS = (0.5, 1.0, 2.0)
"""By which the hosted price and the price of a label are changed, each way, in the table of sensitivity."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SetUp:
    """What has to be paid once before a local rung answers; money in any one currency."""

    n_labels: int
    """Rows that have to be labelled for it; 0 where they are there already."""
    label_price: float
    """Of one label."""
    review_cost: float
    """Of the people who review labels and read the figures."""
    training_minutes: float
    """Of the machine that trains, over all rungs that are run."""
    minute_price: float
    """Of a minute of that machine."""

    def __post_init__(self) -> None:
        amounts = (self.n_labels, self.label_price, self.review_cost, self.training_minutes, self.minute_price)
        assert all(isfinite(amount) and amount >= 0 for amount in amounts), "nobody is paid for labelling"

    def cost(self, *, label_factor: float = 1.0) -> float:
        """All of it.

        Args:
            label_factor: changes the price of a label.
        """
        labels = self.n_labels * self.label_price * label_factor
        return labels + self.review_cost + self.training_minutes * self.minute_price


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


def break_even(
    set_up: SetUp,
    *,
    hosted_per_message: float,
    local_per_message: float,
    messages_per_month: float | None,
    horizon_months: float,
) -> BreakEven:
    """The volume at which what is paid once is paid back by what each message saves.

    Volume = (labels x price of a label + review + training minutes x price of a minute) / (hosted cost - local cost of
    a message).

    Args:
        set_up: what is paid once.
        hosted_per_message: price of a message at the endpoint: `HostedFigures.cost_per_thousand / 1000`.
        local_per_message: price of a message here: time of the machine.
        messages_per_month: how many come; None where nobody has said.
        horizon_months: over how long the set-up must be paid back; relabelling after that is not in it.

    Source: break-even volume is fixed cost over contribution margin: Horngren, Datar and Rajan (2015), Cost
        Accounting: A Managerial Emphasis, 15th ed., chapter 3.
    """
    prices = (hosted_per_message, local_per_message, horizon_months, messages_per_month or 0.0)
    assert all(isfinite(price) and price >= 0 for price in prices), "prices and volumes are not negative"
    planned = None if messages_per_month is None else messages_per_month * horizon_months
    messages = _volume(set_up.cost(), hosted_per_message - local_per_message)
    saved = None if planned is None else planned * (hosted_per_message - local_per_message) - set_up.cost()
    return BreakEven(
        set_up_cost=set_up.cost(),
        saved_per_message=hosted_per_message - local_per_message,
        messages=messages,
        months=None if messages is None or not messages_per_month else messages / messages_per_month,
        planned_messages=planned,
        saved=saved,
        keep_prompting=None if saved is None else saved <= 0.0,
        sensitivity=tuple(
            _case(
                cost=set_up.cost(label_factor=label_factor),
                saves=hosted_per_message * hosted_factor - local_per_message,
                planned=planned,
                factors=(hosted_factor, label_factor),
            )
            for hosted_factor in FACTORS
            for label_factor in FACTORS
        ),
    )


def _case(*, cost: float, saves: float, planned: float | None, factors: tuple[float, float]) -> BreakEvenCase:
    return BreakEvenCase(
        hosted_factor=factors[0],
        label_factor=factors[1],
        messages=_volume(cost, saves),
        keep_prompting=None if planned is None else planned * saves <= cost,
    )


def _volume(cost: float, saves: float) -> float | None:
    return cost / saves if saves > 0.0 else None
