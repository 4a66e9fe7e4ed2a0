"""Hallucination. Of labels: answers that are none. Whether a text supports its answer is asked of free ones alone."""

from __future__ import annotations

from suffice.diagnose.symptoms.symptom import Symptom, bounds, share
from suffice.records.labels import INVENTED
from suffice.records.symptoms import Clear, Figure, Found, Looked, NotApplicable, Observed
from suffice.text.rounding import percent

THRESHOLD = 0.01
"""Of the answers."""
THRESHOLD_FROM = (
    "this project's: more than one answer in a hundred that no program can use; found where the lower end of the exact "
    "interval is above it"
)


def _look(observed: Observed) -> Looked:
    if observed.kind != "classify":
        why = "whether a given text supports a free answer was not measured"
        if observed.kind == "tools":
            why = "tools that there are not stand in the waterfall of calls"
        return NotApplicable(symptom=HALLUCINATION.name, why=why)
    if observed.closed:
        return Clear(
            symptom=HALLUCINATION.name,
            figures=_left_to_itself(observed),
            threshold=THRESHOLD,
            threshold_from=THRESHOLD_FROM,
            says=f"{observed.rung} can answer with nothing but a label" + _kept_from(observed),
        )
    invented = share("answers that are no label", observed.y_pred == INVENTED, observed.groups)
    low, high = bounds(invented)
    ends = f"{percent(low, bound='lower', against=THRESHOLD)} to {percent(high, bound='upper')}"
    return (Found if low > THRESHOLD else Clear)(
        symptom=HALLUCINATION.name,
        figures=(invented,),
        threshold=THRESHOLD,
        threshold_from=THRESHOLD_FROM,
        says=f"{percent(invented.value)} of the answers are no label ({ends})",
    )


def _left_to_itself(observed: Observed) -> tuple[Figure, ...]:
    """For a closed rung: what was kept from it. It is no answer, and nothing is held against it."""
    if observed.kept_from is None:
        return ()
    what = "share of what the model would say, free to say anything, that is no label"
    return (Figure(what=what, value=observed.kept_from, unit="probability", interval=None),)


def _kept_from(observed: Observed) -> str:
    kept = observed.kept_from
    return "" if kept is None else f"; free to say anything it would say none with probability {kept:.2f}"


HALLUCINATION = Symptom(
    name="hallucination",
    definition="an answer is none of the task's labels; that the given text does not support an answer is no question "
    "where the answer is a label",
    unit="fraction",
    source="exact interval of a share: Clopper and Pearson (1934); answers that the source does not support: Ji et al. "
    "(2023), Survey of Hallucination in Natural Language Generation, ACM Computing Surveys 55, section 2",
    look=_look,
)
