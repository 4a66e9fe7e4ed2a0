"""`suffice ledger`: what the bundles that were served did, cost, and were unsure of."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING, Annotated, Literal

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
COUNTED = ("answers", "review", "sent on", "sure")


@app.callback()
def run(
    context: typer.Context,
    url: Url = None,
    days: Annotated[int, typer.Option(help="How many days to tell of.", min=1)] = 30,
    hosted: Annotated[
        float | None,
        typer.Option("--hosted-per-thousand", help="What an endpoint asks for a thousand messages.", min=0.0),
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
    if as_json:
        print_json(
            {
                "days": [_plain(one, ("day", "bundle", "route")) for one in by_day],
                "labels": [_plain(one, ("bundle", "label", "route")) for one in by_label],
                "saved": None if hosted is None else _saved(by_day, hosted),
            }
        )
        return
    if not by_day:
        print(f"nothing was answered in the last {days} days: {place}")
        return
    _print_days(by_day, hosted)
    _print_labels(by_label)


@app.command()
def purge(
    keep_days: Annotated[float, typer.Option(help="Answers of so many days stay.", min=0.0)],
    url: Url = None,
) -> None:
    """Take old answers out of the ledger."""
    from suffice.store.requests import default_url
    from suffice.store.requests import purge as purged

    n = purged(url or default_url(), keep_days=keep_days)
    print(f"{n:,} answers older than {keep_days:g} days were taken out")


def _plain(one: Tally, keys: tuple[str, ...]) -> dict[str, object]:
    figures = {"n": one.n, "probability": one.probability, "latency_ms": one.latency_ms, "cost": one.cost}
    return {**dict(zip(keys, one.of, strict=True)), **figures}


def _saved(tallies: list[Tally], per_thousand: float) -> float:
    """Against an endpoint that had answered all of them."""
    return sum(one.n * per_thousand / 1_000.0 - one.cost for one in tallies)


def _print_days(by_day: list[Tally], hosted: float | None) -> None:
    from suffice.cli.output import print_table

    head = ["day", "bundle", *COUNTED, "ms", "spent", *([] if hosted is None else ["saved"])]
    rows = []
    for of, tallies in _together(by_day).items():
        money = [sum(one.cost for one in tallies), *([] if hosted is None else [_saved(tallies, hosted)])]
        rows.append([*of, *_counted(tallies), f"{_mean(tallies, 'latency_ms'):.1f}", *(f"{one:.4f}" for one in money)])
    print_table(head, rows)


def _print_labels(by_label: list[Tally]) -> None:
    from suffice.cli.output import print_table

    least = sorted(_together(by_label).items(), key=lambda item: _mean(item[1], "probability"))
    print("labels that answers were least sure of")
    rows = [[*of, *_counted(tallies)] for of, tallies in least[:N_LABELS]]
    print_table(["bundle", "label", *COUNTED], rows)


def _together(tallies: list[Tally]) -> dict[tuple[str, str], list[Tally]]:
    """Those that differ in their route alone."""
    found: dict[tuple[str, str], list[Tally]] = {}
    for one in tallies:
        found.setdefault((one.of[0], one.of[1]), []).append(one)
    return found


def _counted(tallies: list[Tally]) -> list[str]:
    counts = [sum(one.n for one in tallies if route in {None, one.of[2]}) for route in (None, "review", "escalated")]
    return [*(f"{n:,}" for n in counts), f"{_mean(tallies, 'probability'):.0%}"]


def _mean(tallies: list[Tally], of: Literal["probability", "latency_ms"]) -> float:
    return sum(one.n * float(getattr(one, of)) for one in tallies) / sum(one.n for one in tallies)
