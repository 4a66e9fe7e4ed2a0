from dataclasses import replace

import numpy as np

from suffice.evaluate.clusters.subjects import MAX_FAILURES, subjects


def test_dense_failures_make_a_place_of_which_any_row_can_be_said_to_lie_in_it(rows):
    data = rows(lambda subject, phrase, divides: 1.0 if subject < 2 else 0.0)
    places = subjects(data, np.flatnonzero(data.failed)[::2], seed=0)
    assert places.shape[0] == 400
    assert places.shape[1] >= 2
    # The two subjects stand at right angles, so that no place holds rows of both.
    axis = data.vectors.argmax(axis=1)
    assert all(len(set(axis[place])) == 1 for place in places.T)


def test_few_failures_and_texts_of_one_meaning_have_no_places(rows):
    data = rows(lambda *of: 0.5)
    assert subjects(data, np.arange(9), seed=0).shape == (400, 0)
    same = replace(data, vectors=np.ones((400, 4), dtype=np.float32) / 2)
    assert subjects(same, np.flatnonzero(data.failed), seed=0).shape == (400, 0)


def test_of_very_many_failures_as_many_as_can_be_looked_at_are_drawn(rows):
    data = rows(lambda *of: 1.0, n=MAX_FAILURES + 500)
    places = subjects(data, np.arange(len(data.ids)), seed=0)
    assert places.shape[0] == len(data.ids)
