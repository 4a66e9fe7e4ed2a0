"""Which rows are shown."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
from rung_data import LABELS, TEXTS, Y, data

from suffice.rungs.shots import shown_rows


def test_every_label_that_has_rows_comes_once_before_one_comes_twice() -> None:
    shown = shown_rows(data(few=True), n_shots=9, seed=0)
    # By hand: three of four labels have rows, so that nine are three turns.
    for first in (0, 3, 6):
        assert sorted(LABELS.names[k] for k in Y[shown[first : first + 3]]) == ["card", "refund", "transfer"]


def test_fewer_shots_are_the_first_of_more_and_another_seed_draws_others() -> None:
    eight = shown_rows(data(few=True), n_shots=8, seed=3)
    assert shown_rows(data(few=True), n_shots=3, seed=3).tolist() == eight[:3].tolist()
    assert shown_rows(data(few=True), n_shots=0, seed=3).tolist() == []
    assert shown_rows(data(few=True), n_shots=8, seed=4).tolist() != eight.tolist()


def test_tune_rows_are_never_shown() -> None:
    rows = data()
    shown = shown_rows(rows, n_shots=100, seed=0)
    assert sorted(shown.tolist()) == rows.fit_rows.tolist()
    assert not set(shown.tolist()) & set(rows.tune.tolist())


def test_empty_messages_and_copies_are_not_shown() -> None:
    texts = ["", "  ", "card!", " card! ", "refund?", "refund?"]
    rows = data(few=True, texts=texts, y=[0, 0, 0, 0, 2, 2])
    for seed in range(5):
        shown = shown_rows(rows, n_shots=6, seed=seed)
        assert Counter(texts[i].strip() for i in shown) == {"card!": 1, "refund?": 1}


def test_a_label_with_few_rows_leaves_its_turns_to_the_others() -> None:
    rows = replace(data(few=True), y=np.where(np.arange(len(TEXTS)) == 5, 0, 2))
    shown = shown_rows(rows, n_shots=4, seed=0)
    assert sorted(rows.y[shown].tolist()) == [0, 2, 2, 2]
    assert 5 in shown[:2]
