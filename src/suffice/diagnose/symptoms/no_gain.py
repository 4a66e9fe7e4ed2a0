"""No gain: tuning adds nothing to the prompted base model, or rounds of work have stopped paying."""

from __future__ import annotations

from suffice.diagnose.symptoms.symptom import ALPHA, MARGIN, Symptom, bounds, gain
from suffice.records.evaluation import Interval
from suffice.records.grid import NOT_JUDGED
from suffice.records.symptoms import Clear, Figure, Found, Looked, NotApplicable, Observed
from suffice.stats.rounds import Rounds, rounds_that_paid
from suffice.text.counted import counted
from suffice.text.rounding import difference

THRESHOLD_FROM = (
    "docs/STATISTICS.md, section 6, where nothing beats the baseline: found where the one-sided 95% upper bound "
    "of the gain is below two points, for no significant gain is no evidence of none"
)


def _look(observed: Observed) -> Looked:
    tuned = _tuned(observed)
    rounds = _rounds(observed)
    measured = [one for one in (tuned, rounds) if one is not None]
    if not measured:
        return NotApplicable(
            symptom=NO_GAIN.name,
            why="neither was the same base model asked without tuning, nor were two rounds run on these rows",
        )
    # What was shown comes first; the prompted model before the rounds.
    measured.sort(key=lambda one: bounds(one[0])[1] >= MARGIN)
    shown = bounds(measured[0][0])[1] < MARGIN
    return (Found if shown else Clear)(
        symptom=NO_GAIN.name,
        figures=tuple(figure for figure, _ in measured),
        threshold=MARGIN,
        threshold_from=THRESHOLD_FROM,
        says="; ".join(says for _, says in measured),
    )


def _tuned(observed: Observed) -> tuple[Figure, str] | None:
    if observed.prompted is None or not (asked := observed.prompted != NOT_JUDGED).any():
        return None
    what = f"accuracy of {observed.rung} less that of its base model prompted"
    before = (observed.prompted == observed.y_true)[asked]
    groups = None if observed.groups is None else observed.groups[asked]
    figure = gain(what, observed.right[asked], before, groups)
    return figure, f"tuning changed accuracy by {_with_bounds(figure)}"


def _rounds(observed: Observed) -> tuple[Figure, str] | None:
    if len(observed.history) < 2:
        return None
    found = rounds_that_paid([one.right for one in observed.history], groups=observed.groups, alpha=ALPHA)
    last = observed.history[found.last_paid]
    if found.gain is None:
        first = observed.history[0]
        figure = gain(f"accuracy of {last.run} less that of {first.run}", last.right, first.right, observed.groups)
        return figure, f"the last round, {last.run}, paid: {_with_bounds(figure)} since {first.run}"
    return _since(found, last.run)


def _since(found: Rounds, last: str) -> tuple[Figure, str]:
    assert found.gain is not None, "there are rounds since"
    assert found.gain_lower is not None, "there are rounds since"
    assert found.gain_upper is not None, "there are rounds since"
    around = Interval(low=found.gain_lower, high=found.gain_upper, confidence=1.0 - 2 * found.alpha)
    figure = Figure(
        what=f"accuracy of the best of {counted(found.n_since, 'round')} since {last} less that of {last}",
        value=found.gain,
        unit="points",
        interval=around,
    )
    return figure, f"the last round that paid was {last}; the best since is at {_with_bounds(figure)}"


def _with_bounds(figure: Figure) -> str:
    low, high = bounds(figure)
    ends = f"{difference(low, bound='lower')} to {difference(high, bound='upper', against=MARGIN)}"
    return f"{difference(figure.value)} ({ends})"


NO_GAIN = Symptom(
    name="no_gain",
    definition="tuning gains less than two points over the same base model prompted, or no round since some earlier "
    "one gains that much over it",
    unit="points",
    source="paired score bounds: Tango (1998); docs/STATISTICS.md, section 6",
    look=_look,
)
