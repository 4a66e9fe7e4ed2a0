"""Tuned language models on one base: one that is part of it, several beside one another, and from one to the other."""

from __future__ import annotations

import shutil
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rung_data import ASKED, LABELS, fit, reloaded, settings

from suffice.rungs import shared_bases
from suffice.rungs.causal import TunedCausal
from suffice.rungs.interface import SharesBase
from suffice.rungs.shared_bases import Beside, OnSharedBase, SharedBases


@pytest.fixture
def saved(tiny_gemma3: Path, tmp_path: Path) -> dict[str, Path]:
    """Two rungs of one base, and what each comes to alone."""
    found = {}
    for output in ("tokens", "head"):
        (tmp_path / output).mkdir()
        how = settings(epochs=1, learning_rate=5e-2, label_output=output)
        fitted = fit("NAME", tiny_gemma3, tmp_path / output / "checkpoints", how=how)
        reloaded("NAME", fitted, tmp_path / output / "saved")
        found[output] = tmp_path / output / "saved"
    return found


def test_rungs_of_one_base_share_it_and_answer_as_each_does_alone(saved: dict[str, Path], tmp_path: Path) -> None:
    bases = SharedBases()
    rungs = {name: bases.load(folder, LABELS) for name, folder in saved.items()}
    one, other = rungs.values()
    assert isinstance(one, OnSharedBase)
    assert isinstance(one, SharesBase)
    assert isinstance(other, OnSharedBase)
    assert one.shared is other.shared
    alone = {name: TunedCausal.load(folder, LABELS, base_folder=None) for name, folder in saved.items()}
    for name, rung in rungs.items():
        np.testing.assert_allclose(rung.scores(ASKED).logits, alone[name].scores(ASKED).logits, atol=1e-4, rtol=1e-4)
    asked = [(rung, rung.read([text])[0]) for text in ASKED for rung in (one, other)]
    together = one.scored_beside(asked)
    apart = [rung.scores([text]).logits[0] for text in ASKED for rung in (one, other)]
    np.testing.assert_allclose(np.stack(together), np.stack(apart), atol=1e-4, rtol=1e-4)
    assert one.size().base_bytes > 0
    one.save(tmp_path / "copy")
    assert {path.name for path in (tmp_path / "copy").iterdir()} == {path.name for path in saved["tokens"].iterdir()}


def test_one_that_has_left_finishes_what_it_began_and_the_others_stay(saved: dict[str, Path]) -> None:
    bases = SharedBases()
    leaving, staying = (bases.load(saved["tokens"], LABELS) for _ in range(2))
    assert isinstance(leaving, OnSharedBase)
    assert isinstance(staying, OnSharedBase)
    before = leaving.scores(ASKED).logits
    leaving.leave()
    assert staying.shared.beside is not None
    assert len(staying.shared.beside.bank.names) == 1
    np.testing.assert_allclose(leaving.scores(ASKED).logits, before, atol=1e-5)
    np.testing.assert_allclose(staying.scores(ASKED).logits, before, atol=1e-5)


def on_base(bases: SharedBases, folder: Path, *, alone: bool = False) -> OnSharedBase:
    rung = bases.load(folder, LABELS, alone=alone)
    assert isinstance(rung, OnSharedBase)
    return rung


def alone_on(folder: Path) -> NDArray[np.float64]:
    """What the one way to answer says."""
    return TunedCausal.load(folder, LABELS, base_folder=None).scores(ASKED).logits


def test_one_that_stands_alone_answers_to_the_last_bit_as_the_one_way_to_answer_does(saved: dict[str, Path]) -> None:
    rung = on_base(SharedBases(), saved["tokens"], alone=True)
    assert isinstance(rung.form, TunedCausal)
    np.testing.assert_array_equal(rung.scores(ASKED).logits, alone_on(saved["tokens"]))


def test_another_puts_the_first_beside_it_and_leaves_it_alone_again_without_drift(saved: dict[str, Path]) -> None:
    bases, merged = SharedBases(), alone_on(saved["tokens"])
    first = on_base(bases, saved["tokens"], alone=True)
    beside = []
    for _ in range(2):
        other = on_base(bases, saved["head"])
        bases.settle()
        assert isinstance(first.form, Beside)
        assert isinstance(other.form, Beside)
        assert first.form.base is other.form.base
        asked = [(rung, rung.read([text])[0]) for text in ASKED for rung in (first, other)]
        beside.append(np.stack(first.scored_beside(asked)))
        other.leave()
        bases.settle()
        assert isinstance(first.form, TunedCausal)
        assert first.shared.beside is None
        np.testing.assert_array_equal(first.scores(ASKED).logits, merged)
    np.testing.assert_array_equal(beside[0], beside[1])
    # The two forms differ by the rounding of float32 alone: each sum has some hundred terms of 6e-8 relative error.
    np.testing.assert_allclose(beside[0][::2], merged, atol=1e-4, rtol=1e-4)
    np.testing.assert_allclose(beside[0][1::2], alone_on(saved["head"]), atol=1e-4, rtol=1e-4)


