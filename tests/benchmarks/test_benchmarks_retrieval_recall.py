"""The benchmark of retrieval, on a world of a few places."""

from __future__ import annotations

from pathlib import Path

import pytest
from retrieval_recall import FORMS, measured_world, pooled, world_of


def test_a_seed_is_a_world_and_every_fact_is_said_once() -> None:
    world = world_of(3, n_stems=3)
    assert world == world_of(3, n_stems=3) != world_of(4, n_stems=3)
    assert len(world.questions["same words"]) == 18
    everything = "\n".join(world.files.values()).replace("<br>", "\n").replace("<p>", "\n").replace('": "', "\n")
    said = everything.replace("\\n", "\n").replace("</p>", "\n").split("\n")
    for form in FORMS:
        assert [said.count(fact) for fact in world.facts[form].values()] == [1] * 18


def test_a_slip_is_in_the_stem_alone() -> None:
    world = world_of(5, n_stems=3)
    for place, question in world.questions["slip in the name"].items():
        stem, kind = place.split()
        assert place not in question
        assert kind in question
        assert stem not in question


def test_a_world_is_read_whole_and_its_questions_are_scored(tmp_path: Path, tiny_bert: Path) -> None:
    figures = measured_world(world_of(0, n_stems=3), tmp_path, encoder=str(tiny_bert))
    assert (figures["n_files"], figures["n_passages"], figures["n_skipped"]) == (32, 72, 0)
    added = pooled([figures, figures])
    assert added["all forms"]["bm25 at 1"]["n"] == 2 * 3 * 18
    assert added["same words"]["bm25 at 5"]["recall"] == pytest.approx(1.0)
    assert added["slip in the name"]["bm25 at 1"]["recall"] < 0.5
    # The sum of the forms, by hand.
    parts = [added[form]["fused at 5"]["recall"] * 36 for form in FORMS]
    assert added["all forms"]["fused at 5"]["recall"] == pytest.approx(sum(parts) / 108, abs=1e-3)
