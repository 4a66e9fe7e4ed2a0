import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax

from suffice.stats.suspicion import UNSEEN_VOTE, judge, neighbour_votes, together
from suffice.stats.temperature import fit_temperature

SEEDS = st.integers(0, 10_000)


def drawn(seed, n=60, n_labels=4, strength=2.0):
    """Log probabilities that know something of the labels, and the labels."""
    rng = np.random.default_rng(seed)
    y = rng.integers(n_labels, size=n)
    return log_softmax(strength * np.eye(n_labels)[y] + rng.normal(size=(n, n_labels)), axis=1), y


@pytest.fixture
def as_they_are(monkeypatch):
    """No view is made more or less sure."""
    monkeypatch.setattr("suffice.stats.suspicion.fit_temperature", lambda view, y: 1.0)


@pytest.mark.usefixtures("as_they_are")
def test_views_are_averaged_in_logarithms():
    # By hand: the roots of 0.9 x 0.5 and 0.1 x 0.5 stand as 3 to 1.
    views = [np.log([[0.9, 0.1]]), np.log([[0.5, 0.5]])]
    assert together(views, np.array([0])) == pytest.approx(np.array([[0.75, 0.25]]))


@pytest.mark.usefixtures("as_they_are")
def test_a_row_that_a_view_does_not_speak_of_is_left_to_the_others():
    first, second = np.log([[0.9, 0.1], [0.8, 0.2]]), np.array([np.log([0.5, 0.5]), [np.nan, np.nan]])
    assert together([first, second], np.array([0, 0])) == pytest.approx(np.array([[0.75, 0.25], [0.8, 0.2]]))


def test_how_sure_a_view_is_by_itself_does_not_matter():
    view, y = drawn(0, n=500)
    other, _ = drawn(1, n=500)
    assert together([3.0 * view, other], y) == pytest.approx(together([view, other], y), abs=1e-4)


def test_temperatures_are_fitted_on_trusted_rows():
    view, y = drawn(0)
    trusted = np.arange(60) < 40
    by_hand = np.exp(log_softmax(view / fit_temperature(view[:40], y[:40]), axis=1))
    assert together([view], y, trusted=trusted) == pytest.approx(by_hand)
    assert together([view], y, trusted=trusted) != pytest.approx(together([view], y))


@pytest.mark.parametrize("n_spoken_of", [60, 20])
def test_a_view_that_speaks_of_no_trusted_row_is_fitted_on_all_that_it_speaks_of(n_spoken_of):
    view, y = drawn(0)
    view[n_spoken_of:] = np.nan
    other, _ = drawn(1)
    trusted = np.arange(60) >= 60 if n_spoken_of == 60 else np.arange(60) >= 20
    tempered = view[:20] / fit_temperature(view[:n_spoken_of], y[:n_spoken_of])
    first = together([other], y, trusted=trusted)
    both = np.log(first[:20]) + log_softmax(tempered, axis=1)
    assert together([other, view], y, trusted=trusted)[:20] == pytest.approx(np.exp(log_softmax(both / 2, axis=1)))


@given(SEEDS, st.integers(1, 3))
def test_probabilities_of_a_row_sum_to_one(seed, n_views):
    views = [drawn(seed + k)[0] for k in range(n_views)]
    assert together(views, drawn(seed)[1]).sum(axis=1) == pytest.approx(np.ones(60))


def test_a_row_is_judged_by_its_best_other_label():
    probs = np.array([[0.6, 0.3, 0.1]] * 3)
    judged = judge(probs, np.array([0, 1, 2]))
    assert judged.margin == pytest.approx(np.array([-0.3, 0.3, 0.5]))
    assert judged.suggested.tolist() == [0, 0, 0]
    assert judged.disputed.tolist() == [0, 0, 0]


def test_a_label_that_is_as_probable_as_another_stays():
    judged = judge(np.array([[0.5, 0.5]] * 2), np.array([0, 1]))
    assert (judged.suggested.tolist(), judged.margin.tolist()) == ([0, 1], [0.0, 0.0])


