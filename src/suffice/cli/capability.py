"""Size against capability, as a part of the JSON documents, and for the terminal."""

from __future__ import annotations

from typing import Any

from suffice.cli.output import interval_ends, print_table
from suffice.records.capability import Capability, PartScore, RungCapability
from suffice.report import ceiling_words, money_words, parts_words
from suffice.text.rounding import fraction

HEADER = ("rung", "accuracy", "ceiling", "cost of 1,000", "good at", "not good at")


def capability_document(found: Capability) -> dict[str, Any]:
    """What `fit --json` and `diagnose --json` print under `capability`.

    Args:
        found: the table.
    """
    return {
        "metric": found.metric,
        "against": found.against,
        "currency": found.currency,
        "rungs": [_rung(one) for one in found.rungs],
    }


def print_capability(found: Capability) -> None:
    """Prints a line for each rung.

    Args:
        found: the table.
    """
    print_table(HEADER, [_row(one) for one in found.rungs])


def _rung(one: RungCapability) -> dict[str, Any]:
    return {
        "rung": one.rung,
        "run": one.run,
        "n": one.n,
        "accuracy": one.accuracy,
        "interval": interval_ends(one.interval),
        "ceiling": {
            "reached": one.ceiling.reached,
            "score": one.ceiling.score,
            "interval": interval_ends(one.ceiling.interval),
            "why": one.ceiling.why,
        },
        "cost_per_thousand": one.cost_per_thousand,
        "latency_p50_ms": one.latency_p50_ms,
        "size_bytes": one.size_bytes,
        "good": [_part(part) for part in one.which("good")],
        "not_good": [_part(part) for part in one.which("not_good")],
        "open": [_part(part) for part in one.which("open")],
        "too_few": [_part(part) for part in one.which("too_few")],
    }


def _part(part: PartScore) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "name": part.name,
        "n": part.n,
        "accuracy": part.accuracy,
        "interval": interval_ends(part.interval),
        "level": part.level,
        "q_value": part.q_value,
    }


def _row(one: RungCapability) -> tuple[str, ...]:
    return (
        one.rung,
        fraction(one.accuracy),
        ceiling_words(one.ceiling),
        money_words(one.cost_per_thousand),
        parts_words(one, "good"),
        parts_words(one, "not_good"),
    )
