import numpy as np
import pytest
from scipy import stats

from suffice.diagnose.symptoms.hallucination import HALLUCINATION
from suffice.records.labels import INVENTED
from suffice.records.symptoms import Clear, Found


def invented(n):
    return np.where(np.arange(400) < n, INVENTED, np.arange(400) % 4)


# It is never not applicable: whether answers are labels can be asked of every rung.
def test_invented_labels_are_found(observed):
    looked = HALLUCINATION.look(observed(closed=False, y_pred=invented(12)))
    assert isinstance(looked, Found)
    assert looked.figures[0].value == pytest.approx(0.03)
    # Clopper-Pearson, as scipy has it.
    exact = stats.binomtest(12, 400).proportion_ci(confidence_level=0.9, method="exact")
    assert (looked.figures[0].interval.low, looked.figures[0].interval.high) == pytest.approx((exact.low, exact.high))
    assert looked.says == "3.0% of the answers are no label (1.7% to 4.9%)"


def test_a_few_invented_labels_of_many_answers_are_clear(observed):
    looked = HALLUCINATION.look(observed(closed=False, y_pred=invented(3)))
    assert isinstance(looked, Clear)
    assert looked.figures[0].interval.low < 0.01 < looked.figures[0].interval.high


def test_a_closed_rung_is_clear_by_construction(observed):
    looked = HALLUCINATION.look(observed())
    assert isinstance(looked, Clear)
    assert looked.figures == ()
    assert looked.says == "smollm2-135m can answer with nothing but a label"


def test_what_a_closed_rung_was_kept_from_is_told_and_not_held_against_it(observed):
    looked = HALLUCINATION.look(observed(kept_from=0.25))
    assert isinstance(looked, Clear)
    assert (looked.figures[0].value, looked.figures[0].unit) == (0.25, "probability")
    assert looked.says.endswith("; free to say anything it would say none with probability 0.25")
