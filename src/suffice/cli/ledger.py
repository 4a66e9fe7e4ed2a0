"""`suffice ledger`: what the bundles that were served did, cost, and were unsure of."""

from __future__ import annotations

from collections.abc import Sequence
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
N_LABELS = 10
LITTLE, MUCH = 0.0001, 100.0
"""Money below which it is only told that there is some, and from which fractions of a hundredth are not told."""
COUNTED = ("answers", "handled", "review", "sent on", "sure")
ROUTES = (None, "local", "review", "escalated")
"""Of the first four of these; None for any."""
WHY = {
    "empty": "empty",
    "unsure": "unsure",
    "outside": "out of scope",
    "capped": "kept from the endpoint by max_cost",
    "invented": "to which the endpoint named no label",
}
"""What is said of each reason; every other is that of an endpoint which did not answer."""


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
    flagged = [one for one in tallies(place, by=("bundle", "route", "why"), since=since) if one.of[1] == "review"]
    if as_json:
        print_json(
            {
                "days": [_plain(one, ("day", "bundle", "route")) for one in by_day],
                "labels": [_plain(one, ("bundle", "label", "route")) for one in by_label],
                "flagged": [_plain(one, ("bundle", "route", "why")) for one in flagged],
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
        _print_flagged([one for one in flagged if one.of[0] == bundle])
    _print_notes(by_day, hosted)
    for bundle in bundles:
        _print_labels(bundle, [one for one in by_label if one.of[0] == bundle])


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
    names = ("n", "n_narrowed", "n_disputed", "n_priced", "n_requests", "probability", "latency_ms", "cost", "saved")
    return {**dict(zip(keys, one.of, strict=True)), **{name: getattr(one, name) for name in names}}


def _saved(tallies: Sequence[Tally], per_thousand: float | None) -> float | None:
    """Against an endpoint that had answered them; None where no price is known of any."""
    if per_thousand is not None:
        return sum(one.n * per_thousand / 1_000.0 - one.cost for one in tallies)
    known = [one.saved for one in tallies if one.saved is not None]
    return sum(known) if known else None


def _print_days(bundle: str, tallies: Sequence[Tally], hosted: float | None) -> None:
    from suffice.cli.output import print_table, say

    days = _by(tallies, 0)
    parts = {**days, **({"all days": tallies} if len(days) > 1 else {})}
    rows = [[day, *_counted(part), *_money(part, hosted)] for day, part in parts.items()]
    say(f"{bundle}: what it did and cost; a request took {_mean_ms(tallies):.1f} ms in the mean")
    print_table(["day (UTC)", *COUNTED, "spent", "saved"], rows)


def _print_flagged(tallies: Sequence[Tally]) -> None:
    """Why answers are for review."""
    from suffice.cli.output import say

    n_of: dict[str, int] = {}
    for one in tallies:
        words = WHY.get(one.of[2], "the endpoint did not answer" if one.of[2] else "not known")
        n_of[words] = n_of.get(words, 0) + one.n
    if n_of:
        say(f"for review: {', '.join(f'{n:,} {words}' for words, n in n_of.items())}.")


def _print_notes(tallies: Sequence[Tally], hosted: float | None) -> None:
    """What the figures mean and leave out."""
    from suffice.cli.output import say

    n = sum(one.n for one in tallies)
    n_narrowed, n_disputed = (sum(getattr(one, name) for one in tallies) for name in ("n_narrowed", "n_disputed"))
    n_priced = n if hosted is not None else sum(one.n_priced for one in tallies)
    say("handled: the bundle's own answer went out; review: it did, flagged; sent on: an endpoint's did.")
    say("Requests that were refused, and answers that could not be written down, are counted by /metrics alone.")
    if n_disputed:
        say(f"{n_disputed:,} disputed: an endpoint named another label than the bundle.")
    if n_narrowed:
        say(f"{n_narrowed:,} narrowed: the request left labels out; `sure` does not count these.")
    if not n_priced:
        say("saved is not known: say what an endpoint asks with --hosted-per-thousand.")
    elif n_priced < n:
        say(f"saved counts {n_priced:,} of {n:,} answers: of the others no price of an endpoint is known.")


def _print_labels(bundle: str, tallies: Sequence[Tally]) -> None:
    from suffice.cli.output import print_table, say

    known = [(label, part, sure) for label, part in _by(tallies, 1).items() if (sure := _sure(part)) is not None]
    least = sorted(known, key=lambda one: one[2])[:N_LABELS]
    say(f"{bundle}: labels that answers were least sure of")
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
