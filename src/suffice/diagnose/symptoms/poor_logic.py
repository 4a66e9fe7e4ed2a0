"""Poor logic: steps that do not follow, in answers that show their steps."""

from __future__ import annotations

from suffice.diagnose.symptoms.symptom import Symptom
from suffice.records.symptoms import Looked, NotApplicable, Observed

_WITHOUT_STEPS = {"classify": "one label", "tools": "calls"}


def _look(observed: Observed) -> Looked:
    if observed.kind == "answer":
        return NotApplicable(symptom=POOR_LOGIC.name, why="the steps of traces were not computed anew")
    said = _WITHOUT_STEPS[observed.kind]
    why = f"an answer to a task of kind {observed.kind} is {said}: it has no steps that could be wrong"
    return NotApplicable(symptom=POOR_LOGIC.name, why=why)


POOR_LOGIC = Symptom(
    name="poor_logic",
    definition="an answer that shows its steps has a step that does not follow from those before it",
    unit="fraction",
    source="steps are judged one by one: Lightman et al. (2023), Let's Verify Step by Step, section 2",
    look=_look,
)
