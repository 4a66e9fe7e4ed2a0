"""What is in the way, as the JSON document that other tools rely on, and for the terminal."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from suffice.records.diagnosis import Gap, Plan
from suffice.records.evaluation import Interval
from suffice.records.verdict import FitOutcome


def diagnosis_document(outcome: FitOutcome) -> dict[str, Any]:
    """What `fit --json` and `diagnose --json` print beside the verdict.

    Args:
        outcome: what the fit found out.
    """
    found = outcome.diagnosis
    others = [plan for plan in found.plans if plan.steps][1:]
    return {
        "second": _plan(others[0]) if others else None,
        "gap": None if found.gap is None else _gap(found.gap),
        "curves": [
            {
                "rung": point.rung,
                "n": point.n,
                "accuracy": point.accuracy,
                "interval": _interval(point.interval),
                "fitted": point.fitted,
            }
            for point in found.curves
        ],
        "forecast": [
            {
                "rung": one.rung,
                "n": one.n,
                "accuracy": one.accuracy,
                "interval": _interval(one.interval),
                "trust": one.trust,
            }
            for one in found.forecast
        ],
        "gains": [asdict(one) for one in found.gains],
        "label_ceiling": asdict(found.label_ceiling),
        "symptoms": [],
        "plans": [_plan(plan) for plan in found.plans],
        "openings": outcome.opening or 0,
        "not_run": [{"what": what, "why": why} for what, why in (*outcome.not_run, *found.not_run)],
        "notes": list(found.notes),
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "rung": gap.rung,
        "metric": gap.metric,
        "target": gap.target,
        "measured": gap.measured,
        "causes": {
            share.cause: {
                "solo": share.solo,
                "solo_interval": _interval(share.solo_interval),
                "last_in": share.last_in,
                "last_in_interval": _interval(share.last_in_interval),
                "shapley": share.shapley,
                "shapley_interval": _interval(share.shapley_interval),
            }
            for share in gap.shares
        },
        "joint": gap.joint,
        "joint_interval": _interval(gap.joint_interval),
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
        "interval": _interval(plan.interval),
        "probability": plan.probability,
        "money": plan.money,
        "predicted": plan.predicted,
    }


def _interval(interval: Interval) -> list[float]:
    return [interval.low, interval.high]
