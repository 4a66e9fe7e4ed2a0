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
from suffice.rungs.shared_base import SharedBase


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
