"""`suffice ledger`: what the bundles that were served did, cost, and were unsure of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING, Annotated

import typer

from suffice.cli.options import Json

if TYPE_CHECKING:
    from suffice.store.requests import Tally

app = typer.Typer(
    name="ledger",
    rich_markup_mode=None,
    invoke_without_command=True,
    help="What the bundles that were served did, cost, and were unsure of.",
)
Url = Annotated[str | None, typer.Option("--ledger", help="As SQLAlchemy has it; by default your own.")]
DAY_S = 86_400.0
LITTLE, MUCH = 0.0001, 100.0
"""Money below which it is only told that there is some, and from which fractions of a hundredth are not told."""
COUNTED = ("answers", "handled", "review", "sent on", "sure")
ROUTES = (None, "local", "review", "escalated")
"""Of the first four of these; None for any."""
WHY = {"empty": "empty", "unsure": "unsure", "outside": "out of scope", "": "of which it is not known why"}
"""What is said of why the bundle's own answer is not enough; the last one of ledgers of before."""
OUTCOME = {
    "capped": "kept from the endpoint by max_cost",
    "invented": "to which the endpoint named no label",
    "late": "to which the endpoint answered too late",
    "failed": "which the endpoint failed to answer",
    "resting": "not sent while the endpoint rests after failures",
    "busy": "not sent, since too many waited for the endpoint",
}
"""What is said of what became of a message at an endpoint."""


@app.callback()
def run(
    context: typer.Context,
    url: Url = None,
    days: Annotated[int, typer.Option(help="How many days to tell of.", min=1)] = 30,
    hosted: Annotated[
        float | None,
        typer.Option(
            "--hosted-per-thousand",
            help="What an endpoint asks for a thousand messages; by default what it asked in each bundle's fit.",
            min=0.0,
        ),
    ] = None,
    n_labels: Annotated[int, typer.Option("--labels", help="How many labels to tell of; 0 for all.", min=0)] = 10,
    as_json: Json = False,
) -> None:
    """What was answered by day, what it cost, and which labels were least sure."""
    if context.invoked_subcommand is not None:
        return
    from suffice.cli.output import print_json
    from suffice.store.requests import default_url, tallies

    place, since = url or default_url(), time() - days * DAY_S
    by_day = tallies(place, by=("day", "bundle", "route"), since=since)
    by_label = tallies(place, by=("bundle", "label", "route"), since=since)
    by_version = tallies(place, by=("bundle", "version", "route"), since=since)
    by_why = tallies(place, by=("bundle", "route", "why", "outcome"), since=since)
    not_local = [one for one in by_why if one.of[1] != "local"]
    if as_json:
        print_json(
            {
                "days": [_plain(one, ("day", "bundle", "route")) for one in by_day],
                "labels": [_plain(one, ("bundle", "label", "route")) for one in by_label],
                "versions": [_plain(one, ("bundle", "version", "route")) for one in by_version],
                "flagged": [_plain(one, ("bundle", "route", "why", "outcome")) for one in not_local],
                "saved": _saved(by_day, hosted),
            }
        )
        return
    if not by_day:
        print(f"nothing was answered in the last {days} days: {place}")
        return
    bundles = {one.of[1]: one for one in by_day}
    for bundle in bundles:
        _print_days(bundle, [one for one in by_day if one.of[1] == bundle], hosted)
        _print_why([one for one in not_local if one.of[0] == bundle])
        _print_versions(bundle, [one for one in by_version if one.of[0] == bundle])
    _print_notes(by_day, hosted)
    for bundle in bundles:
        _print_labels(bundle, [one for one in by_label if one.of[0] == bundle], n=n_labels or None)
    print("next: suffice drift BUNDLE      are messages still those it was made for")
    print("      suffice collect TASK      messages worth a label, into a file")
    print("      suffice ledger show ID    one request, by the header X-Suffice-Id")


