"""Hallucination. Of labels: answers that are none; of calls: tools that there are not; of free answers: what neither
question nor context says.
"""

from __future__ import annotations

from suffice.diagnose.symptoms.symptom import Symptom, bounds, share, shown
from suffice.records.completion_evaluation import CompletionEvaluation, RowShare
from suffice.records.evaluation import NotMeasured
from suffice.records.labels import INVENTED
from suffice.records.symptoms import Clear, Figure, Found, Looked, NotApplicable, Observed
from suffice.text.rounding import percent

THRESHOLD = 0.01
"""Of the answers."""
THRESHOLD_FROM = (
    "this project's: more than one answer in a hundred that no program can use; found where the lower end of the exact "
    "interval is above it"
)

UNSUPPORTED = 0.05
"""Of the answers to rows with a context."""
UNSUPPORTED_FROM = (
    "this project's: more than one answer in twenty with a number or name from nowhere; found where the lower end of "
    "the exact 95% interval is above it"
)


def _look(observed: Observed) -> Looked:
    if observed.answers is not None:
        return _of_calls(observed.answers) if observed.kind == "tools" else _of_answers(observed.answers)
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


def _of_answers(answers: CompletionEvaluation) -> Looked:
    """By what stands in neither question nor context."""
    support = answers.support
    if isinstance(support, NotMeasured):
        return NotApplicable(symptom=HALLUCINATION.name, why=support.why)
    return shown(
        HALLUCINATION,
        support.unsupported,
        what="answers say something that stands in neither question nor context",
        threshold=UNSUPPORTED,
        threshold_from=UNSUPPORTED_FROM,
        beside=f"; {support.right_unsupported:,} of these are right",
    )


def _of_calls(answers: CompletionEvaluation) -> Looked:
    """By calls of tools that there are not; those that were made where none is right have a class of their own."""
    (invented,) = [one for one in answers.waterfall.classes if one.name == "invented_tool"]
    found = RowShare(of=answers.n, n=invented.n, share=invented.share, interval=invented.interval, ids=invented.ids)
    return shown(
        HALLUCINATION,
        found,
        what="requests are answered by a call of a tool that there is not",
        threshold=THRESHOLD,
        threshold_from=THRESHOLD_FROM,
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
    definition="an answer is none of the task's labels, or calls a tool that is not offered; of free answers, it says "
    "what the text that was given does not",
    unit="fraction",
    source="exact interval of a share: Clopper and Pearson (1934); answers that the source does not support: Ji et al. "
    "(2023), Survey of Hallucination in Natural Language Generation, ACM Computing Surveys 55, section 2",
    look=_look,
)
