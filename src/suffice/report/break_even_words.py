"""An endpoint against a rung of one's own, and rounds of tuning, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from suffice.records.break_even import HostedOrOwn
from suffice.records.capability import Capability
from suffice.records.rounds import Rounds
from suffice.report.capability_words import money_words
from suffice.text.counted import counted
from suffice.text.rounding import about_rows, difference, points, signed_points


def break_even_sentences(found: Sequence[HostedOrOwn], table: Capability) -> tuple[str, ...]:
    """For each endpoint, whether to keep prompting it, held against the most accurate rung that runs here.

    Args:
        found: every pair.
        table: the accuracy of every rung.
    """
    return tuple(break_even_sentence(one, currency=table.currency) for one in leading(found, table))


def leading(found: Sequence[HostedOrOwn], table: Capability) -> tuple[HostedOrOwn, ...]:
    """Of each endpoint the pair with the most accurate rung that runs here, of even ones the first.

    Args:
        found: every pair.
        table: the accuracy of every rung.
    """
    accuracy = {one.rung: one.accuracy for one in table.rungs}
    best: dict[str, HostedOrOwn] = {}
    for one in found:
        if one.hosted not in best or accuracy[one.own] > accuracy[best[one.hosted].own]:
            best[one.hosted] = one
    return tuple(best.values())


def break_even_sentence(one: HostedOrOwn, *, currency: str) -> str:
    """Whether to keep prompting, by money and by accuracy.

    Args:
        one: an endpoint and a rung of one's own.
        currency: what money is written in.
    """
    planned = one.paid.planned_messages or 0.0
    over = f"over {counted(round(planned), 'answer')}"
    if one.paid.keep_prompting:
        spare = f"{money_words(abs(one.paid.saved or 0.0))} {currency}"
        return f"keep prompting {one.hosted}: {over}, {one.own} would cost {spare} more; {_accuracy(one)}"
    saved = f"{money_words(one.paid.saved)} {currency}"
    volume = f"{one.own} is the cheaper from {messages_words(one.paid.messages)} answers on"
    anew = f", from {messages_words(one.anew.messages)} if the labels at hand had to be bought as well"
    money = f"{volume}{anew}, and saves {saved} {over}"
    if one.interval.high < 0.0:
        return f"keep prompting {one.hosted} only for its accuracy: {money}, but {_accuracy(one)}"
    return f"money is no reason to keep prompting {one.hosted}: {money}; {_accuracy(one)}"


def messages_words(volume: float | None) -> str:
    """A break-even volume, rounded up to two figures: `200,000`; `no number of` where none is enough.

    Args:
        volume: messages; None where no volume is large enough.
    """
    if volume is None:
        return "no number of"
    return about_rows(max(1, round(volume)))


def rounds_sentence(found: Rounds) -> str:
    """Where the rounds of tuning stand.

    Args:
        found: of one rung.
    """
    last, since = found.rounds[found.last_paid], len(found.rounds) - 1 - found.last_paid
    told = f"{counted(len(found.rounds), 'round')} of {found.rung} on the same {counted(found.n, 'row')}"
    if not since:
        first = found.rounds[0]
        return f"{told}: the last one, {last.run}, paid ({difference(last.accuracy - first.accuracy)} since the first)"
    later = f"{counted(since, 'round')} since"
    if found.stopped:
        return f"{told}: tuning stopped paying after {last.run}; {later} gained under two points"
    return f"{told}: the last one that was shown to pay is {last.run}; of {later} it is open"


def _accuracy(one: HostedOrOwn) -> str:
    where = f"on {counted(one.n, 'row')} that both answered (95% interval {signed_points(one.interval)})"
    if one.difference == 0.0:
        return f"the two are right equally often {where}"
    side = "ahead" if one.difference > 0 else "behind"
    return f"{one.own} is {points(one.difference)} {side} {where}"
