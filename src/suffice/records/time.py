"""What becomes of a model while messages move on: how fast it loses accuracy, and what keeping up would take."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.records.evaluation import Interval


@dataclass(frozen=True, kw_only=True, slots=True)
class Aging:
    """Accuracy of one rung over the months since its last training message, on validation and the opened test."""

    rung: str
    """As in `ladder`."""
    trained_until: str
    """Month of the latest message that the shipped run was fitted on: `2024-05`."""
    n_train: int
    """Messages it was fitted on."""
    mean_age_months: float
    """How much older these were, on average, than the end of that month."""
    n: int
    """Rows that the slope is taken over, those of months with too few rows apart."""
    slope: float | None
    """Accuracy gained per month since the last training message, negative where it is lost."""
    interval: Interval | None
    """95% interval of the slope, bootstrap over groups."""
    why_none: str | None
    """What keeps the slope from being measured; None where it is."""
    held_slope: float | None
    """The same with the shares of labels held as they are: what labels that become commoner or rarer bring is out."""
    held_interval: Interval | None
    """95% interval of that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeepingUp:
    """Labels that hold a loss of accuracy with time within bounds, by a simple model."""

    allowed: float
    """Loss that is borne, a fraction of accuracy."""
    months_until_lost: float | None
    """Months after which that much is lost when nothing is done; None where no loss was measured."""
    labels_per_month: float
    """Fresh labels a month, put in the place of the oldest training rows; 0 where no loss was measured."""
    low: float
    """The same at the upper end of the slope's interval."""
    high: float
    """The same at its lower end."""
    most: float
    """The pace at which the training rows at hand came: no slope asks for more."""
    price_per_label: float | None
    """Money for one label; None where it was not given."""

    @property
    def cost_per_month(self) -> float | None:
        """Money a month; None without a price."""
        return None if self.price_per_label is None else self.labels_per_month * self.price_per_label


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeOutcome:
    """What a fit says of time."""

    aging: Aging
    keeping_up: KeepingUp | None
    """None where no slope was measured."""
