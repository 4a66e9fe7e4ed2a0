"""What one rung answered to the symptoms of a model that is too small: found, clear or not applicable; they explain and
never decide.
"""

from suffice.diagnose.symptoms.hallucination import HALLUCINATION
from suffice.diagnose.symptoms.no_gain import NO_GAIN
from suffice.diagnose.symptoms.poor_logic import POOR_LOGIC
from suffice.diagnose.symptoms.prompt_reliance import PROMPT_RELIANCE
from suffice.diagnose.symptoms.repetition import REPETITION
from suffice.diagnose.symptoms.symptom import Symptom
from suffice.records.symptoms import Looked, Observed

SYMPTOMS: tuple[Symptom, ...] = (REPETITION, POOR_LOGIC, NO_GAIN, HALLUCINATION, PROMPT_RELIANCE)
"""All of them, in the order in which they are told."""


def look(observed: Observed) -> tuple[Looked, ...]:
    """What every symptom says of one rung, in the order of `SYMPTOMS`.

    Args:
        observed: the rung's answers, and what else was run.
    """
    return tuple(symptom.look(observed) for symptom in SYMPTOMS)


__all__ = ["SYMPTOMS", "Symptom", "look"]
