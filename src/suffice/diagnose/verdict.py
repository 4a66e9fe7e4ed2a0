"""The sealed test decides: what was proposed is proven, refuted, or left open."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

from scipy.stats import beta, norm

from suffice.diagnose.outcomes import TRAINING
from suffice.diagnose.plans import ENOUGH, code_of
from suffice.diagnose.winners import LAPSE, called_for
from suffice.records.causes import CAUSES, VerdictCode
from suffice.records.diagnosis import LEAST_LIKELY, Diagnosis, LabelCeiling, Plan
from suffice.records.task import Kind, TargetSpec
from suffice.records.verdict import Goal, Proposal, Verdict
from suffice.rungs.ladder import HOSTED, PROMPTED
from suffice.stats.binomial import lower_bound
from suffice.stats.planning import errors_allowed
from suffice.text.knowledge_words import use_sentence
from suffice.text.plan_words import plan_sentence, tenths
from suffice.text.rounding import Bound, about_rows, asked_points, difference, fraction, percent, points

NO_TEST = "there are no test rows: nothing can be proven"
CUT_SHORT = "the rest of the test's answers: the same command again asks for them, and is the same opening"


def conclude(
    proposal: Proposal,
    goals: Sequence[Goal],
    target: TargetSpec,
    diagnosis: Diagnosis,
    *,
    kind: Kind = "classify",
    untested: str = NO_TEST,
    cut_short: bool = False,
) -> Verdict:
    """Turns the goals on the test rows, and what is in the way of them, into a verdict.

    What the test proves stands, but for an endpoint where a plan for a rung of one's own, likely enough, costs less:
    that endpoint is better, and not by more than it costs. Otherwise the verdict is the first step of the plan that is
    taken; a rung that the test refutes is not replaced by the next one.

    Args:
        proposal: what validation proposed.
        goals: the target on the test rows, for that rung alone; empty where there are no test rows.
        target: the task's target.
        diagnosis: what is in the way.
        kind: of the task, by which causes are called.
        untested: why there are no goals, where there are none.
        cut_short: whether that is because an endpoint did not answer all of the opened test.
    """
    plan = next(iter(diagnosis.plans), None)
    proven = bool(goals) and all(goal.outcome == "proven" for goal in goals)
    proven = proven and not (proposal.rung.startswith(HOSTED) and plan is not None and _costs_less(plan))
    code = _proven_code(proposal, target) if proven else _code(goals, plan, diagnosis)
    tested = [_sentence(proposal.rung, goal) for goal in goals] or [untested]
    planned = [] if proven or plan is None else [_planned(plan, code, diagnosis, kind=kind)]
    return Verdict(
        code=code,
        rung=proposal.rung if proven else None,
        probability=_chance(code, goals, diagnosis, proven=proven),
        because=(
            *tested,
            *planned,
            *([] if proven or diagnosis.over_commonest is None else [diagnosis.over_commonest]),
            *_beyond_reach(target, diagnosis.label_ceiling),
            *_learned(proposal.rung, code, diagnosis),
            *([] if proven else map(use_sentence, diagnosis.knowledge)),
            *proposal.because,
        ),
        flip=_what_turns_it(
            proposal, goals, diagnosis, planned=bool(planned) and code != "not_learnable", cut_short=cut_short
        ),
    )


def _costs_less(plan: Plan) -> bool:
    """Whether what most draws call for, the cheapest in each, is likely enough, and labels or settings for a rung of
    one's own that was run: neither evidence alone, nor a rung that nobody named.
    """
    return (
        plan.probability >= ENOUGH
        and not plan.rung.startswith(HOSTED)
        and code_of(plan) not in {None, "undecided", "scale_up"}
    )


def _chance(code: VerdictCode, goals: Sequence[Goal], diagnosis: Diagnosis, *, proven: bool) -> float | None:
    """How likely the code is the right one; None if nothing tells.

    Where the target is proven that is how likely it is met, by the test rows, less the lapse: they may be unlike the
    messages to come. An endpoint that is proven may still not be the right thing to take.

    Under a relative target there are no plans, and no draws of what they come to: a refuted rung is too small with the
    chance that it misses one of the goals.
    """
    if proven and (code != "keep_prompting" or not diagnosis.chances):
        return (1.0 - LAPSE) * min(_probability(goal) for goal in goals)
    if diagnosis.chances:
        return diagnosis.chances.get("undecided" if code == "not_learnable" else code, 0.0)
    if code != "scale_up" or not goals:
        return None
    return (1.0 - LAPSE) * (1.0 - min(_probability(goal) for goal in goals))


def _what_turns_it(
    proposal: Proposal, goals: Sequence[Goal], diagnosis: Diagnosis, *, planned: bool, cut_short: bool
) -> str | None:
    """Of a plan, another target or price; otherwise what the test rows would have proven."""
    if planned and diagnosis.flip is not None:
        return diagnosis.flip
    if goals:
        return _flip(proposal.rung, goals)
    return CUT_SHORT if cut_short else "test rows: label more of them, or train on fewer rows"


def _planned(plan: Plan, code: VerdictCode, diagnosis: Diagnosis, *, kind: Kind) -> str:
    """The plan that is taken, or that there is none, and what to find out first."""
    if plan.probability >= LEAST_LIKELY:
        return plan_sentence(plan)
    if code == code_of(plan):
        called = CAUSES[code].called(kind).lower()
        chance = f"no single plan is likely enough, but {tenths(diagnosis.drawn[code])} draws call for this: {called}"
        return f"{chance}; the likeliest such plan: {plan_sentence(plan)}"
    ceiling = diagnosis.label_ceiling
    lead = "" if ceiling is None or ceiling.high is not None else f"; the label ceiling is {ceiling.why}"
    return f"no plan that was looked at is likely to reach the target; the likeliest: {plan_sentence(plan)}{lead}"


def _beyond_reach(target: TargetSpec, ceiling: LabelCeiling | None) -> list[str]:
    """That no model reaches a target which lies above the upper end of the label ceiling."""
    if target.at_least is None or target.metric != "accuracy":
        return []
    if ceiling is None or ceiling.high is None or ceiling.high >= target.at_least:
        return []
    high = percent(ceiling.high, bound="upper")
    return [
        f"no model reaches {target.at_least:g} as these rows are labelled: more than {high} is out of reach "
        f"(95% sure: {ceiling.why})"
    ]


def _learned(rung: str, code: VerdictCode, diagnosis: Diagnosis) -> list[str]:
    """What tells a rung that was badly trained, or is too small, from one that learned its rows and no more.

    Source: STATISTICS of the project, section 6: training accuracy beside the repair sweep.
    """
    learned, found = diagnosis.train_accuracy, []
    if code in {"fix_training", "scale_up", "more_data"} and learned is not None:
        found = [f"on the rows that it was fitted on, {rung} is right in {fraction(learned)}"]
    swept = any(one.switch == TRAINING and one.rung == rung for one in diagnosis.interventions)
    if code == "scale_up" and not swept and rung != "majority" and not rung.endswith(PROMPTED):
        found.append(
            f"no other settings of training were tried on {rung}, which may be badly trained and not too small"
        )
    return found


def _proven_code(proposal: Proposal, target: TargetSpec) -> VerdictCode:
    if proposal.rung.startswith(HOSTED):
        return "keep_prompting"
    return "suffices" if target.within is None else "as_good_as_best"


def _code(goals: Sequence[Goal], plan: Plan | None, diagnosis: Diagnosis) -> VerdictCode:
    """What is in the way where nothing is proven.

    What most draws call for, and where that is no plan, that nothing can be learned, if the rows show it.
    """
    if plan is None:
        behind = any(goal.outcome == "refuted" and goal.target < 0.0 for goal in goals)
        return "scale_up" if behind else "not_learnable" if diagnosis.not_learnable else "undecided"
    code = called_for(diagnosis.drawn)
    lacks_proof_alone = plan.probability >= LEAST_LIKELY and code_of(plan) == "undecided"
    return "not_learnable" if code == "undecided" and diagnosis.not_learnable and not lacks_proof_alone else code


def _probability(goal: Goal) -> float:
    """That the truth reaches the target, given these rows.

    Source: Jeffreys' prior for a fraction (Brown, Cai and DasGupta 2001, Statistical Science 16); for a difference and
    for macro-F1, the normal law that has the two bounds as its quantiles.
    """
    if goal.estimate is None:
        return 0.5
    if goal.target > 0.0 and goal.what != "macro_f1":
        right = goal.estimate * goal.n_effective
        return float(beta.sf(goal.target, right + 0.5, goal.n_effective - right + 0.5))
    spread = (goal.upper - goal.lower) / (2.0 * float(norm.ppf(1.0 - goal.alpha)))
    if spread <= 0.0:
        return float(goal.outcome == "proven" or (goal.outcome == "undecided" and goal.estimate >= goal.target))
    return float(norm.sf((goal.target - goal.estimate) / spread))


def _sentence(rung: str, goal: Goal) -> str:
    if goal.estimate is None:
        return f"no test row has the label: {goal.what} of {rung} is not measured"
    verb = {"proven": "is proven", "refuted": "is refuted", "undecided": "is neither proven nor refuted"}[goal.outcome]
    more = f"; about {about_rows(goal.more_rows)} more test rows would settle it" if goal.more_rows else ""
    if goal.at_least is not None:
        more = f"; at least {about_rows(goal.at_least)} more test rows are needed to prove it, and tell how many more"
    what = f"{rung}, {goal.what}:" if goal.target <= 0.0 else f"{rung}: {goal.what}"
    return (
        f"{what} {_shown(goal, goal.estimate)} over {goal.n:,} "
        f"test rows, one-sided bounds {_shown(goal, goal.lower, bound='lower')} and "
        f"{_shown(goal, goal.upper, bound='upper')} (alpha {goal.alpha:g}); {_claim(goal)} {verb}{more}"
    )


def _shown(goal: Goal, value: float, *, bound: Bound | None = None) -> str:
    """By the same rule as the headline, so that no figure is told in two ways."""
    if goal.target <= 0.0:
        return difference(value, bound=bound, against=abs(goal.target))
    return fraction(value, bound=bound, against=goal.target)


def _claim(goal: Goal) -> str:
    if goal.target > 0.0:
        return f"{goal.target:g}"
    return f"a margin of {asked_points(-goal.target)}" if goal.target else "being better"


def _flip(rung: str, goals: Sequence[Goal]) -> str | None:
    """The smallest change in rows or target that would turn the verdict, for the goal that is nearest to turning."""
    unmeasured = [goal.what for goal in goals if goal.estimate is None]
    if unmeasured:
        return f"test rows with the label: {', '.join(unmeasured)} is not measured"
    worst = min(goals, key=lambda goal: goal.lower - goal.target)
    if worst.target <= 0.0:
        return _flip_of_difference(rung, worst)
    what = "a target" if len(goals) == 1 else f"a target for {worst.what}"
    if worst.outcome != "proven":
        return f"with {what} of {_shown(worst, worst.lower, bound='lower')} these rows would have proven {rung}"
    higher = f"{what} above {_shown(worst, worst.lower, bound='lower')}"
    more = _errors_to_spare(worst)
    if more is None:
        return f"{higher} would not be proven by these rows"
    return (
        f"{more + 1:,} more wrong answers among the {worst.n:,} test rows, or {higher}, and {rung} would not be proven"
    )


def _errors_to_spare(goal: Goal) -> int | None:
    """Further errors with which the goal is still proven; None where its bound is not that of independent rows."""
    right = round((goal.estimate or 0.0) * goal.n)
    allowed = errors_allowed(goal.n, target=goal.target, alpha=goal.alpha)
    if (
        goal.what == "macro_f1"
        or allowed is None
        or not isclose(lower_bound(right, goal.n, alpha=goal.alpha), goal.lower)
    ):
        return None
    return allowed - (goal.n - right)


def _flip_of_difference(rung: str, goal: Goal) -> str | None:
    """For a goal that is relative to another rung; being better has no margin that could be another one."""
    if goal.target == 0.0:
        return None
    margin = points(goal.lower, bound="upper", against=-goal.target)
    if goal.outcome != "proven":
        return f"with a margin of {margin} these rows would have proven {rung}"
    return f"with a margin below {margin} these rows would not have proven {rung}" if goal.lower < 0.0 else None