@app.command()
def show(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Of a chat completion, or of the header X-Suffice-Id.")],
    url: Url = None,
) -> None:
    """What the ledger has of one request, as JSON."""
    from suffice.cli.output import print_json
    from suffice.errors import DataError, Problem, quoted
    from suffice.store.requests import default_url, read_request
    from suffice.store.strict_json import plain

    place = url or default_url()
    found = read_request(place, id_.rpartition("-")[2])
    if not found:
        rule, fix = "must be the id of an answer in the ledger", "it is written a second after the answer went out"
        raise DataError(Problem(where=place, rule=rule, got=quoted(id_), fix=fix))
    print_json([plain(one) for one in found])


@app.command()
def purge(
    keep_days: Annotated[float, typer.Option(help="Answers of so many days stay.", min=0.0)],
    url: Url = None,
) -> None:
    """Take old answers out of the ledger."""
    from suffice.cli.output import say
    from suffice.store.requests import default_url
    from suffice.store.requests import purge as purged

    done = purged(url or default_url(), keep_days=keep_days)
    say(f"{done.n:,} answers older than {keep_days:g} days were taken out")
    if not done.is_gone:
        say("Some are still in the file beside the ledger that ends in -wal, since something reads it: ask again.")


def _plain(one: Tally, keys: tuple[str, ...]) -> dict[str, object]:
    names = (field.name for field in fields(one) if field.name != "of")
    return {**dict(zip(keys, one.of, strict=True)), **{name: getattr(one, name) for name in names}}


def _saved(tallies: Sequence[Tally], per_thousand: float | None) -> float | None:
    """Against an endpoint that had answered them, those for review aside; None where no price is known of any.

    Args:
        tallies: with the route in the last place.
        per_thousand: what is asked for a thousand messages; None for what the ledger has.
    """
    if per_thousand is not None:
        asked = sum(one.n * per_thousand / 1_000.0 for one in tallies if one.of[-1] != "review")
        return asked - sum(one.cost for one in tallies)
    known = [one.saved for one in tallies if one.saved is not None]
    return sum(known) if known else None


def _print_days(bundle: str, tallies: Sequence[Tally], hosted: float | None) -> None:
    from suffice.cli.output import print_table, say

    days = _by(tallies, 0)
    parts = {**days, **({"all days": tallies} if len(days) > 1 else {})}
    rows = [[day, *_counted(part), *_money(part, hosted)] for day, part in parts.items()]
    say(f"{bundle}: what it did and cost; a request took {_mean_ms(tallies):.1f} ms in the mean")
    print_table(["day (UTC)", *COUNTED, "spent", "saved"], rows)


def _print_why(tallies: Sequence[Tally]) -> None:
    """Why answers are for review or were sent on, and what became of them there."""
    from suffice.cli.output import say

    for route, words in (("review", "for review"), ("escalated", "sent on")):
        mine = [one for one in tallies if one.of[1] == route]
        parts = []
        for why, reason in WHY.items():
            of_why = [one for one in mine if one.of[2] == why]
            came = [f"{one.n:,} {OUTCOME[one.of[3]]}" for one in of_why if one.of[3] in OUTCOME]
            if of_why:
                parts.append(f"{sum(one.n for one in of_why):,} {reason}" + (f" ({', '.join(came)})" if came else ""))
        if parts:
            say(f"{words}: {'; '.join(parts)}.")


def _print_versions(bundle: str, tallies: Sequence[Tally]) -> None:
    """Which version answered, where another took its place, or where none was held to be unsure."""
    from suffice.cli.output import print_table, say

    versions = _by(tallies, 1)
    if len(versions) > 1:
        first = sorted(versions.items(), key=lambda one: min(part.first for part in one[1]))
        rows = [
            [version, _time(min(one.first for one in part)), _time(max(one.last for one in part)), *_counted(part)]
            for version, part in first
        ]
        say(f"{bundle}: by version, in the order in which they began to answer")
        print_table(["version", "first (UTC)", "last (UTC)", *COUNTED], rows)
    unheld = {version: n for version, part in versions.items() if (n := sum(one.n_unheld for one in part))}
    if unheld:
        say(
            f"No threshold: none of {sum(unheld.values()):,} answers of {bundle} ({', '.join(unheld)}) was held to be "
            "unsure. Find one: suffice calibrate BUNDLE."
        )


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, tz=UTC).strftime("%m-%d %H:%M")


