"""Which requests are worth a label."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest

from suffice.watch.draw import is_drawn, wanted

IDS = [UUID(int=int(i), version=4).hex for i in np.random.default_rng(0).integers(0, 2**62, 40_000)]


def test_one_in_k_is_drawn_and_again_the_same():
    drawn = np.array(is_drawn(IDS, one_in=200))
    # 200 expected, with a standard deviation of 14.
    assert 150 < drawn.sum() < 250
    assert is_drawn(IDS[::-1], one_in=200) == drawn[::-1].tolist()
    assert all(is_drawn(IDS[:50], one_in=1))
    half = np.array(is_drawn(IDS, one_in=100))
    assert (half | ~drawn).all()


def test_the_draw_knows_nothing_of_the_answer(entry):
    ids = [one for one, drawn in zip(IDS, is_drawn(IDS, one_in=200), strict=True) if drawn][:2]
    rest = [one for one, drawn in zip(IDS, is_drawn(IDS, one_in=200), strict=True) if not drawn][:3]
    made = [
        entry(1, id=ids[0], route="review"),
        entry(2, id=ids[1]),
        entry(3, id=rest[0], route="review"),
        entry(4, id=rest[1], route="escalated"),
        entry(5, id=rest[2]),
    ]
    assert [(one.entry.id, one.why) for one in wanted(made, one_in=200)] == [
        (ids[0], "random"),
        (ids[1], "random"),
        (rest[0], "review"),
        (rest[1], "escalated"),
    ]


def test_a_disputed_request_is_told_from_others_that_were_sent_on_or_flagged(entry):
    rest = [one for one, drawn in zip(IDS, is_drawn(IDS, one_in=200), strict=True) if not drawn][:5]
    made = [
        entry(1, id=rest[0], route="escalated"),
        entry(2, id=rest[1], route="escalated", disputed=True),
        entry(3, id=rest[2], route="review", disputed=True),  # The endpoint's answer came too late to be given.
        entry(4, id=rest[3], route="review", text_hash="same"),
        entry(5, id=rest[4], route="escalated", text_hash="same", disputed=True),
    ]
    assert [(one.entry.id, one.why) for one in wanted(made, one_in=200)] == [
        (rest[0], "escalated"),
        (rest[1], "disputed"),
        (rest[2], "disputed"),
        (rest[4], "disputed"),
    ]


@pytest.mark.parametrize("flagged_first", [True, False])
def test_a_message_that_was_also_drawn_is_random_and_there_once(entry, flagged_first):
    drawn = next(one for one, is_one in zip(IDS, is_drawn(IDS, one_in=200), strict=True) if is_one)
    flagged = next(one for one, is_one in zip(IDS, is_drawn(IDS, one_in=200), strict=True) if not is_one)
    times = (1.0, 2.0) if flagged_first else (2.0, 1.0)
    made = [
        entry(1, id=flagged, at=times[0], route="review", text_hash="same"),
        entry(2, id=drawn, at=times[1], text_hash="same"),
    ]
    assert [(one.entry.id, one.why) for one in wanted(made, one_in=200)] == [(drawn, "random")]
