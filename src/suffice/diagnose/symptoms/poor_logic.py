"""Poor logic: steps that do not follow, in answers that show their steps."""

from __future__ import annotations

from suffice.diagnose.symptoms.symptom import Symptom, shown
from suffice.records.evaluation import NotMeasured
from suffice.records.symptoms import Looked, NotApplicable, Observed
from suffice.text.counted import counted

THRESHOLD = 0.05
"""Of the answers that show their steps."""
THRESHOLD_FROM = (
    "this project's: more than one trace in twenty with a step that is wrong beyond doubt; found where the lower end "
    "of the exact 95% interval is above it"
)


def _look(observed: Observed) -> Looked:
    if observed.kind == "tools":
        return NotApplicable(symptom=POOR_LOGIC.name, why="calls have no steps that could be wrong")
    if observed.answers is not None:
        trace = observed.answers.trace
        if isinstance(trace, NotMeasured):
            return NotApplicable(symptom=POOR_LOGIC.name, why=trace.why)
        return shown(
            POOR_LOGIC,
            trace.wrong_step,
            what="answers with steps have a wrong one",
            threshold=THRESHOLD,
            threshold_from=THRESHOLD_FROM,
            beside=f"; {trace.n_wrong:,} of {counted(trace.n_equations, 'equation')} do not hold",
        )
    return NotApplicable(
        symptom=POOR_LOGIC.name,
        why=f"an answer to a task of kind {observed.kind} is one label: it has no steps that could be wrong",
    )


POOR_LOGIC = Symptom(
    name="poor_logic",
    definition="an answer that shows its steps has a step that does not follow from those before it",
    unit="fraction",
    source="steps are judged one by one: Lightman et al. (2023), Let's Verify Step by Step, section 2",
    look=_look,
)
