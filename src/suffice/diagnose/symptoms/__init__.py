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
    return tuple(_with_what_it_tells(symptom.look(observed)) for symptom in SYMPTOMS)


def _with_what_it_tells(one: Looked) -> Looked:
    return one if isinstance(one, NotApplicable) else replace(one, seen=seen_before(one.symptom))


__all__ = ["SYMPTOMS", "Symptom", "look"]