def test_answers_are_right_at_every_moment_while_the_form_changes(saved: dict[str, Path]) -> None:
    bases, expected = SharedBases(), alone_on(saved["tokens"])
    first, forms, wrong, ends = on_base(bases, saved["tokens"], alone=True), set(), [], threading.Event()
    asked = [(first, row) for row in first.read(ASKED)]

    def answer() -> None:
        while not ends.is_set():
            forms.add(type(first.form))
            got = np.stack(first.scored_beside(asked))
            if not np.allclose(got, expected, atol=1e-4, rtol=1e-4):
                wrong.append(got)

    thread = threading.Thread(target=answer)
    thread.start()
    for _ in range(3):
        other = on_base(bases, saved["head"])
        bases.settle()
        other.leave()
        bases.settle()
    ends.set()
    thread.join()
    assert not wrong
    assert forms == {TunedCausal, Beside}


def test_one_that_takes_the_place_of_another_is_part_of_a_base_at_once(saved: dict[str, Path]) -> None:
    bases = SharedBases()
    old = on_base(bases, saved["tokens"], alone=True)
    new = on_base(bases, saved["head"], alone=True)
    both = [(rung, row) for rung in (old, new) for row in rung.read(ASKED)]
    wanted = np.concatenate([alone_on(saved["tokens"]), alone_on(saved["head"])])
    np.testing.assert_array_equal(np.stack(new.scored_beside(both)), wanted)
    old.leave()
    bases.settle()
    assert isinstance(new.form, TunedCausal)
    np.testing.assert_array_equal(old.scores(ASKED).logits, wanted[: len(ASKED)])


def _gone(folder: Path, other: Path) -> None:
    shutil.rmtree(folder)


def _another(folder: Path, other: Path) -> None:
    shutil.copytree(other, folder, dirs_exist_ok=True)


@pytest.mark.parametrize("happens", [_gone, _another])
def test_what_lies_in_the_folder_later_is_not_taken_for_what_was_loaded(
    saved: dict[str, Path], happens: Callable[[Path, Path], None]
) -> None:
    bases, expected = SharedBases(), alone_on(saved["tokens"])
    first, other = (on_base(bases, saved[name]) for name in ("tokens", "head"))
    happens(saved["tokens"], saved["head"])
    other.leave()
    bases.settle()
    assert isinstance(first.form, Beside)
    np.testing.assert_allclose(first.scores(ASKED).logits, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("copies", "is_merged"), [(1.9, False), (2.0, True)])
def test_a_base_is_merged_only_where_memory_has_room_for_another(
    saved: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tiny_gemma3: Path, copies: float, is_merged: bool
) -> None:
    # In float32 a weight is counted with twice what it has in a file of bfloat16.
    one = 2 * (tiny_gemma3 / "model.safetensors").stat().st_size
    monkeypatch.setattr(shared_bases, "free_memory", lambda: int(copies * one))
    rung = on_base(SharedBases(), saved["tokens"], alone=True)
    assert isinstance(rung.form, TunedCausal) == is_merged


@pytest.mark.parametrize("alone", [True, False])
def test_a_base_is_let_go_with_the_last_that_stood_on_it(saved: dict[str, Path], alone: bool) -> None:
    bases = SharedBases()
    rung = on_base(bases, saved["tokens"], alone=alone)
    bodies = [weakref.ref(_body(rung.form))]
    rung.leave()
    bases.settle()
    rung.scores(ASKED)  # What it has begun it still finishes.
    del rung
    assert [body() for body in bodies] == [None]
    again = on_base(bases, saved["tokens"], alone=alone)
    np.testing.assert_allclose(again.scores(ASKED).logits, alone_on(saved["tokens"]), atol=1e-4, rtol=1e-4)


def test_a_base_in_the_form_that_is_left_goes_as_soon_as_nobody_computes_on_it(saved: dict[str, Path]) -> None:
    bases = SharedBases()
    first = on_base(bases, saved["tokens"], alone=True)
    merged = weakref.ref(_body(first.form))
    other = on_base(bases, saved["head"])
    bases.settle()
    assert merged() is None
    beside = weakref.ref(_body(first.form))
    other.leave()
    bases.settle()
    del other
    assert beside() is None


def _body(form: TunedCausal | Beside) -> Any:
    return form._scorer._body if isinstance(form, TunedCausal) else form.base.bank._body
