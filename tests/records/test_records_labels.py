import pytest

from suffice.records.labels import LabelSet


def test_the_labels_seen_are_a_sorted_set():
    assert LabelSet.of(["b", "a", "b"]).names == ("a", "b")


def test_labels_are_encoded_as_positions_in_the_order_of_the_set():
    labels = LabelSet(names=("late", "early"))
    assert labels.encode(["early", "late", "early"]).tolist() == [1, 0, 1]
    assert len(labels) == 2


def test_a_label_outside_the_set_is_never_encoded():
    with pytest.raises(KeyError, match="biling"):
        LabelSet(names=("billing",)).encode(["billing", "biling"])
