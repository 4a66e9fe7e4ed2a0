"""`suffice drift BUNDLE`: whether the messages of the ledger are still those that a bundle was made for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from suffice.cli.options import Json

if TYPE_CHECKING:
    from suffice.pipeline.shipped.drift import DriftFound
    from suffice.watch.against import AgainstCalibration
    from suffice.watch.drift import Drift
    from suffice.watch.expected import Expected

SHOWN = 10
WHAT = {
    "unsure": "some answers are far less sure",
    "confidence": "all answers are somewhat less sure",
    "labels": "other labels are answered",
    "unknown words": "some messages have more words that were never trained on",
}


def run(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder that fit wrote, and that was served.")],
    ledger: Annotated[str | None, typer.Option(help="As SQLAlchemy has it; by default your own.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Requests count from this time on (ISO 8601), the baseline too.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option(help="Share of messages that may be of another kind.", min=0.0, max=0.5)
    ] = 0.01,
    labels: Annotated[
        Path | None, typer.Option(help="File of `suffice collect` with labels: 50 random ones measure accuracy.")
    ] = None,
    one_in: Annotated[int, typer.Option(help="Of how many requests one was drawn for that file.", min=1)] = 200,
    first: Annotated[int, typer.Option(help="How many messages to label first are named.", min=0)] = SHOWN,
    out: Annotated[Path | None, typer.Option("--out", help="Output folder of the fit, where the bundle left it.")] = (
        None
    ),
    as_json: Json = False,
) -> int:
    """Tell whether messages have drifted, how many answers are expected to be right, and what to label first."""
    from suffice.cli.output import print_json
    from suffice.cli.progress import progress_for_person
    from suffice.pipeline.shipped.drift import DriftOptions, find_drift
    from suffice.store.requests import default_url
    from suffice.store.strict_json import plain

    options = DriftOptions(
        ledger=ledger or default_url(),
        out=out,
        since=None if since is None else _seconds(since),
        labels=labels,
        one_in=one_in,
        tolerance=tolerance,
        n_first=first,
    )
    found = find_drift(bundle, options, progress=progress_for_person())
    if as_json:
        print_json(plain(found))
    else:
        _print(found)
    return 3 if found.drift.state == "drift" else 0


def _seconds(said: str) -> float:
    from datetime import UTC, datetime

    from suffice.errors import Problem, TaskError, quoted

    try:
        time = datetime.fromisoformat(said)
    except ValueError as error:
        rule, fix = "must be a time of ISO 8601", "write it as 2026-11-30 or 2026-11-30T14:00:00+00:00"
        raise TaskError(Problem(where="--from", rule=rule, got=quoted(said), fix=fix)) from error
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _print(found: DriftFound) -> None:
    from suffice.cli.output import print_table, say
    from suffice.text.normalise import on_one_line

    drift = found.drift
    say(_state(drift))
    if drift.statistics:
        rows = [
            [one.name, f"{one.height:.1f}", f"{one.threshold:.1f}", _time(one.alarm_at)] for one in drift.statistics
        ]
        print_table(["statistic", "highest", "alarm at", "crossed"], rows)
    say(_outside(drift))
    say(_expected(found.expected))
    if drift.label_first:
        say("to label first:" if drift.first is not None else "to label first, being the least sure or out of scope:")
        for one in drift.label_first:
            shown = one.text if one.text is not None else f"hash {one.text_hash} (its text was not kept)"
            say(f"{one.id}  {one.label} ({one.probability:.0%})  {on_one_line(shown)}")


def _state(drift: Drift) -> str:
    from suffice.watch.baseline import LEAST_REQUESTS

    apart = {
        "that came within an hour of their like": drift.n_copies,
        "whose request left labels out": drift.n_narrowed,
    }
    told = " and ".join(f"{n:,} {which}" for which, n in apart.items() if n)
    not_counted = f" Not counted: {told}." if told else ""
    if drift.state == "gathering":
        return (
            f"no baseline yet: {drift.n:,} of the {LEAST_REQUESTS:,} requests that it takes. {_early(drift)}"
            f"{not_counted}"
        )
    baseline = (
        f"no baseline yet, of {LEAST_REQUESTS:,} requests"
        if drift.baseline_ends is None
        else f"baseline: the first {drift.n_baseline:,}, until {_time(drift.baseline_ends)}"
    )
    if drift.baseline_ends is not None and not drift.by_hour:
        baseline += "; after fewer than three days no hour is known from another: an alarm may be of the time of day"
    alarms = []
    first, held = drift.first, drift.against_calibration
    if first is not None:
        what = WHAT.get(first.name, f"some messages have a higher {first.name}")
        alarms.append(f"{what}, since about {_time(first.began_at)}, noticed {_time(first.alarm_at)}")
    if held is not None and held.differs:
        alarms.append(f"{_beside(held)}: the messages were others from the start")
    void = ". What `suffice calibrate` promised was promised of messages like those of before, and holds no longer"
    said = f"DRIFT: {'; '.join(alarms)}{void}" if alarms else "no drift"
    return f"{said}. {drift.n:,} requests; {baseline}.{not_counted}"


def _early(drift: Drift) -> str:
    """What can be said without a baseline."""
    from suffice.watch.against import LEAST_CALIBRATION, LOOKS

    held = drift.against_calibration
    if held is None:
        takes = f"{LOOKS[0]} requests and {LEAST_CALIBRATION} calibration rows at hand"
        return f"They have not been held against calibration rows either, which takes {takes}."
    return f"{_beside(held)}: no difference beyond chance and the tolerance."


def _beside(held: AgainstCalibration) -> str:
    """Requests beside calibration rows."""
    said = (
        f"answers to the first {held.n_requests:,} are {held.live:.3f} sure in the mean, those on {held.n:,} "
        f"calibration rows {held.calibration:.3f}"
    )
    if held.live_outside is None or held.calibration_outside is None:
        return said
    return f"{said}; {held.live_outside:.1%} are out of scope, there {held.calibration_outside:.1%}"


def _outside(drift: Drift) -> str:
    if drift.outside is None:
        return "out of scope: not known; `suffice calibrate` finds which messages are"
    of = "all requests" if drift.n <= drift.n_baseline else "requests since the baseline"
    return f"out of scope: {drift.outside:.1%} of {of}"


def _expected(expected: Expected) -> str:
    if expected.accuracy is None or expected.interval is None:
        return f"expected accuracy: {expected.why}"
    return (
        f"expected accuracy of {expected.of}: {expected.accuracy:.3f} ({expected.interval.low:.3f} to "
        f"{expected.interval.high:.3f}, {expected.interval.confidence:.0%}) over {expected.n:,} requests, by "
        f"{expected.n_known:,} {expected.by}"
    )


def _time(at: float | None) -> str:
    from datetime import UTC, datetime

    return "" if at is None else datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
