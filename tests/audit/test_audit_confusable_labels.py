import numpy as np
import pytest

from suffice.audit.confusable_labels import CONFUSABLE_LABELS

ROWS = [(f"text {k}", "abc"[k % 3], "test" if k > 29 else "train") for k in range(33)]


def said(of_b):
    """Ten rows of b with these probabilities of a and b; rows of a and c are known."""
    probs = np.eye(3)[np.arange(30) % 3] * 0.25 + 0.25
    probs[np.arange(30) % 3 == 1, :2] = of_b
    return np.log(probs)


@pytest.mark.parametrize(
    ("of_b", "auc", "verdict"),
    [
        # All in one place: by hand, every pair is tied.
        ([0.5, 0.25], 0.5, "the data cannot tell them apart (50% of pairs"),
        ([0.4, 0.35], 1.0, "the data tells them apart, but not well (100% of pairs"),
    ],
)
def test_labels_that_are_taken_for_each_other_are_found_with_what_merging_gains(asked, of_b, auc, verdict):
    seen = asked(ROWS, said([of_b] * 10))
    assert CONFUSABLE_LABELS.needs(seen) is None
    [found] = CONFUSABLE_LABELS.look(seen)
    assert (CONFUSABLE_LABELS.severity, found.score) == ("warn", pytest.approx(1 - auc))
    assert found.rows.tolist() == list(range(1, 30, 3))
    assert found.got.startswith(f"'a' and 'b': {verdict}")
    # By hand: ten of thirty rows would be right.
    assert "10 messages of their 20 taken for the other label" in found.got
    assert found.got.endswith("33.3 points of accuracy")
    assert "what sets 'a' apart from 'b'" in found.fix


def test_labels_that_are_told_apart_are_clear(asked):
    few = [[0.5, 0.25]] * 4 + [[0.25, 0.5]] * 6
    assert list(CONFUSABLE_LABELS.look(asked(ROWS, said(few)))) == []


def test_not_applicable_where_no_model_was_asked(why_not):
    assert why_not("confusable_labels", ROWS) == "no model was asked about the rows"
