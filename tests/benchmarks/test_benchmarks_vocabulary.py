"""The full pass that the labels alone are held against: all of the vocabulary, everywhere, and the same answer."""

from __future__ import annotations

from pathlib import Path

import pytest
import tasks
import torch
import vocabulary

from suffice.predict.frozen import Plain
from tiny_scorers import INSTRUCTION, LABELS

TEXTS = ("Why?", "My card was declined in the shop this morning. Please help me.", "refund")


@pytest.mark.parametrize("folder", ["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def test_both_passes_give_the_labels_the_same_logits(request: pytest.FixtureRequest, folder: str) -> None:
    path: Path = request.getfixturevalue(folder)
    prompted = tasks.Prompted.load(str(path), INSTRUCTION, LABELS, precision="fp32")
    scorer = prompted.scorer()
    scorer.freeze()
    rows = [row.ids for row in scorer.tokenise(TEXTS)]
    with torch.inference_mode():
        before, full, after = scorer.logits(rows), vocabulary._full(scorer, prompted)(rows), scorer.logits(rows)
    torch.testing.assert_close(full, before, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(after, before, atol=0.0, rtol=0.0)


def test_the_full_pass_multiplies_every_token_by_the_whole_vocabulary(
    tiny_llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes: list[torch.Size] = []
    prompted = tasks.Prompted.load(str(tiny_llama), INSTRUCTION, LABELS, precision="fp32")
    scorer = prompted.scorer()
    scorer.freeze()
    forward = Plain.forward

    def watched(self: Plain, x: torch.Tensor, plus: torch.Tensor | None = None) -> torch.Tensor:
        out = forward(self, x, plus)
        shapes.append(out.shape)
        return out

    full = vocabulary._full(scorer, prompted)
    monkeypatch.setattr(Plain, "forward", watched)
    rows = [row.ids for row in scorer.tokenise(TEXTS)]
    with torch.inference_mode():
        full(rows)
    assert shapes[-1:] == [(sum(map(len, rows)), prompted.loaded.model.config.vocab_size)]


def test_a_model_that_is_not_here_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUFFICE_MODEL_FILES", str(tmp_path))
    assert vocabulary.here("gemma3-270m") is None
    file = tmp_path / "gemma-3-270m.Q4_K_M.gguf"
    file.touch()
    assert vocabulary.here("gemma3-270m") == str(file)
