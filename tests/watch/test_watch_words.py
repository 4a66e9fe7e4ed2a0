"""Words that nobody has trained on."""

from __future__ import annotations

from suffice.watch.words import known_words, unknown_shares


def test_shares_are_by_canonical_words():
    known = known_words(["My card, please!", "lost it"])
    assert unknown_shares(["MY CARD", "my crad", "lost parcel please now", ""], known).tolist() == [0.0, 0.5, 0.5, 0.0]
