"""What was measured of a model behind an endpoint, beside its accuracy."""

from __future__ import annotations

from dataclasses import dataclass

from suffice.records.evaluation import Interval


@dataclass(frozen=True, kw_only=True, slots=True)
class Consistency:
    """Whether a question that is asked again gets the same answer."""

    n: int
    """Messages that were asked repeatedly, at least 1."""
    repeats: int
    """Calls for each, at least 2."""
    n_same: int
    """Messages with one answer in all calls: one label, or one and the same invented answer."""
    share: float
    """`n_same / n`."""
    interval: Interval
    """Clopper-Pearson, 95%."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HostedFigures:
    """What calls to an endpoint came to, on the rows that compare rungs."""

    model: str
    """Name of the model there."""
    host: str
    """Host that the messages went to."""
    n_asked: int
    """Messages that were sent, at least 1: all rows that were scored but empty ones."""
    n_invented: int
    """Of these, answers that are no label of the set."""
    n_cut_off: int
    """Of the invented answers, those that ended at the limit on tokens (`answer_tokens`)."""
    n_refused: int
    """Of the invented answers, those that the endpoint's content filter withheld."""
    invented: tuple[tuple[str, int], ...]
    """The commonest invented answers, shortened, and how often each was given."""
    consistency: Consistency | None
    """None where nothing was asked twice (`repeats: 1`)."""
    latency_p50_ms: float
    """Median wall time of a call, as seen from here, with `concurrency` calls under way at a time."""
    latency_p95_ms: float
    """95th percentile of the same."""
    concurrency: int
    """Calls at a time."""
    input_tokens_per_thousand: float | None
    """Tokens of a thousand prompts as the endpoint counts them; None where it does not tell."""
    output_tokens_per_thousand: float | None
    """Tokens of a thousand answers, those of reasoning included; None where it does not tell."""
    cost_per_thousand: float | None
    """A thousand messages at the price of the task file, in its currency; None where no tokens are told."""
    spent: float
    """What the endpoint was paid in this output folder until these rows were answered, calls that nothing was heard
    of at their most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HostedIncomplete:
    """A hosted rung that was not asked about all rows: there are no figures of it until it was."""

    n_asked: int
    """Calls that were wanted."""
    n_answered: int
    """Of these, calls whose answers are kept."""
    why: str
    """What ended it."""
    spent: float
    """What the endpoint was paid so far in this output folder."""
