"""Saved rungs answer beside one another on one base as each does on its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from rung_data import ASKED, LABELS, fit, reloaded, settings

from suffice.base_models import locate
from suffice.errors import BundleError
from suffice.records.progress import SILENT
from suffice.rungs.causal import TunedCausal
from suffice.rungs.interface import SharesBase
from suffice.rungs.shared_base import OnSharedBase, SharedBase, SharedBases


def shared(base: Path, *, precision: str = "fp32") -> SharedBase:
    return SharedBase(locate(str(base), progress=SILENT), precision=precision)  # type: ignore[arg-type]


def test_saved_rungs_answer_as_each_does_on_its_own(tiny_gemma3: Path, tmp_path: Path) -> None:
    base, expected = shared(tiny_gemma3), {}
    for output in ("tokens", "head"):
        (tmp_path / output).mkdir()
        how = settings(epochs=1, learning_rate=5e-2, label_output=output)
        fitted = fit("NAME", tiny_gemma3, tmp_path / output / "checkpoints", how=how)
        expected[output] = reloaded("NAME", fitted, tmp_path / output / "saved").scores(ASKED).logits
        base.load(output, tmp_path / output / "saved", LABELS)
    asked = [(base.bank.get(name), text) for text in ASKED for name in expected]
    got = base.bank.logits([(resident, resident.frame.tokenise([text])[0].ids) for resident, text in asked])
    wanted = np.stack([expected[name][i] for i in range(len(ASKED)) for name in expected])
    np.testing.assert_allclose(torch.stack(got).numpy(), wanted, atol=1e-4, rtol=1e-4)


def test_a_rung_of_another_base_is_refused(tiny_gemma3: Path, tiny_llama: Path, tmp_path: Path) -> None:
    fitted = fit("NAME", tiny_gemma3, tmp_path / "checkpoints", how=settings(epochs=1))
    reloaded("NAME", fitted, tmp_path / "saved")
    with pytest.raises(BundleError, match="load it with a base of its own"):
        shared(tiny_llama).load("one", tmp_path / "saved", LABELS)
    with pytest.raises(BundleError, match=r"must stand on .* in bf16, full weights\n  got: .* in fp32"):
        shared(tiny_gemma3, precision="bf16").load("one", tmp_path / "saved", LABELS)


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
    assert len(staying.shared.bank.names) == 1
    np.testing.assert_allclose(leaving.scores(ASKED).logits, before, atol=1e-5)
    np.testing.assert_allclose(staying.scores(ASKED).logits, before, atol=1e-5)
