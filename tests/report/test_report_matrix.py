"""The confusion matrix: every count in its place, and a limit on labels."""

from dataclasses import replace

from report_fits import evaluation, label_names

from suffice.records.evaluation import ConfusionLayer, Evaluation
from suffice.report.matrix import MAX_LABELS, matrix_of


def _with_counts(labels: tuple[str, ...], counts: list[list[int]]) -> Evaluation:
    one = evaluation("tfidf", "run", labels=labels, split="validation", n=100, accuracy=0.9)
    return replace(one, confusion=ConfusionLayer(counts=tuple(tuple(row) for row in counts), worst=()))


def test_cells_hold_the_counts_and_are_tinted_by_their_share_of_the_row() -> None:
    matrix = matrix_of(_with_counts(("a", "b"), [[9, 1], [3, 3]]))
    assert [[cell.count for cell in row.cells] for row in matrix.rows] == [[9, 1], [3, 3]]
    # 9 of 10 right, 1 of 10 wrong; half and half.
    assert [[cell.tone for cell in row.cells] for row in matrix.rows] == [["right4", "wrong2"], ["wrong4", "right2"]]
    assert [row.n for row in matrix.rows] == [10, 6]


def test_a_label_without_rows_has_no_tint() -> None:
    matrix = matrix_of(_with_counts(("a", "b"), [[5, 0], [0, 0]]))
    assert [cell.tone for cell in matrix.rows[1].cells] == ["", ""]


def test_very_many_labels_are_cut_to_those_with_the_most_mistakes_in_their_order() -> None:
    n = MAX_LABELS + 20
    labels = tuple(f"label {k:03d}" for k in range(n))
    counts = [[0] * n for _ in range(n)]
    for k in range(n):
        counts[k][k] = 5
    counts[n - 1][0] = 3  # the last label is taken for the first
    matrix = matrix_of(_with_counts(labels, counts))
    assert len(matrix.labels) == len(matrix.rows) == MAX_LABELS
    assert matrix.n_left_out == 20
    assert {labels[0], labels[n - 1]} <= set(matrix.labels)
    assert list(matrix.labels) == sorted(matrix.labels)
    assert matrix.rows[-1].cells[0].count == 3


def test_up_to_eighty_labels_nothing_is_left_out() -> None:
    one = evaluation("tfidf", "run", labels=label_names(80), split="validation", n=800, accuracy=0.9)
    assert matrix_of(one).n_left_out == 0


def test_answers_that_are_no_label_have_a_column_of_their_own_and_count_in_their_row() -> None:
    one = _with_counts(("a", "b"), [[8, 1], [0, 5]])
    confusion = ConfusionLayer(counts=one.confusion.counts, worst=(), invented=(1, 0))
    matrix = matrix_of(replace(one, confusion=confusion))
    assert (matrix.labels, matrix.columns) == (("a", "b"), ("a", "b", "(no label of the set)"))
    assert [[cell.count for cell in row.cells] for row in matrix.rows] == [[8, 1, 1], [0, 5, 0]]
    # One of ten is invented, which tints as one of ten given another label does.
    assert [cell.tone for cell in matrix.rows[0].cells] == ["right3", "wrong2", "wrong2"]
    assert [row.n for row in matrix.rows] == [10, 5]


def test_rungs_that_can_only_give_labels_have_no_such_column() -> None:
    matrix = matrix_of(_with_counts(("a", "b"), [[8, 1], [0, 5]]))
    assert matrix.columns == matrix.labels
