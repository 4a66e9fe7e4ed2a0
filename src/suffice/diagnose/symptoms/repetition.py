"""Repetition and generic output. A closed label set leaves one way to repeat: the same labels for everything."""

from __future__ import annotations

import numpy as np

from suffice.diagnose.symptoms.symptom import Symptom, bounds, share, shown
from suffice.records.completion_evaluation import RepetitionLayer
from suffice.records.evaluation import NotMeasured
from suffice.records.labels import INVENTED
from suffice.records.symptoms import Clear, Figure, Found, Looked, NotApplicable, Observed
from suffice.stats.repetition import label_entropy
from suffice.text.rounding import fraction, percent

THRESHOLD = 0.9
"""Of the entropy of the data's labels."""
THRESHOLD_FROM = (
    "this project's: a tenth of what the labels tell is then never said, as if K even labels were K^0.9 (77 labels "
    "50); found where the upper end of the interval is below it"
)

LOOPS = 0.05
"""Of the completions."""
LOOPS_FROM = (
    "this project's: more than one completion in twenty half of whose 4-grams were there before; found where the lower "
    "end of the exact 95% interval is above it"
)


def _look(observed: Observed) -> Looked:
    if observed.answers is not None:
        return _looked_of_texts(observed.answers.repetition)
    n_labels = len(observed.labels)
    # An answer outside the label set is one more thing that is said.
    y_pred = np.where(observed.y_pred == INVENTED, n_labels, observed.y_pred)
    found = label_entropy(
        observed.y_true,
        y_pred,
        n_labels=n_labels + 1,
        groups=observed.groups,
        seed=observed.seed,
        # Both ends are one-sided bounds at 5%, as in the other symptoms.
        confidence=0.9,
    )
    if found is None:
        return NotApplicable(symptom=REPETITION.name, why="all rows have one label: nothing could be more varied")
    most = int(np.bincount(y_pred).argmax())
    name = "no label" if most == n_labels else observed.labels.names[most]
    figures = (
        Figure(
            what="entropy of the predicted labels over that of the data's",
            value=found.ratio,
            unit="fraction",
            interval=found.ratio_interval,
        ),
        Figure(what="entropy of the predicted labels", value=found.predicted_bits, unit="bits", interval=None),
        Figure(
            what="entropy of the data's labels; the interval is of as many answers drawn by their shares",
            value=found.data_bits,
            unit="bits",
            interval=found.null_bits,
        ),
        share(f"answers that are the most predicted label, {name}", y_pred == most, observed.groups),
        share(f"rows that have the label {name}", observed.y_true == most, observed.groups),
    )
    return (Found if bounds(figures[0])[1] < THRESHOLD else Clear)(
        symptom=REPETITION.name,
        figures=figures,
        threshold=THRESHOLD,
        threshold_from=THRESHOLD_FROM,
        says=f"the predicted labels have {found.predicted_bits:.2f} bits of entropy, the data's {found.data_bits:.2f} "
        f"({fraction(found.ratio, against=THRESHOLD)} of it); the most predicted, {name}, is "
        f"{percent(figures[3].value)} of the answers and {percent(figures[4].value)} of the rows",
    )


def _looked_of_texts(found: RepetitionLayer | NotMeasured) -> Looked:
    """Completions that go round in circles; how generic they are is told beside it."""
    if isinstance(found, NotMeasured):
        return NotApplicable(symptom=REPETITION.name, why=found.why)
    alike = f"{percent(found.same_text.share)} are word for word those of another question"
    commonest = f"the commonest answer is {percent(found.commonest_share)} of all, the commonest right one"
    return shown(
        REPETITION,
        found.loops,
        what="completions go round in circles",
        threshold=LOOPS,
        threshold_from=LOOPS_FROM,
        beside=f"; beside that, held against no threshold, {alike}, and "
        f"{commonest} {percent(found.commonest_gold_share)}",
    )


REPETITION = Symptom(
    name="repetition",
    definition="answers are less varied than what they answer: of labels, the predicted ones have less entropy than "
    "the data's; of texts, they go round in circles",
    unit="fraction",
    source="entropy: Shannon (1948); of texts, distinct n-grams: Li et al. (2016), repeated: Welleck et al. (2020)",
    look=_look,
)
