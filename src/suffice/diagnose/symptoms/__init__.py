"""What one rung answered to the symptoms of a model that is too small: found, clear or not applicable; they explain and
never decide.
"""

from dataclasses import replace

from suffice.diagnose.symptoms.hallucination import HALLUCINATION
from suffice.diagnose.symptoms.no_gain import NO_GAIN
from suffice.diagnose.symptoms.poor_logic import POOR_LOGIC
from suffice.diagnose.symptoms.prompt_reliance import PROMPT_RELIANCE
from suffice.diagnose.symptoms.repetition import REPETITION
from suffice.diagnose.symptoms.seen import seen_before
from suffice.diagnose.symptoms.symptom import Symptom
from suffice.records.symptoms import Looked, NotApplicable, Observed

SYMPTOMS: tuple[Symptom, ...] = (REPETITION, POOR_LOGIC, NO_GAIN, HALLUCINATION, PROMPT_RELIANCE)
"""All of them, in the order in which they are told."""


def look(observed: Observed) -> tuple[Looked, ...]:
    """What every symptom says of one rung, in the order of `SYMPTOMS`.

    Args:
        observed: the rung's answers, and what else was run.
    """
    return tuple(_told(symptom, symptom.look(observed)) for symptom in SYMPTOMS)


def _told(symptom: Symptom, one: Looked) -> Looked:
    """With what the symptom means, and how often it was found in cases of which the cause is known."""
    told = replace(one, definition=symptom.definition, source=symptom.source)
    return told if isinstance(told, NotApplicable) else replace(told, seen=seen_before(symptom.name))


__all__ = ["SYMPTOMS", "Symptom", "look"]
