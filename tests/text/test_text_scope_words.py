from __future__ import annotations

from dataclasses import replace

from suffice.records.scope import ScopeRecord
from suffice.text.scope_words import scope_sentence

RECORD = ScopeRecord(
    measure="logit",
    max_refused=0.05,
    threshold=1.25,
    n_inside=1200,
    n_refused=48,
    outside_by="held_out",
    n_outside=1200,
    n_caught=700,
    separation=0.9,
)


def test_it_says_from_where_on_and_by_what_it_was_told() -> None:
    said = scope_sentence(RECORD)
    assert said.startswith("Messages with `out_of_scope` above 1.25 go to review: 48 of 1,200 messages in scope")
    assert "700 of 1,200 messages of labels that were held out in turn" in said
    by_label = scope_sentence(replace(RECORD, outside_by="out_of_scope", n_outside=40, n_caught=36))
    assert "36 of 40 messages that the data calls out of scope" in by_label
    assert "nothing tells how many others" in scope_sentence(replace(RECORD, n_outside=0, n_caught=0))


def test_without_a_threshold_it_says_why() -> None:
    none = replace(RECORD, threshold=None, why="19 messages are needed; there are 6")
    assert scope_sentence(none) == "No message is taken for out of scope: 19 messages are needed; there are 6"