def _print_notes(tallies: Sequence[Tally], hosted: float | None) -> None:
    """What the figures mean and leave out."""
    from suffice.cli.output import say

    n = sum(one.n for one in tallies)
    n_narrowed, n_disputed = (sum(getattr(one, name) for one in tallies) for name in ("n_narrowed", "n_disputed"))
    n_priced = n if hosted is not None else sum(one.n_priced for one in tallies)
    say("handled: the bundle's own answer went out; review: it did, flagged; sent on: an endpoint's did.")
    say(
        "spent: the machine while it scores and not while it waits, at what `suffice serve --per-hour` says; and calls "
        "of an endpoint; in the currency of these prices."
    )
    say("Requests that were refused, and answers that could not be written down, are counted by /metrics alone.")
    if n_disputed:
        say(f"{n_disputed:,} disputed: an endpoint named another label than the bundle.")
    if n_narrowed:
        say(f"{n_narrowed:,} narrowed: the request left labels out; `sure` does not count these.")
    if n_priced:
        say("saved: what an endpoint would have asked, less what was spent; answers for review save nothing.")
    else:
        say("saved is not known: say what an endpoint asks with --hosted-per-thousand.")
    if 0 < n_priced < n:
        say(f"saved counts {n_priced:,} of {n:,} answers: of the others no price of an endpoint is known.")


def _print_labels(bundle: str, tallies: Sequence[Tally], *, n: int | None) -> None:
    from suffice.cli.output import print_table, say

    known = [(label, part, sure) for label, part in _by(tallies, 1).items() if (sure := _sure(part)) is not None]
    least = sorted(known, key=lambda one: one[2])[:n]
    of = f"; {len(least):,} of {len(known):,} (--labels)" if len(least) < len(known) else ""
    say(f"{bundle}: labels of its own answers, the least sure first{of}")
    print_table(["label", *COUNTED], [[label, *_counted(part)] for label, part, _ in least])


def _by(tallies: Sequence[Tally], place: int) -> dict[str, list[Tally]]:
    """Those that have a day, or a label, in common."""
    found: dict[str, list[Tally]] = {}
    for one in tallies:
        found.setdefault(one.of[place], []).append(one)
    return found


def _counted(tallies: Sequence[Tally]) -> list[str]:
    counts = [sum(one.n for one in tallies if route in {None, one.of[2]}) for route in ROUTES]
    sure = _sure(tallies)
    return [*(f"{n:,}" for n in counts), "" if sure is None else f"{sure:.0%}"]


def _money(tallies: Sequence[Tally], hosted: float | None) -> list[str]:
    amounts = (sum(one.cost for one in tallies), _saved(tallies, hosted))
    return ["" if one is None else _amount(one) for one in amounts]


def _amount(money: float) -> str:
    if 0.0 < abs(money) < LITTLE / 2:
        return f"<{LITTLE:g}"
    return f"{money:,.2f}" if abs(money) >= MUCH else f"{money:.4f}"


def _sure(tallies: Sequence[Tally]) -> float | None:
    """Mean of what answers said of themselves, those that were narrowed apart; None where all were."""
    said = [(one.n - one.n_narrowed, one.probability) for one in tallies if one.probability is not None]
    return sum(n * p for n, p in said) / sum(n for n, _ in said) if said else None


def _mean_ms(tallies: Sequence[Tally]) -> float:
    return sum(one.n_requests * one.latency_ms for one in tallies) / sum(one.n_requests for one in tallies)
