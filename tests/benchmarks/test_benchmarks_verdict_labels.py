"""The error rate of planted labels: which rows are taken, and what is made of reviews."""

from __future__ import annotations

from pathlib import Path

import bench
import cells
import numpy as np
import pytest
import verdict_labels
from planting import Labelled
from review_estimate import reviews

from suffice.records.labels import LabelSet


def labelled(name: str, *, n_labels: int, each: int) -> Labelled:
    y = np.tile(np.arange(n_labels), each)
    return Labelled(
        name=name,
        texts=[f"message {row} of {k}" for row, k in enumerate(y)],
        y=y,
        labels=LabelSet(names=tuple(f"label {k:02}" for k in range(n_labels))),
        test_texts=[],
        test_y=np.array([], dtype=np.int64),
    )


def test_its_minutes_are_declared() -> None:
    assert bench.minutes_of(Path(verdict_labels.__file__)) == verdict_labels.MINUTES


def test_every_rate_that_is_asked_for_is_planted_in_both_ways_and_none_once() -> None:
    names = verdict_labels.names(quick=False)
    assert len(names) == len(set(names)) == 2 * (1 + 2 * 4)
    assert {name.split(" ")[3] for name in names} == {"0", "0.02", "0.05", "0.1", "0.2"}


def test_rows_keep_their_labels_and_are_the_same_whenever_asked() -> None:
    whole = labelled("banking77", n_labels=7, each=40)
    some = verdict_labels.some_rows(whole, 60)
    assert len(some.texts) == 60
    assert [some.labels.names[k] for k in some.y] == [f"label {int(text.split()[-1]):02}" for text in some.texts]
    assert verdict_labels.some_rows(whole, 60).texts == some.texts


def test_of_clinc150_whole_labels_are_taken() -> None:
    some = verdict_labels.some_rows(labelled("clinc150", n_labels=9, each=100), 300)
    assert (len(some.labels), len(some.texts)) == (3, 300)
    assert np.bincount(some.y).tolist() == [100, 100, 100]


def test_a_case_is_met_where_it_covers_often_enough_and_is_narrow_enough() -> None:
    def one(half: float, *, off: int) -> cells.Measured:
        """Ten reviews, the last `off` of which lie above the truth."""
        low = [0.05 - half] * (10 - off) + [0.051] * off
        ends = {"low": low, "high": [end + 2 * half for end in low]}
        return ends | {
            "truth": 0.05,
            "estimate": [0.05] * 10,
            "flagged": 0.1,
            "share_in_top_tenth": 1.0,
            "rest_together": [ends["low"], ends["high"]],
        }

    def met(half: float, *, off: int) -> dict[str, object]:
        name = "banking77 3000 uniform 0.05 0 10"
        return verdict_labels.summary({name: one(half, off=off)})["cases"]["banking77 uniform 0.05"]

    assert met(0.02, off=1) | {"met": True, "covered": 0.9, "missed_above": 0.1} == met(0.02, off=1)
    assert not met(0.02, off=2)["met"]
    assert not met(0.021, off=0)["met"]


def test_a_review_of_a_ranking_that_has_all_errors_first_finds_them() -> None:
    wrong = np.arange(2_000) < 60
    estimate, low, high = reviews(wrong, n_flagged=60, seeds=range(5))
    assert (np.abs(estimate - 60) < 20).all()
    assert (low <= high).all()


@pytest.mark.real
def test_the_quick_form_ranks_and_reviews(tmp_path: Path) -> None:
    names = verdict_labels.names(quick=True)
    measured = cells.measure(names, lambda name: verdict_labels.cell(name, None), kept=tmp_path / "cells.jsonl")
    table = verdict_labels.summary(measured)
    assert table["of"] == 2
    assert all(line["covered"] >= 0.5 for line in table["cases"].values())
