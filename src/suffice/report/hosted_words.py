"""What calls to an endpoint came to, in sentences."""

from __future__ import annotations

from suffice.records.hosted import Consistency, HostedFigures
from suffice.records.task import Kind
from suffice.text.counted import counted, times
from suffice.text.personal import mask_personal
from suffice.text.rounding import percent, percent_interval

MAX_QUOTED = 3
"""Invented answers that are quoted."""


def hosted_sentence(rung: str, figures: HostedFigures, *, spent: float, kind: Kind = "classify") -> str:
    """What an endpoint answered, how steadily, how fast and for how much.

    Args:
        rung: as in `ladder`.
        figures: of its calls on the rows that compare rungs.
        spent: what it was paid so far, for these and all other rows.
        kind: of the task: where answers are free text, what is counted is those in which no answer was found.
    """
    paid = f"{spent:.4g} spent on it so far"
    parts = (_invented(figures, kind), _consistency(figures.consistency), _time(figures), _price(figures), paid)
    return f"{rung} ({figures.model} at {figures.host}): {'; '.join(parts)}"


def _invented(figures: HostedFigures, kind: Kind) -> str:
    share = percent(figures.n_invented / figures.n_asked)
    noun, one, several = {
        "classify": ("answer", "is no label of the set", "are no label of the set"),
        "answer": ("completion", "has no answer", "have no answer"),
        "tools": ("completion", "has calls that cannot be read", "have calls that cannot be read"),
    }[kind]
    what = one if figures.n_invented == 1 else several
    told = f"{figures.n_invented:,} of {counted(figures.n_asked, noun)} ({share}) {what}"
    why = [(figures.n_cut_off, "cut off at answer_tokens"), (figures.n_refused, "withheld by the endpoint's filter")]
    parts = [f"{n:,} {words}" for n, words in why if n]
    # An answer may repeat the message, and what is personal in it.
    parts += [f"{mask_personal(said)!r} {times(n)}" for said, n in figures.invented[:MAX_QUOTED] if said]
    return f"{told} ({', '.join(parts)})" if parts else told


def _consistency(found: Consistency | None) -> str:
    if found is None:
        return "consistency not measured (repeats: 1)"
    share = f"{percent(found.share)}, 95% interval {percent_interval(found.interval)}"
    return f"one answer in all {found.repeats} calls on {found.n_same:,} of {counted(found.n, 'row')} ({share})"


def _time(figures: HostedFigures) -> str:
    at_once = counted(figures.concurrency, "call")
    return f"{figures.latency_p50_ms:,.0f} ms a call (p95 {figures.latency_p95_ms:,.0f} ms), {at_once} at a time"


def _price(figures: HostedFigures) -> str:
    if figures.cost_per_thousand is None:
        return "price per answer not measured: the endpoint tells no tokens, and each call is counted at its most"
    return (
        f"{figures.input_tokens_per_thousand:,.0f} tokens in and {figures.output_tokens_per_thousand:,.0f} out for "
        f"1,000 answers, which cost {figures.cost_per_thousand:.4g}"
    )
