"""What a fit concluded, in plain English sentences: for the top of the report and for the command line."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from suffice.records.causes import CAUSES
from suffice.records.diagnosis import LEAST_LIKELY
from suffice.records.evaluation import Comparison
from suffice.records.run import RunManifest
from suffice.records.task import Kind
from suffice.records.verdict import FitOutcome, Goal, RungOutcome
from suffice.report.goal_words import (
    asked,
    at_least,
    at_most,
    bounds,
    label_of,
    measured,
    rival_of,
    rows_of,
    standing,
    sure,
)
from suffice.text.counted import counted, times
from suffice.text.kind_words import ANSWERED, ASKED
from suffice.text.plan_words import steps_in_words, tenths
from suffice.text.rounding import (
    about_rows,
    asked_points,
    confidence,
    p_value,
    percent,
    points,
    signed_points,
)

_TEST = "sealed test"
_SHOWN_IN_FULL = 2


def verdict_sentence(outcome: FitOutcome) -> str:
    """The verdict for somebody who reads nothing else: which model to ship, and on what evidence.

    Args:
        outcome: the finished fit.
    """
    if outcome.verdict.code == "keep_prompting" and outcome.verdict.rung is not None:
        return _keep_prompting(outcome)
    if outcome.verdict.rung is not None:
        return _ship(outcome)
    if outcome.verdict.code == "undecided" and not any(goal.outcome == "refuted" for goal in outcome.goals):
        return _undecided(outcome)
    return f"{_way_out(outcome)} {_not_met(outcome)}"


def other_causes(outcome: FitOutcome) -> tuple[str, ...]:
    """What else may be the right call, the likeliest first: `more data, 3 in 10: the curve still climbs`.

    Args:
        outcome: the finished fit.
    """
    if outcome.verdict.rung is not None:
        return ()
    told = outcome.verdict.code
    return tuple(
        f"{CAUSES[code].called(outcome.kind).lower()}, {tenths(chance)}: {CAUSES[code].told(outcome.kind)}"
        for code, chance in outcome.diagnosis.chances.items()
        if code != told and tenths(chance) != tenths(0.0)
    )


def opening_sentence(outcome: FitOutcome) -> str:
    """How often the sealed test was read, and what that does to the proof.

    Args:
        outcome: the finished fit.
    """
    if outcome.opening is None:
        return "The sealed test was not read."
    if outcome.spent:
        return "The test is spent: rows of it were shown in a review. Figures on it describe, and prove nothing."
    read = f"The sealed test was read {times(outcome.opening)}."
    if outcome.opening == 1 or not outcome.goals:
        return read
    level = confidence(outcome.goals[0].alpha)
    return f"{read} Every further reading is held to a stricter standard: this one to {level} confidence."


def classify_command(bundle: str) -> str:
    """The command that puts a bundle to work.

    Args:
        bundle: its folder.
    """
    return f"suffice classify {shlex.quote(bundle)} < new.txt"


def command_of(kind: Kind, bundle: str) -> str:
    """The command that puts a bundle to work, whatever it gives.

    Args:
        kind: of its task.
        bundle: its folder.
    """
    new = "new.jsonl" if kind == "tools" else "new.txt"
    return classify_command(bundle) if kind == "classify" else f"suffice answer {shlex.quote(bundle)} < {new}"


def next_step(outcome: FitOutcome) -> str:
    """What to do now, in words; the command stands beside it.

    Args:
        outcome: the finished fit.
    """
    proposed = proposed_rung(outcome)
    if proposed is not None and proposed.bundle is None:
        return (
            f"Nothing is shipped: {proposed.rung} answers at its endpoint alone, as the prompt that is sent to it now."
        )
    asked_about = f"{ASKED[outcome.kind]}s"
    if outcome.verdict.code in {"suffices", "as_good_as_best"}:
        return f"Put it to work on new {asked_about}, one per line:"
    if outcome.verdict.code == "undecided" and not any(goal.outcome == "refuted" for goal in outcome.goals):
        return f"Nothing is proven yet. To see how it does on new {asked_about} meanwhile, one per line:"
    return f"Not to be shipped as it is. To see where it fails on new {asked_about}, one per line:"


def runs_sentence(runs: Sequence[RunManifest]) -> str:
    """What a page of runs says on top, where there is no verdict.

    Args:
        runs: their manifests, of one task, at least one.
    """
    judged, noun = [(run.name, run.evaluation) for run in runs if run.evaluation is not None], ASKED[runs[0].cell.kind]
    if not judged:
        return f"{counted(len(runs), 'run')}, none of them judged on validation {noun}s."
    name, best = max(judged, key=lambda pair: pair[1].accuracy.accuracy)
    rows = counted(best.accuracy.n, f"{best.split} {noun}".replace("_", "-"))
    right = f"is right in {percent(best.accuracy.accuracy)} of {rows}"
    if len(judged) == 1:
        return f"{name} {right}."
    return f"Of {len(judged)} runs none is right more often than {name}: it {right}."


def comparison_sentence(comparison: Comparison, *, names: Mapping[str, str], noun: str) -> str:
    """Two artefacts on the same rows: who is ahead, how surely, and by which rows.

    A difference that is not shown is never called equality: that takes a test of its own.

    Args:
        comparison: the figures.
        names: what to call a run; a run that is missing is called by its own name.
        noun: what to call a row: `message`.
    """
    first = names.get(comparison.first, comparison.first)
    second = names.get(comparison.second, comparison.second)
    rows = counted(comparison.n, f"{comparison.split} {noun}".replace("_", "-"))
    return (
        f"{_who_is_ahead(comparison, first, second)} (95% interval {signed_points(comparison.interval)}). Only {first} "
        f"is right on {comparison.n_only_first:,} of {rows}, only {second} on {comparison.n_only_second:,} "
        f"(McNemar {p_value(comparison.p_value)})."
    )


def proposed_rung(outcome: FitOutcome) -> RungOutcome | None:
    """The rung that validation proposed, among the rungs of a fit.

    Args:
        outcome: the finished fit.
    """
    return next((rung for rung in outcome.rungs if rung.rung == outcome.proposal.rung), None)


def _ship(outcome: FitOutcome) -> str:
    rung = outcome.verdict.rung or outcome.proposal.rung
    if not outcome.goals:
        return f"Ship {rung}: it meets the target ({outcome.target})."
    main, *others = outcome.goals
    noun = ASKED[outcome.kind]
    ship = f"Ship {rung}: on {rows_of(main, split=_TEST, noun=noun)} {_measured(outcome, main, subject='it')}"
    if rival_of(main) == rung:
        margin = asked_points(-main.target)
        claim = f"it is itself the most accurate on validation; no cheaper rung was shown there to be within {margin}"
    else:
        claim = f"we can say with {sure(main)} confidence that it is {at_least(main)}; {asked(main)}"
    return f"{ship}, and {claim}.{_also_proven(others, noun=noun)}"


def _keep_prompting(outcome: FitOutcome) -> str:
    """A hosted model that the test proves: nothing is shipped, and nothing that runs here was proposed before it."""
    (main, *others), noun = outcome.goals, ASKED[outcome.kind]
    said = f"on {rows_of(main, split=_TEST, noun=noun)} {_measured(outcome, main, subject='it')}"
    claim = f"we can say with {sure(main)} confidence that it is {at_least(main)}; {asked(main)}"
    return f"Keep prompting {outcome.verdict.rung}: {said}, and {claim}.{_also_proven(others, noun=noun)}"


def _also_proven(goals: Sequence[Goal], *, noun: str) -> str:
    if len(goals) > _SHOWN_IN_FULL:
        return f" The other {len(goals)} goals are proven too."
    return "".join(_also(goal, noun=noun) for goal in goals)


def _also(goal: Goal, *, noun: str) -> str:
    if rival_of(goal) is not None:
        return f" It is also {at_least(goal)}."
    level, least = sure(goal), at_least(goal).removeprefix("right ")
    rows = rows_of(goal, split=_TEST, noun=noun)
    return f" On {rows} {measured(goal)}, with {level} confidence {least}; {asked(goal)}."


def _way_out(outcome: FitOutcome) -> str:
    """What is in the way, and the first step of the plan that is taken."""
    code, plan = outcome.verdict.code, next(iter(outcome.diagnosis.plans), None)
    if code == "not_learnable":
        common, rows = ANSWERED[outcome.kind], f"{ASKED[outcome.kind]}s"
        return f"Nothing here beats the commonest {common}: the target cannot be learned from these {rows}."
    if code == "scale_up" and plan is None:
        return (
            f"{outcome.proposal.rung} is shown to be worse than {outcome.proposal.comparator} by more than the margin."
        )
    if plan is None or (code == "undecided" and plan.probability < LEAST_LIKELY):
        unmet = any(goal.outcome == "refuted" for goal in outcome.goals)
        lead = "The target is not met, and what would meet it is undecided" if unmet else "Undecided"
        return f"{lead}: no plan that was looked at is likely enough to reach it."
    what = steps_in_words(plan)
    how = " (foretold)" if plan.predicted else ""
    chance = f"{plan.rung} then meets the target with probability {tenths(plan.probability)}{how}"
    if code == "undecided":
        return f"Undecided. The likeliest way out is to {what}: {chance}."
    return f"{what[0].upper()}{what[1:]}: {chance}."


def _not_met(outcome: FitOutcome) -> str:
    rung = outcome.proposal.rung
    failed = next((goal for goal in outcome.goals if goal.outcome == "refuted"), None)
    if failed is None and outcome.opening is not None and not outcome.goals:
        return f"No rung is proven good enough: {_why_unproven(outcome)}."
    if failed is None:
        return f"No rung is proven good enough: {rung}, the likeliest, does not meet the target ({outcome.target})."
    return (
        f"No rung is proven good enough: on {rows_of(failed, split=_TEST, noun=ASKED[outcome.kind])} "
        f"{_measured(outcome, failed, subject=rung)}, "
        f"and we can say with {sure(failed)} confidence that it is {at_most(failed)}; {asked(failed)}."
    )


def _undecided(outcome: FitOutcome) -> str:
    if not outcome.goals:
        return _untested(outcome)
    if outcome.spent:
        return _spent(outcome)
    unsettled = [goal for goal in outcome.goals if goal.outcome == "undecided"] or list(outcome.goals)
    goal = next((goal for goal in unsettled if goal.estimate is not None), unsettled[0])
    noun = ASKED[outcome.kind]
    if goal.estimate is None:
        label = label_of(goal)
        return f"Undecided: no sealed test {noun} is labelled {label}, so its recall is not measured; {asked(goal)}."
    return (
        f"Undecided: on {rows_of(goal, split=_TEST, noun=noun)} "
        f"{_measured(outcome, goal, subject=outcome.proposal.rung)}, which "
        f"leaves {bounds(goal)} possible (each end with {sure(goal)} confidence); {asked(goal)}."
        f"{_what_settles(unsettled, noun=noun)}"
    )


def _spent(outcome: FitOutcome) -> str:
    """A test that was shown to a person has no bounds worth telling."""
    goal, rung, noun = outcome.goals[0], outcome.proposal.rung, ASKED[outcome.kind]
    seen = f"on {rows_of(goal, split='test', noun=noun)} {_measured(outcome, goal, subject=rung)}; {asked(goal)}"
    rows = "" if goal.more_rows is None else about_rows(goal.more_rows)
    fresh = f" About {rows} fresh labelled test {noun}s would restore it." if rows else ""
    return f"Undecided: test {noun}s were shown in a review, so that the test gives no proof any more: {seen}.{fresh}"


def _untested(outcome: FitOutcome) -> str:
    unproven = f"Undecided: {_why_unproven(outcome)}, so nothing is proven."
    goal = next((goal for goal in outcome.proposal.goals if goal.estimate is not None), None)
    if goal is None:
        return unproven
    proposed = proposed_rung(outcome)
    judged_on = "validation" if proposed is None else proposed.chosen.judged_on.replace("_", "-")
    rows = rows_of(goal, split=judged_on, noun=ASKED[outcome.kind])
    seen = f"On {rows} {measured(goal, subject=outcome.proposal.rung)}; {asked(goal)}."
    return f"{unproven} {seen}"


def _why_unproven(outcome: FitOutcome) -> str:
    """Why there are no figures of the proposed rung on the test."""
    cut = [f"{rung.rung} did not answer all of the sealed test" for rung in outcome.rungs if rung.incomplete]
    return "no sealed test was read" if outcome.opening is None else " and ".join(cut)


def _what_settles(goals: Sequence[Goal], *, noun: str) -> str:
    """The rows that decide each open goal; a goal on one label takes rows of that label."""
    sentences = [_settles(goal, noun=noun) for goal in goals[:_SHOWN_IN_FULL]]
    if len(goals) > _SHOWN_IN_FULL:
        sentences.append(f" Also open: {counted(len(goals) - _SHOWN_IN_FULL, 'further goal')}.")
    return "".join(sentences)


def _settles(goal: Goal, *, noun: str) -> str:
    if goal.estimate is None:
        return f" No sealed test {noun} is labelled {label_of(goal)}: some are needed."
    if rival_of(goal) is not None:
        return f" More labelled test {noun}s are needed to settle it."
    label = label_of(goal)
    rows = f"labelled test {noun}s" if label is None else f"test {noun}s labelled {label}"
    if goal.more_rows is None:
        return f" That is so near the target that no practical number of further {rows} would settle it."
    if goal.at_least is not None:
        few = f"on {counted(goal.n, noun)} it is known too badly to say how many more"
        return f" At least {about_rows(goal.at_least)} more {rows} are needed to prove it; {few}."
    return f" About {about_rows(goal.more_rows)} more {rows} would settle it." if goal.more_rows else ""


def _measured(outcome: FitOutcome, goal: Goal, *, subject: str) -> str:
    """The estimate; a comparison is told with the accuracy that it is about."""
    proposed = proposed_rung(outcome)
    test = proposed.test if proposed is not None else None
    if rival_of(goal) is None or test is None:
        return measured(goal, subject=subject)
    right = f"{subject} is right in {percent(test.accuracy.accuracy)}"
    return right if rival_of(goal) == outcome.proposal.rung else f"{right}, {standing(goal)}"


def _who_is_ahead(comparison: Comparison, first: str, second: str) -> str:
    if comparison.difference == 0.0:
        return f"{first} and {second} are right equally often"
    word = "ahead of" if comparison.difference > 0 else "behind"
    doubt = "" if comparison.interval.low > 0 or comparison.interval.high < 0 else ", which may be chance"
    return f"{first} is {points(comparison.difference)} {word} {second}{doubt}"
