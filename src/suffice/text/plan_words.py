"""A plan in words, the same ones on every page and terminal."""

from __future__ import annotations

from suffice.records.diagnosis import Gap, LabelCeiling, Plan, RowsNeeded
from suffice.text.rounding import about_rows, difference, fraction, fraction_interval, percent, points, signed_points


def tenths(probability: float) -> str:
    """A probability as a person is told it: `8 in 10`. A model of models is no more exact than that, and never sure.

    Args:
        probability: 0 to 1.
    """
    n = round(10 * probability)
    return "under 1 in 10" if n == 0 else "over 9 in 10" if n == 10 else f"{n} in 10"


def steps_in_words(plan: Plan) -> str:
    """What to do: `label about 1,200 more training messages, then train embed on all 1,000 messages`.

    Args:
        plan: any.
    """
    return ", then ".join(step.what for step in plan.steps) or f"take {plan.rung} as it is"


def settings_of(plan: Plan) -> tuple[str, ...]:
    """What carries out those of its steps that a key of the task file does, as `suffice fit` takes it.

    Args:
        plan: any.
    """
    return tuple(step.sets for step in plan.steps if step.sets is not None)


def plan_sentence(plan: Plan) -> str:
    """A plan, how likely it is to do, and the labels that it takes: its money stands on timings, and goes elsewhere.

    Args:
        plan: any.
    """
    how, n_labels = ", as foretold," if plan.predicted else "", labels_in_words(plan)
    return (
        f"{steps_in_words(plan)}: {plan.rung} then meets the target with probability {tenths(plan.probability)}{how} "
        f"at {fraction(plan.score)} (90% interval {fraction_interval(plan.interval)}); "
        f"{n_labels} {'row' if n_labels == '1' else 'rows'} to label or look at"
    )


def labels_in_words(plan: Plan) -> str:
    """How many labels a plan takes: `1,200`; where their number is a guess, no more than is sure: `at least 44`.

    Args:
        plan: any.
    """
    n_labels = sum(step.labels for step in plan.steps)
    at_least = sum(step.labels if step.at_least is None else step.at_least for step in plan.steps)
    return f"{n_labels:,}" if at_least == n_labels else f"at least {about_rows(at_least)}"


def together_sentence(gap: Gap) -> str:
    """What the shares of a gap come to, and what they leave of it: `together they bring +3.0 points (...)`.

    Args:
        gap: with at least one share.
    """
    joint = f"together they bring {difference(gap.joint)} ({signed_points(gap.joint_interval)})"
    if gap.unexplained > 0.0:
        return f"{joint}; no switch that was run explains the {points(gap.unexplained)} that are then missing"
    sets = (" and ".join(name.replace("_", " ") for name in names) for names in gap.reaching if names)
    alone = ", or by ".join(sets)
    return f"{joint}; the target is reached by {alone}" if alone else joint


def needed_sentence(needed: RowsNeeded) -> str:
    """With how many training rows a rung would reach the target: `embed would need about 2,900 training rows`.

    Args:
        needed: of one rung.
    """
    beyond = about_rows(needed.beyond)
    if needed.n is None:
        return f"{needed.rung} would need more than {beyond} training rows for the target, if any number will do"
    low, high = (None if n is None else about_rows(n) for n in (needed.low, needed.high))
    return (
        f"{needed.rung} would need about {about_rows(needed.n)} training rows for the target "
        f"(90% interval {low or beyond} to {high or f'more than {beyond}'}; {needed.trust})"
    )


def ceiling_sentence(ceiling: LabelCeiling) -> str:
    """How right any model can be: `on these labels 83.0% has been reached (95% sure), and more than 92.4% is ...`.

    Args:
        ceiling: both of its ends.
    """
    reached = f"on these labels {percent(ceiling.low, bound='lower')} has been reached (95% sure)"
    if ceiling.high is None:
        return f"{reached}; the upper end is {ceiling.why}"
    return f"{reached}, and more than {percent(ceiling.high, bound='upper')} is out of reach (95% sure): {ceiling.why}"