def test_labels_that_cannot_be_told_apart_count_as_one_and_make_a_row_disputed():
    same = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], dtype=bool)
    judged = judge(np.array([[0.6, 0.3, 0.1]] * 3), np.array([0, 1, 2]), same=same)
    # By hand: 0.9 for the pair against 0.1; for the third label 0.1 against its best other, 0.6.
    assert judged.margin == pytest.approx(np.array([-0.8, -0.8, 0.5]))
    assert judged.suggested.tolist() == [0, 1, 0]
    assert judged.disputed == pytest.approx(np.array([0.9, 0.9, 0.0]))


def test_where_no_label_can_be_told_from_another_rows_are_disputed_and_ranked_all_the_same():
    judged = judge(np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([1, 1]), same=np.ones((2, 2), dtype=bool))
    assert judged.margin == pytest.approx(np.array([0.8, 0.2]))
    assert judged.suggested.tolist() == [0, 0]
    assert judged.score[0] > judged.score[1]
    assert judged.disputed == pytest.approx(np.array([1.0, 1.0]))


@given(SEEDS)
def test_the_margin_is_the_normalised_margin_of_confident_learning(seed):
    view, y = drawn(seed)
    probs, rows = np.exp(view), np.arange(len(y))
    others = probs.copy()
    others[rows, y] = -np.inf
    # cleanlab's normalised margin, written out: (own - best other + 1) / 2, where lower is more suspect.
    normalised = (probs[rows, y] - others.max(axis=1) + 1) / 2
    assert judge(probs, y).margin == pytest.approx(1 - 2 * normalised)


@given(SEEDS, st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=4))
def test_a_suggestion_can_always_be_told_from_the_given_label(seed, pairs):
    view, y = drawn(seed)
    same = np.eye(4, dtype=bool)
    for a, b in pairs:
        same[a, b] = same[b, a] = True
    judged = judge(np.exp(view), y, same=same)
    changed = judged.suggested != y
    assert (judged.margin > 0).tolist() == changed.tolist()
    # Where nothing is left to tell a label from, it is told from each of the others.
    changed &= ~same.all(axis=1)[y]
    assert not same[y, judged.suggested][changed].any()
    assert (np.abs(judged.margin) <= 1).all()
    assert ((judged.disputed >= 0) & (judged.disputed <= 1 + 1e-12)).all()


def test_closer_neighbours_have_more_of_a_vote():
    votes = neighbour_votes(np.array([[1, 2], [0, 2], [-1, -1]]), NEAR, np.array([0, 1, 2]), n_labels=3)
    # By hand: a neighbour with the same text has one vote, one at 0.9 the e-th part; the rest is what none has.
    sums = np.array([UNSEEN_VOTE, 1 + UNSEEN_VOTE, np.exp(-1) + UNSEEN_VOTE])
    assert np.exp(votes[0]) == pytest.approx(sums / sums.sum())
    # Without a neighbour nothing is known.
    assert np.exp(votes[2]) == pytest.approx(np.full(3, 1 / 3))


NEAR = np.array([[1.0, 0.9], [1.0, 0.9], [-1.0, -1.0]])


def test_rows_that_are_not_trusted_have_no_vote():
    trusted = np.array([True, False, True])
    near = np.array([[1, 2], [0, 2], [-1, -1]])
    votes = neighbour_votes(near, NEAR, np.array([0, 1, 2]), n_labels=3, trusted=trusted)
    sums = np.array([UNSEEN_VOTE, UNSEEN_VOTE, np.exp(-1) + UNSEEN_VOTE])
    assert np.exp(votes[0]) == pytest.approx(sums / sums.sum())
    assert np.exp(votes[2]) == pytest.approx(np.full(3, 1 / 3))


def test_votes_of_rows_without_neighbours_are_even():
    votes = neighbour_votes(np.empty((2, 0), dtype=np.int64), np.empty((2, 0)), np.array([0, 1]), n_labels=2)
    assert np.exp(votes) == pytest.approx(np.full((2, 2), 0.5))
