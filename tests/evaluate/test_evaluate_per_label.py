from suffice.evaluate.per_label import per_label
from suffice.records.evaluation import LabelScore


def test_every_label_of_the_set_has_its_figures_in_its_order(score):
    # By hand: of three rows of a two are given a; of two given b one is b; nothing is, and nothing is given, c.
    assert per_label(score([0, 0, 0, 1], [0, 0, 1, 1])) == (
        LabelScore(label="a", precision=1.0, recall=2 / 3, f1=0.8, support=3),
        LabelScore(label="b", precision=0.5, recall=1.0, f1=2 / 3, support=1),
        LabelScore(label="c", precision=None, recall=None, f1=None, support=0),
    )


def test_a_label_without_rows_that_is_given_has_a_precision_alone(score):
    assert per_label(score([0, 0], [0, 2]))[2] == LabelScore(label="c", precision=0.0, recall=None, f1=None, support=0)


def test_an_invented_answer_costs_recall_and_no_precision(score):
    a, b, _ = per_label(score([0, 0, 1], [0, -1, 1], hosted=True))
    assert a == LabelScore(label="a", precision=1.0, recall=0.5, f1=2 / 3, support=2)
    assert b == LabelScore(label="b", precision=1.0, recall=1.0, f1=1.0, support=1)
