"""What a task's rows let one expect, rung by rung; what was measured takes the place of what was believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from suffice.diagnose.prior import SIZES, SIZES_SOURCE, Belief, ahead_of_tfidf, tfidf_belief
from suffice.records.advice import Advice, MeasuredRun, Reach, RungAdvice, RungToTry, TaskFacts
from suffice.records.splits import MIN_VALIDATION
from suffice.records.task import TargetSpec
from suffice.text.counted import counted, listed
from suffice.text.rounding import percent

FEW_ROWS = 10
"""Training rows of a label below which it is named. Source: as `audit.rare_label.MIN_GROUPS`: found ten times in ten, a
label's recall may still be 0.74 (exact one-sided bound at 95%)."""
UNEVEN = 0.5
"""Share of the commonest label from which on accuracy is warned of: always answering it is right half of the time."""
MANY_COPIES = 0.1
"""Share of copies from which on they are told of. Ours."""
CHEAP = frozenset({"majority", "tfidf", "embed"})


def advise(
    facts: TaskFacts,
    target: TargetSpec,
    rungs: Sequence[RungToTry],
    *,
    measured: Mapping[str, MeasuredRun],
    plan: tuple[str, ...],
    task: str,
) -> Advice:
    """What to expect and to try, before anything is trained or after some of it was.

    Args:
        facts: what the rows say.
        target: the task's target.
        rungs: of its ladder, in order of cost.
        measured: the run that stands for each rung that was run on these rows.
        plan: what the held-out rows can prove.
        task: its name.

    Source: `diagnose.prior` for what is believed.
    """
    advised = tuple(_rung(one, facts, target, measured=measured) for one in rungs)
    return Advice(
        task=task,
        facts=_facts(facts, target),
        rungs=advised,
        first=_first(advised, target),
        plan=plan,
        sizes=SIZES,
        sizes_source=SIZES_SOURCE,
    )


def _rung(one: RungToTry, facts: TaskFacts, target: TargetSpec, *, measured: Mapping[str, MeasuredRun]) -> RungAdvice:
    run = measured.get(one.rung)
    if run is not None:
        rows = "calls about validation rows" if _is_endpoint(one.rung) else f"a run on {run.n_train:,} of these rows"
        because = f"{rows}, {run.latency_p50_ms:.1f} ms a message"
        belief = Belief(low=run.low, high=run.high, because=because)
    else:
        belief = _believed(one.rung, facts, measured=measured)
    return RungAdvice(
        rung=one.rung,
        basis="prior belief" if run is None else "measured",
        low=belief.low,
        high=belief.high,
        accuracy=None if run is None else run.accuracy,
        reach=_reach(belief, target),
        minutes=one.minutes,
        because=belief.because,
    )


def _believed(rung: str, facts: TaskFacts, *, measured: Mapping[str, MeasuredRun]) -> Belief:
    share = max(facts.label_rows.values()) / facts.n_train
    if rung == "majority":
        return Belief(low=share, high=share, because="the share of the commonest label among training rows")
    if _is_endpoint(rung):
        return Belief(low=0.0, high=1.0, because="nothing is believed of an endpoint before it is asked")
    run = measured.get("tfidf")
    if run is None:
        belief = tfidf_belief(facts.n_train / len(facts.label_rows))
        belief = Belief(low=max(share, belief.low), high=max(share, belief.high), because=belief.because)
    else:
        belief = Belief(low=run.low, high=run.high, because="measured")
    if rung == "tfidf":
        return belief
    found = ahead_of_tfidf(belief, rung=rung, cheap=rung in CHEAP)
    return Belief(low=max(share, found.low), high=max(share, found.high), because=found.because)


def _is_endpoint(rung: str) -> bool:
    return rung.startswith("hosted:")


def _reach(belief: Belief, target: TargetSpec) -> Reach | None:
    if target.at_least is None or target.metric != "accuracy":
        return None
    if belief.low >= target.at_least:
        return "likely"
    return "unlikely" if belief.high < target.at_least else "open"


def _first(rungs: Sequence[RungAdvice], target: TargetSpec) -> str:
    """The cheapest rung that may do it, and how sure that is."""
    tried = [one for one in rungs if one.rung != "majority"] or list(rungs)
    if tried[0].reach is None:
        what = "the target is relative to the best rung" if target.within is not None else "the target is macro-F1"
        return f"{what}, of which nothing is believed beforehand: begin with {tried[0].rung} ({_minutes(tried[0])})"
    likely = next((one for one in tried if one.reach == "likely"), None)
    possible = next((one for one in tried if one.reach == "open"), None)
    if likely is not None and (possible is None or tried.index(likely) < tried.index(possible)):
        if likely.basis == "measured":
            return f"nothing more: {likely.rung} met the target on the rows that compare rungs, and nothing cheaper did"
        return f"{likely.rung} ({_minutes(likely)}): it is the cheapest that is likely to do"
    if possible is not None:
        if possible.basis == "measured":
            return f"{possible.rung} ({_minutes(possible)}): it was measured, and its interval holds the target"
        return f"{possible.rung} ({_minutes(possible)}): it is the cheapest that may do, and only a run says whether"
    return (
        f"{tried[0].rung} ({_minutes(tried[0])}), to see how far off it is: no rung is believed to reach "
        f"{target.at_least:g} on rows like these; labels and rows (`suffice audit`) come before larger models"
    )


def _facts(facts: TaskFacts, target: TargetSpec) -> tuple[str, ...]:
    k, per_label = len(facts.label_rows), facts.n_train / len(facts.label_rows)
    few = [label for label, n in sorted(facts.label_rows.items(), key=lambda pair: pair[1]) if n < FEW_ROWS]
    commonest, most = max(facts.label_rows.items(), key=lambda pair: pair[1])
    copies, share = facts.n_copies / facts.n_rows, most / facts.n_train
    length = f"half of the messages have {facts.words_p50:.0f} words or fewer, 95% {facts.words_p95:.0f} or fewer"
    sentences = {
        f"{counted(facts.n_rows, 'message')} with {counted(k, 'label')}: {facts.n_train:,} to train on, "
        f"{per_label:.0f} a label on average; {length}": True,
        f"{counted(len(few), 'label')} with fewer than {FEW_ROWS} training rows ({listed(few)}): expect little of "
        "them, and label more, or merge them": few,
        f"{percent(share)} of the training rows are labelled {commonest!r}: whoever always answers that is right as "
        f"often; {'read recall label by label' if target.metric == 'macro_f1' else 'hold macro_f1 or recall as target'}"
        "": share >= UNEVEN,
        f"{percent(copies)} of the messages are copies, or of one customer or thread: they teach and prove less than "
        "their number": copies >= MANY_COPIES,
        f"a model reads about {facts.context_words:.0f} words of a message, and more than one in twenty is longer: see "
        "context_tokens and too_long; tfidf reads all of them": facts.words_p95 > facts.context_words,
        f"{counted(facts.n_validation, 'validation row')}, fewer than {MIN_VALIDATION}: cheap rungs are judged out of "
        "fold, and others on few rows": facts.n_validation < MIN_VALIDATION,
    }
    return tuple(sentence for sentence, applies in sentences.items() if applies)


def _minutes(one: RungAdvice) -> str:
    if one.minutes is None:
        return "its time is unknown"
    return "under a minute" if one.minutes < 1 else f"about {counted(round(one.minutes), 'minute')}"
