"""A saved rung stands on the base that it was fitted on, and on no other."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from rung_data import ASKED, fit, reloaded, settings

import tiny_models
from suffice.errors import BundleError, ModelError

CASES = [("embed", "tiny_bert"), ("encoder", "tiny_bert"), ("NAME", "tiny_llama")]


@pytest.mark.parametrize(("name", "fixture"), CASES)
def test_a_base_with_other_weights_is_refused(
    name: str, fixture: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    fitted = fit(name, request.getfixturevalue(fixture), tmp_path / "checkpoints", how=settings(epochs=1))
    write = {"tiny_bert": tiny_models.write_tiny_bert, "tiny_llama": tiny_models.write_tiny_llama}[fixture]
    (tmp_path / "other").mkdir()
    other = write(tmp_path / "other", seed=1)
    expected = fitted.base.fingerprint[:12]
    with pytest.raises(
        BundleError,
        match=rf"one fitted on, {expected}\n  got: (?!{expected})[0-9a-f]{{12}} from .*\n  fix: fetch the base model",
    ):
        reloaded(name, fitted, tmp_path / "saved", base_folder=other)


@pytest.mark.parametrize(("name", "fixture"), CASES)
def test_a_copy_of_the_base_serves_as_well(
    name: str, fixture: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(fixture)
    fitted = fit(name, folder, tmp_path / "checkpoints", how=settings(epochs=1))
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    again = reloaded(name, fitted, tmp_path / "saved", base_folder=copy)
    np.testing.assert_allclose(again.scores(ASKED).logits, fitted.scores(ASKED).logits, atol=1e-4)


def test_a_base_that_is_gone_is_an_error(tiny_llama: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_llama, tmp_path / "base"))
    fitted = fit("NAME", folder, tmp_path / "checkpoints", how=settings(epochs=1))
    shutil.rmtree(folder)
    with pytest.raises(ModelError, match=r"(?s)got: .*base.*fix: "):
        reloaded("NAME", fitted, tmp_path / "saved")
