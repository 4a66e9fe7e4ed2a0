"""From how many messages on a model of one's own is cheaper than the endpoint that is prompted now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

from suffice.records.break_even import BreakEven, BreakEvenCase, HostedOrOwn
from suffice.records.capability import Capability
from suffice.records.diagnosis import Plan
from suffice.records.evaluation import Interval
from suffice.records.grid import Grid
from suffice.stats.groups import design_effect
from suffice.stats.paired import paired_counts
from suffice.stats.tango import difference_lower_bound, difference_upper_bound

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


def hosted_or_own(grid: Grid, table: Capability, plans: Sequence[Plan]) -> tuple[HostedOrOwn, ...]:
    """Every endpoint that was asked and has a price, against every rung that was run here.

    What is paid once for a rung of one's own: the labels and steps of its cheapest plan, and the machine for all runs
    of the grid. The volume is `cost.messages` of the task, all of it.

    Args:
        grid: what was run.
        table: what each rung costs.
        plans: of the diagnosis; a rung without one has nothing that could be bought for it.

    Source: the volume at which two costs are level: as `break_even`; the paired difference: Tango (1998).
    """
    prices = {one.rung: one.cost_per_thousand for one in table.rungs}
    hosted = [one.rung for one in table.rungs if one.size_bytes is None and prices[one.rung] is not None]
    own = [one.rung for one in table.rungs if one.size_bytes is not None and one.rung != "majority"]
    found = (_against(grid, prices, plans, theirs, ours) for theirs in hosted for ours in own)
    return tuple(one for one in found if one is not None)


def _against(
    grid: Grid, prices: dict[str, float | None], plans: Sequence[Plan], hosted: str, own: str
) -> HostedOrOwn | None:
    ours, theirs = grid.whole(own), grid.whole(hosted)
    hosted_price, own_price = prices[hosted], prices[own]
    assert ours is not None, "the table has rungs on all rows"
    assert theirs is not None, "the table has rungs on all rows"
    both = ours.judged & theirs.judged
    if hosted_price is None or own_price is None or not both.any():
        return None
    first, second = (one.y_pred[both] == grid.y_true[both] for one in (ours, theirs))
    counts = paired_counts(first, second)
    effect = design_effect(first.astype(float) - second, grid.groups[both])
    low, high = (
        bound(counts, alpha=0.025, design_effect=effect) for bound in (difference_lower_bound, difference_upper_bound)
    )
    plan = min((plan for plan in plans if plan.rung == own), key=lambda plan: plan.money, default=None)
    steps = () if plan is None else plan.steps
    n_labels, n_at_hand = sum(step.labels for step in steps), grid.n_train + grid.n_validation + grid.n_test
    set_up = SetUp(
        n_labels=n_labels,
        label_price=grid.prices.per_label,
        review_cost=len(steps) * grid.prices.per_step,
        training_minutes=sum(cell.seconds for cell in grid.cells) / 60.0,
        minute_price=grid.prices.per_hour / 60.0,
    )
    paid, anew = (
        break_even(
            one,
            hosted_per_message=hosted_price / 1_000,
            local_per_message=own_price / 1_000,
            messages_per_month=float(grid.prices.messages),
            horizon_months=1.0,
        )
        for one in (set_up, replace(set_up, n_labels=n_labels + n_at_hand))
    )
    return HostedOrOwn(
        hosted=hosted,
        own=own,
        n=int(both.sum()),
        difference=counts.difference,
        interval=Interval(low=low, high=high, confidence=0.95),
        n_labels=n_labels,
        n_at_hand=n_at_hand,
        paid=paid,
        anew=anew,
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
