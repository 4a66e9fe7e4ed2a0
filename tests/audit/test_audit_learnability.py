import numpy as np
import pytest

from suffice.audit.learnability import LEARNABILITY, learnability_of
from suffice.stats.binomial import interval
from suffice.stats.paired import PairedCounts
from suffice.stats.tango import difference_lower_bound, difference_upper_bound


def rows_of(n, *, labels="ab", customers=False):
    return [
        (f"words {k} of their own", labels[k % len(labels)], "train", f"c{k // 4}" if customers else None)
        for k in range(n)
    ]


def said(n, right, *, n_labels=2):
    """Log probabilities that answer the rows at these places as labelled, the others with the next label."""
    y = np.arange(n) % n_labels
    answered = np.where(np.isin(np.arange(n), list(right)), y, (y + 1) % n_labels)
    return np.log(np.eye(n_labels)[answered] * 0.8 + 0.1)


def learned(seen):
    return learnability_of(seen.models, seen.labels, seen.splits.groups[seen.models.rows])


def test_what_is_reached_is_summed_up(asked):
    half = [k < 40 for k in range(100)]
    found = learned(asked(rows_of(100), said(100, range(80)), smaller=[half]))
    assert (found.n, found.chance, found.majority) == (100, 0.5, 0.5)
    (rung,) = found.rungs
    assert (rung.rung, rung.n_train, rung.accuracy, rung.interval) == ("tfidf", 80, 0.8, interval(80, 100))
    assert [(point.n_train, point.accuracy) for point in found.curve] == [(40, 0.4), (80, 0.8)]
    assert found.last_doubling == pytest.approx(0.4)
    # Tango's score interval where 40 of 100 rows are gained and none lost: by tests/stats held against his tables.
    counts = PairedCounts(n=100, n_only_first=40, n_only_second=0)
    assert found.last_doubling_interval.low == pytest.approx(difference_lower_bound(counts, alpha=0.025))
    assert found.last_doubling_interval.high == pytest.approx(difference_upper_bound(counts, alpha=0.025))
    first, second = found.per_label
    assert (first.label, first.n, first.recall, first.recall_of_half) == ("a", 50, 0.8, 0.4)
    assert first.interval == interval(40, 50) == second.interval


def test_rows_of_one_customer_count_as_fewer(asked):
    alone, grouped = (
        learned(asked(rows_of(100, customers=customers), said(100, range(80)), smaller=[[k < 40 for k in range(100)]]))
        for customers in (False, True)
    )
    # Customers are answered all right or all wrong: four rows say as much as one.
    assert grouped.rungs[0].interval.low < alone.rungs[0].interval.low
    assert grouped.last_doubling_interval.low < alone.last_doubling_interval.low
    assert grouped.last_doubling == alone.last_doubling


@pytest.mark.parametrize(
    ("n", "before", "after", "more_rows"),
    [
        (1_000, 800, 850, "helps"),
        (1_000, 850, 850, "hardly"),
        # Five of 1,000 gained: 0.2 to 1.2 points.
        (1_000, 845, 850, "unclear"),
        # No row of 20 gained or lost says nothing: -16 to +16 points.
        (20, 16, 16, "unclear"),
    ],
)
def test_whether_more_rows_would_help_is_said_by_the_last_doubling(asked, n, before, after, more_rows):
    smaller = [[k < before for k in range(n)]]
    assert learned(asked(rows_of(n), said(n, range(after)), smaller=smaller)).more_rows == more_rows


def test_without_a_curve_nothing_is_said_of_more_rows(asked):
    found = learned(asked(rows_of(20), said(20, range(20))))
    assert (found.more_rows, found.last_doubling, found.last_doubling_interval) == ("unclear", None, None)
    assert found.per_label[0].recall_of_half is None


def test_a_set_from_which_nothing_is_learned_is_found(asked):
    seen = asked(rows_of(400), said(400, range(0, 400, 3)))
    assert LEARNABILITY.needs(seen) is None
    found, *_ = LEARNABILITY.look(seen)
    assert (LEARNABILITY.severity, found.rows.tolist()) == ("warn", [])
    assert found.got == (
        "out of fold the best of the cheap rungs, tfidf, is right in 33.5%, and the commonest label alone in 50.0%"
    )
    assert "data.text" in found.fix


def test_labels_that_surely_are_missed_more_often_than_found_are_named(asked):
    rows = rows_of(90, labels="abc")
    # By hand: of 30 rows of b, 9 right have an upper bound of 0.47, 10 of 0.50.
    right = [k for k in range(90) if k % 3 != 1 or k < 27]
    [found] = LEARNABILITY.look(asked(rows, said(90, right, n_labels=3)))
    assert (found.rows.tolist(), found.score) == (list(range(1, 90, 3)), pytest.approx(1 / 3))
    assert found.got == "found less than half of the time, out of fold: 'b' (30% of 30)"
    assert list(LEARNABILITY.look(asked(rows, said(90, [*right, 28, 31], n_labels=3)))) == []


def test_many_labels_that_are_not_learned_are_counted(asked):
    labels = "abcdefgh"
    [found] = LEARNABILITY.look(asked(rows_of(160, labels=labels), said(160, range(2, 160, 8), n_labels=8)))
    assert found.got.count("(0% of 20)") == 5
    assert found.got.endswith(" and 2 more")
    assert found.score == 7 / 8


def test_labels_that_are_learned_are_clear(asked):
    assert list(LEARNABILITY.look(asked(rows_of(100), said(100, range(90))))) == []


def test_not_applicable_where_no_model_was_asked(why_not):
    assert why_not("learnability", rows_of(20)) == "no model was asked about the rows"
