import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suffice.evaluate.confusion import MAX_IDS, MAX_PAIRS, confusion
from suffice.evaluate.scored import Scored
from suffice.records.evaluation import ConfusedPair, Predictions
from suffice.records.labels import LabelSet


def test_the_matrix_has_labels_as_rows_and_answers_as_columns(score):
    layer = confusion(score([0, 0, 0, 1, 2], [0, 1, 1, 1, 0]))
    assert layer.counts == ((1, 2, 0), (0, 1, 0), (1, 0, 0))


def test_pairs_have_most_rows_first_and_the_surest_mistakes_first(score):
    scored = score([0, 0, 0, 1, 2], [0, 1, 1, 1, 0], confidence=[0.9, 0.6, 0.7, 0.9, 0.5])
    assert confusion(scored).worst == (
        ConfusedPair(label="a", predicted="b", count=2, share=2 / 3, ids=("id2", "id1")),
        ConfusedPair(label="c", predicted="a", count=1, share=1.0, ids=("id4",)),
    )


def test_equal_pairs_and_equally_sure_rows_keep_their_order(score):
    worst = confusion(score([2, 1, 2, 1, 0], [1, 0, 1, 0, 0])).worst
    assert [(pair.label, pair.ids) for pair in worst] == [("b", ("id1", "id3")), ("c", ("id0", "id2"))]


def test_no_mistake_leaves_no_pair(score):
    assert confusion(score([0, 1], [0, 1])).worst == ()


def test_at_most_fifty_pairs_and_twenty_rows_of_each_are_named_and_all_are_counted(score):
    y_true = [k for k in range(9) for _ in range(9)] + [0] * 24
    y_pred = [k for _ in range(9) for k in range(9)] + [1] * 24
    layer = confusion(score(y_true, y_pred, n_labels=9))
    # Nine labels have 72 pairs; the first has one row of the table and 24 more.
    assert (len(layer.worst), layer.worst[0].count, len(layer.worst[0].ids)) == (MAX_PAIRS, 25, MAX_IDS) == (50, 25, 20)
    assert sum(map(sum, layer.counts)) == 81 + 24
    # The others have one row each: the earlier label first, then the earlier answer.
    others = [(pair.label, pair.predicted) for pair in layer.worst[1:]]
    assert others == sorted(others)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # The fixture keeps nothing between examples.
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_pairs_hold_every_mistake_once(score, rows):
    y_true, y_pred = zip(*rows, strict=True)
    worst = confusion(score(y_true, y_pred, n_labels=4)).worst
    mistakes = sum(true != given for true, given in rows)
    assert sum(pair.count for pair in worst) == mistakes
    assert [pair.count for pair in worst] == sorted((pair.count for pair in worst), reverse=True)


def test_an_invented_answer_is_in_no_cell_and_of_no_pair_and_is_counted_by_label():
    labels = LabelSet(names=("a", "b", "c"))
    given_labels = np.array([0, -1, 1, -1, -1])
    predictions = Predictions(ids=tuple("vwxyz"), labels=labels, probs=None, n_truncated=0, given=given_labels)
    y_true = np.array([0, 0, 0, 1, 1])
    layer = confusion(Scored(predictions=predictions, y_true=y_true, groups=np.arange(5), n_empty=0, seed=0))
    assert layer.counts == ((1, 1, 0), (0, 0, 0), (0, 0, 0))
    assert layer.invented == (1, 2, 0)
    assert layer.worst == (ConfusedPair(label="a", predicted="b", count=1, share=1 / 3, ids=("x",)),)


def test_rungs_that_can_give_labels_alone_are_told_apart_from_those_that_invent_none(score):
    assert confusion(score([0, 1], [0, 1])).invented is None
    assert confusion(score([0, 1], [0, 1], hosted=True)).invented == (0, 0, 0)
