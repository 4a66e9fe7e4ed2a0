"""A scope from what a rung was taught, on points in the plane whose distances can be seen."""

from __future__ import annotations

import numpy as np
import pytest

from suffice.bundles.scope_fit import Taught, fit_scope
from suffice.rungs.interface import Scores

CORNERS = np.array([[9.0, 0.0], [0.0, 9.0], [-9.0, 0.0], [0.0, -9.0]])


def score(texts):
    """Messages are points: `x y`; a label's logit is what its corner has in common with them."""
    points = np.array([[float(part) for part in text.split()] for text in texts])
    return Scores(logits=points @ CORNERS.T, truncated=np.zeros(len(texts), np.bool_), features=points.astype("f4"))


def around(corners, n, *, seed):
    draw = np.random.default_rng(seed)
    y = np.arange(n) % len(corners)
    return [f"{a:.3f} {b:.3f}" for a, b in corners[y] + draw.normal(size=(n, 2))], y


def taught(*, n_unseen=200, outside=()):
    texts, y = around(CORNERS, 400, seed=0)
    unseen, y_unseen = around(CORNERS, n_unseen, seed=1)
    return Taught(texts=texts, y=y, unseen=unseen, y_unseen=y_unseen, outside=outside)


def found(rows, *, measure, refit=None, max_refused=0.05):
    return fit_scope(rows, measure=measure, score=score, refit=refit, max_refused=max_refused, seed=0)


@pytest.mark.parametrize("measure", ["distance", "logit"])
def test_messages_that_the_data_calls_outside_set_the_threshold(measure):
    middle, _ = around(np.zeros((1, 2)), 50, seed=2)
    scope = found(taught(outside=middle), measure=measure)
    record = scope.record
    assert (record.measure, record.outside_by, record.why) == (measure, "out_of_scope", None)
    assert (record.n_inside, record.n_outside, record.n_caught) == (200, 50, 50)
    assert record.separation == 1.0
    assert record.n_refused == 0  # All that is outside lies beyond all that is inside: nothing is gained by refusing.
    assert (scope.of(score(middle)) > record.threshold).all()


def test_labels_held_out_in_turn_stand_for_them_otherwise():
    record = found(taught(), measure="distance").record
    assert (record.outside_by, record.n_outside) == ("held_out", 200)
    assert record.n_caught == 200  # Every corner is far from the three others.
    assert record.n_refused <= 0.05 * 200


def test_a_label_that_is_left_out_of_the_scores_speaks_for_nothing():
    record = found(taught(), measure="logit").record
    assert record.n_outside == 200
    assert record.separation > 0.99


def test_a_rung_that_is_fitted_in_seconds_is_fitted_without_them():
    kept_labels = []

    def refit(kept):
        kept_labels.append(set(rows.y[kept].tolist()))
        return score

    rows = taught()
    record = found(rows, measure="logit", refit=refit).record
    assert sorted(map(len, kept_labels)) == [3, 3, 3, 3]
    assert set().union(*({0, 1, 2, 3} - kept for kept in kept_labels)) == {0, 1, 2, 3}
    # This refit has unlearnt nothing, so that what was held out lies where the others do.
    assert record.separation == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("n_unseen", [0, 10])
def test_too_few_messages_set_no_threshold_and_say_how_many_would(n_unseen):
    scope = found(taught(n_unseen=n_unseen), measure="distance")
    record = scope.record
    assert (record.threshold, record.n_refused, record.n_caught) == (None, 0, 0)
    assert (
        record.why == f"19 messages in scope that were not seen before are needed to refuse at most 0.05 of them; "
        f"there are {n_unseen}"
    )
    assert np.isfinite(scope.of(score(["1 2"]))).all()


def test_one_label_alone_has_nothing_to_hold_out():
    texts, y = around(CORNERS[:1], 60, seed=0)
    record = found(Taught(texts=texts, y=y, unseen=texts[:30], y_unseen=y[:30], outside=()), measure="distance").record
    assert (record.n_outside, record.separation) == (0, None)
    assert record.n_refused == 0  # Of 30, one may be... the next is refused with a chance of 1 in 31.
