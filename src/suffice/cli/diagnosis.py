"""What is in the way, as the JSON document that other tools rely on, and for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from suffice.cli.capability import capability_document
from suffice.cli.output import interval_ends, print_table, say, say_item
from suffice.records.break_even import HostedOrOwn
from suffice.records.capability import Capability
from suffice.records.diagnosis import Compared, Diagnosis, Gap, Plan, Share
from suffice.records.rounds import Rounds
from suffice.records.run import PROMPT
from suffice.records.sensitivity import Sensitivity
from suffice.records.symptoms import Looked, NotApplicable
from suffice.records.task import Kind
from suffice.rungs.ladder import looks_up
from suffice.store.strict_json import plain
from suffice.text.plan_words import (
    ceiling_sentence,
    labels_in_words,
    needed_sentence,
    settings_of,
    steps_in_words,
    tenths,
    together_sentence,
)
from suffice.text.rounding import difference, fraction, points, signed_points
from suffice.text.sensitivity_words import beside_sentences, change_words, flips_sentence

SHARES = ("switch", "alone", "90% interval", "last in", "share")
PLANS = ("plan", "rung", "chance", "then", "labels", "cost")
INTERVENTIONS = ("changed", "rung", "difference", "90% interval")
MAX_SHOWN = 4
"""Plans, and changes outside the gap, on a terminal; the page has more."""


def diagnosis_document(
    found: Diagnosis,
    symptoms: Sequence[Looked],
    capability: Capability,
    *,
    break_even: Sequence[HostedOrOwn],
    rounds: Rounds | None,
    openings: int,
    not_run: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """What `fit --json` and `diagnose --json` print beside the verdict.

    Args:
        found: what is in the way.
        symptoms: of the proposed rung.
        capability: what each rung can do.
        break_even: each endpoint against each rung that runs here.
        rounds: of tuning of the proposed rung.
        openings: how often the sealed test was opened.
        not_run: rungs that were not run, and why.
    """
    others = [plan for plan in found.plans if plan.steps][1:]
    return {
        "second": _plan(others[0]) if others else None,
        "gap": None if found.gap is None else _gap(found.gap),
        "interventions": [asdict(one) | {"interval": interval_ends(one.interval)} for one in found.interventions],
        "curves": [
            {
                "rung": point.rung,
                "n": point.n,
                "accuracy": point.accuracy,
                "interval": interval_ends(point.interval),
                "fitted": point.fitted,
            }
            for point in found.curves
        ],
        "forecast": [
            {
                "rung": one.rung,
                "n": one.n,
                "accuracy": one.accuracy,
                "interval": interval_ends(one.interval),
                "trust": one.trust,
            }
            for one in found.forecast
        ],
        "foretold": [asdict(one) | {"interval": interval_ends(one.interval)} for one in found.foretold],
        "rows_needed": [asdict(one) for one in found.rows_needed],
        "gains": [asdict(one) for one in found.gains],
        "label_ceiling": found.label_ceiling and asdict(found.label_ceiling),
        "capability": capability_document(capability),
        "break_even": [plain(one) for one in break_even],
        "rounds": None if rounds is None else plain(rounds),
        "symptoms": [_symptom(one) for one in symptoms],
        "sensitivity": [_sensitivity(one) for one in found.sensitivity],
        "plans": [_plan(plan) for plan in found.plans],
        "chances": found.chances,
        "openings": openings,
        "not_run": [{"what": what, "why": why} for what, why in (*not_run, *found.not_run)],
        "notes": list(found.notes),
    }


def _symptom(one: Looked) -> dict[str, Any]:
    if isinstance(one, NotApplicable):
        said = {"state": "not_applicable", "says": one.why, "figures": []}
        return {"symptom": one.symptom, "definition": one.definition, "source": one.source, **said}
    return {
        "symptom": one.symptom,
        "definition": one.definition,
        "source": one.source,
        "state": one.state,
        "says": one.says,
        "figures": [asdict(figure) for figure in one.figures],
        "seen": None if one.seen is None else asdict(one.seen),
    }


def _sensitivity(one: Sensitivity) -> dict[str, Any]:
    changes = [
        {"change": flip.change}
        | asdict(flip.found)
        | {
            "interval": interval_ends(flip.found.interval),
            "difference_interval": interval_ends(flip.found.difference_interval),
        }
        for flip in one.flips
    ]
    together, repeated = one.together and asdict(one.together), one.repeated and plain(one.repeated)
    return {"rung": one.rung, "changes": changes, "together": together, "repeated": repeated}


def print_diagnosis(found: Diagnosis, *, proven: bool) -> None:
    """Prints what each switch brings, what other changes brought, and the plans where there is something to do.

    Args:
        found: what is in the way.
        proven: whether the target is met as it is.
    """
    if found.gap is not None and found.gap.shares:
        lacks, rung = found.gap.target - found.gap.measured, found.gap.rung
        say(f"of the {points(lacks)} that {rung} lacks:" if lacks > 0.0 else f"what changes bring {rung}:")
        print_table(SHARES, [_share_row(share) for share in found.gap.shares])
        say(f"- {together_sentence(found.gap)}")
    in_gap = set() if found.gap is None else {share.cause for share in found.gap.shares}
    others = [one for one in found.interventions if one.switch not in in_gap and (one.switch != PROMPT or one.chosen)]
    if others:
        most = sorted(others, key=lambda one: -one.difference)[:MAX_SHOWN]
        print_table(INTERVENTIONS, [_intervention_row(one) for one in most])
        for wording in [one for one in most if one.told is not None]:
            say_item(f"{wording.change}, chosen on other rows: {wording.told}")
    for one in found.rows_needed:
        say(f"- {needed_sentence(one)}")
    if found.label_ceiling is not None:
        say(f"- {ceiling_sentence(found.label_ceiling)}")
    if found.plans and not proven:
        print_table(PLANS, [_plan_row(plan) for plan in found.plans[:MAX_SHOWN]])
        say("cost: labels, minutes and answers, in the money of `cost` in the task file")
        for plan in found.plans[:MAX_SHOWN]:
            if settings_of(plan):
                settings = " ".join(settings_of(plan))
                say_item(f"to {steps_in_words(plan)}: set in the task file, or behind `suffice fit`, {settings}")


def print_symptoms(looked: Sequence[Looked], *, rung: str, kind: Kind) -> None:
    """Prints each symptom of a model that is too small: found, clear, or not applicable and why; none of a lookup.

    Args:
        looked: in the order in which they were looked for.
        rung: that they are of.
        kind: of the task.
    """
    if looks_up(rung, kind=kind):
        return
    say(f"symptoms of a model that is too small, {rung}:")
    for one in looked:
        state, says = ("not applicable", one.why) if isinstance(one, NotApplicable) else (one.state, one.says)
        say_item(f"{one.symptom.replace('_', ' ')}: {state}: {says}")


def print_sensitivity(found: Sequence[Sensitivity], *, kind: Kind) -> None:
    """Prints how many answers flip under each small change; nothing where none was asked.

    Args:
        found: of every rung that was asked.
        kind: of the task.
    """
    for one in found:
        say(f"small changes that must not matter, {one.rung}:")
        for flip in one.flips:
            say_item(f"{change_words(flip.change, kind=kind)}: {flips_sentence(flip.found)}")
        for sentence in beside_sentences(one):
            say_item(sentence)


def _share_row(share: Share) -> tuple[str, ...]:
    return (
        share.cause.replace("_", " "),
        difference(share.solo),
        signed_points(share.solo_interval),
        difference(share.last_in),
        difference(share.shapley),
    )


def _intervention_row(one: Compared) -> tuple[str, ...]:
    return one.change.replace("_", " "), one.rung, difference(one.difference), signed_points(one.interval)


def _plan_row(plan: Plan) -> tuple[str, ...]:
    codes = " + ".join(step.code.replace("_", " ") for step in plan.steps)
    return codes, plan.rung, tenths(plan.probability), fraction(plan.score), labels_in_words(plan), f"{plan.money:,g}"


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "rung": gap.rung,
        "metric": gap.metric,
        "target": gap.target,
        "measured": gap.measured,
        "causes": {
            share.cause: {
                "solo": share.solo,
                "solo_interval": interval_ends(share.solo_interval),
                "last_in": share.last_in,
                "last_in_interval": interval_ends(share.last_in_interval),
                "shapley": share.shapley,
                "shapley_interval": interval_ends(share.shapley_interval),
            }
            for share in gap.shares
        },
        "joint": gap.joint,
        "joint_interval": interval_ends(gap.joint_interval),
        "interaction": gap.interaction,
        "unexplained": gap.unexplained,
        "evidence": gap.evidence,
        "reaching": [list(names) for names in gap.reaching],
    }


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "steps": [asdict(step) for step in plan.steps],
        "rung": plan.rung,
        "score": plan.score,
        "interval": interval_ends(plan.interval),
        "probability": plan.probability,
        "money": plan.money,
        "predicted": plan.predicted,
    }
