"""What calls to an endpoint came to: answers that are no label, consistency, time, tokens and price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

import numpy as np

from suffice.records.hosted import Consistency, HostedFigures
from suffice.records.labels import INVENTED
from suffice.records.task import HostedSpec
from suffice.rungs.hosted import Reply
from suffice.stats.binomial import interval
from suffice.stats.scored import require_rows
from suffice.store.paid_answers import CUT_OFF, REFUSED

MAX_INVENTED_SHOWN = 10
"""Invented answers that are named; all are counted."""
MAX_SIGNS = 80
"""Of an invented answer that are kept."""


def hosted_figures(
    replies: Sequence[Reply], again: Sequence[tuple[Reply, ...]], spec: HostedSpec, *, spent: float
) -> HostedFigures:
    """The figures that an endpoint alone has; its accuracy stands in the layers, as that of every rung.

    Args:
        replies: the first to each message, one for each that was sent.
        again: all replies to each message that was asked repeatedly.
        spec: the endpoint, with its price.
        spent: what it was paid so far.

    Raises:
        DataError: no message was sent.
    """
    require_rows(len(replies), what="messages with something in them")
    invented = [reply.answer for reply in replies if reply.label == INVENTED]
    timed = [reply.answer.latency_ms for reply in replies]
    n_input = _per_thousand([reply.answer.input_tokens for reply in replies])
    n_output = _per_thousand([reply.answer.output_tokens for reply in replies])
    price = spec.price_per_million
    told = n_input is not None and n_output is not None
    return HostedFigures(
        model=spec.model,
        host=urlsplit(spec.base_url).netloc,
        n_asked=len(replies),
        n_invented=len(invented),
        n_cut_off=sum(answer.finish == CUT_OFF for answer in invented),
        n_refused=sum(answer.finish == REFUSED for answer in invented),
        invented=_commonest([answer.said for answer in invented]),
        consistency=_consistency(again),
        latency_p50_ms=float(np.median(timed)),
        latency_p95_ms=float(np.quantile(timed, 0.95)),
        concurrency=spec.concurrency,
        input_tokens_per_thousand=n_input,
        output_tokens_per_thousand=n_output,
        cost_per_thousand=((n_input or 0.0) * price.input + (n_output or 0.0) * price.output) / 1e6 if told else None,
        spent=spent,
    )


def _per_thousand(tokens: Sequence[int | None]) -> float | None:
    """None where a single one is not told: the others may differ from it."""
    known = [n for n in tokens if n is not None]
    return 1_000.0 * sum(known) / len(known) if len(known) == len(tokens) else None


def _commonest(said: Sequence[str]) -> tuple[tuple[str, int], ...]:
    short = (" ".join(answer.split())[:MAX_SIGNS] for answer in said)
    return tuple(Counter(short).most_common(MAX_INVENTED_SHOWN))


def _consistency(again: Sequence[tuple[Reply, ...]]) -> Consistency | None:
    """Two invented answers are one if they say the same: each is as wrong as the other, but not by chance.

    Source of the interval: `stats.binomial.interval`.
    """
    if not again:
        return None
    meant = [{(r.label, r.answer.said.strip() if r.label == INVENTED else "") for r in replies} for replies in again]
    n_same = sum(len(answers) == 1 for answers in meant)
    return Consistency(
        n=len(again),
        repeats=len(again[0]),
        n_same=n_same,
        share=n_same / len(again),
        interval=interval(n_same, len(again)),
    )
