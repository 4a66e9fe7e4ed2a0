"""From accuracy lost per month to the labels that would hold it: a model of one line, with its bounds."""

from __future__ import annotations

from suffice.records.time import Aging, KeepingUp

ALLOWED = 0.01
"""Loss that is borne where nothing else is said: one point, half of the margin within which a rung counts as good as
the best (STATISTICS of the project, section 1)."""


def keeping_up(aging: Aging, *, price_per_label: float | None, allowed: float = ALLOWED) -> KeepingUp | None:
    """Fresh labels a month with which a model loses no more than `allowed` against the day on which it was trained.

    The model: accuracy falls by b per month that training rows are older, on average, than the message. On the last day
    of training the rows at hand were A months old on average, and `allowed` / b further months of age are borne. With r
    fresh rows a month in the place of the oldest, a set of N rows is N / (2 r) months old on average. So

        r = N / (2 (A + allowed / b)).

    b is taken with the shares of labels held: fresh labels do not bring back a mix of messages that was easier, and one
    that became easier must not hide what was lost. The number of rows stays N, so that a learning curve plays no part.
    Without a loss r is 0; whatever the loss, r is at most N / (2 A), the pace at which the rows at hand came: in that
    state accuracy was measured. What the model leaves out: rows that stay true for ever (fewer labels would do), labels
    or words that appear at once (no average helps until they are labelled), and rows chosen better than by age.

    Args:
        aging: accuracy over the months since the last training message.
        price_per_label: money for one label; None where it is not known.
        allowed: loss that is borne, a fraction of accuracy above 0.

    Returns:
        None where no slope was measured.

    Source:
        Rows enter at a rate r and leave after N / r months, and are half as old on average: Little (1961), A Proof for
        the Queuing Formula L = lambda W, Operations Research 9. Loss as a line over the time between training and use:
        Luu et al. (2022), Time Waits for No One! Analysis and Challenges of Temporal Misalignment, NAACL.
    """
    assert allowed > 0.0, "some loss must be borne: every model is trained on messages of before"
    if aging.held_slope is None or aging.held_interval is None:
        return None
    loss = max(0.0, -aging.held_slope)
    return KeepingUp(
        allowed=allowed,
        months_until_lost=allowed / loss if loss else None,
        labels_per_month=_labels(loss, aging, allowed=allowed),
        low=_labels(-aging.held_interval.high, aging, allowed=allowed),
        high=_labels(-aging.held_interval.low, aging, allowed=allowed),
        most=aging.n_train / (2.0 * aging.mean_age_months),
        price_per_label=price_per_label,
    )


def _labels(loss: float, aging: Aging, *, allowed: float) -> float:
    return 0.0 if loss <= 0.0 else aging.n_train / (2.0 * (aging.mean_age_months + allowed / loss))
