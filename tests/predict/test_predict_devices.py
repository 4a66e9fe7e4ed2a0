"""Everything that the engine multiplies lies where the model computes: checked without a GPU.

PyTorch's fake tensors carry a device and no numbers, and refuse operations across devices as a GPU would.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

import tiny_scorers
from suffice.base_models.folder import BaseModelFiles
from suffice.base_models.load import Causal, load_tokenizer
from suffice.predict.layer import Layer
from suffice.predict.scorer import ParameterGroup
from suffice.train import loop
from suffice.train.loop import _Run
from suffice.train.rows import TokenRows
from suffice.train.schedule import Schedule
from tiny_scorers import TinyCausal, tiny_causal

ELSEWHERE = torch.device("meta")
"""Stands for a GPU: without CUDA, PyTorch makes no fake tensors on `cuda`."""
TEXTS = ("Why?", "My card was declined in the shop this morning. Please help me.")
SCHEDULE = Schedule(epochs=1, batch_size=2, learning_rate=1e-3, warmup=0.06, patience=1)


def loaded(files: BaseModelFiles, **unused: object) -> Causal:
    """The model without its weights, where it would compute."""
    config = transformers.AutoConfig.from_pretrained(files.folder)
    with ELSEWHERE:
        model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    reader = load_tokenizer(files)
    return Causal(files=files, model=model.eval(), tokenizer=reader.tokenizer, context=reader.context)


def unfused(groups: Sequence[ParameterGroup]) -> torch.optim.AdamW:
    """The loop's optimiser; a fused one refuses `meta`, though no GPU."""
    return torch.optim.AdamW([{"params": list(group.tensors.values())} for group in groups])


@contextmanager
def fake_tensors(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Within, tensors are fake, with a number wherever one is asked for."""
    made = torch.tensor

    def tensor(data: Any, *, device: torch.device | None = None, **more: Any) -> torch.Tensor:
        return made(data, **more).to(device or "cpu")  # Made on `meta` at once, it would not be fake.

    monkeypatch.setattr(tiny_scorers, "load_causal", loaded)
    monkeypatch.setattr(torch, "tensor", tensor)
    monkeypatch.setattr(torch.linalg, "norm", lambda x: 0.0)  # The probe finds no difference.
    monkeypatch.setattr(FakeTensor, "__float__", lambda self: 1.0, raising=False)
    monkeypatch.setattr(loop, "_optimiser", unfused)
    with FakeTensorMode(allow_non_fake_inputs=True):
        yield


def rows(tiny: TinyCausal) -> TokenRows:
    return TokenRows(tokens=[row.ids for row in tiny.scorer.tokenise(TEXTS)], y=np.array([0, 1]))


@pytest.mark.parametrize("folder", ["tiny_llama", "tiny_qwen2", "tiny_gemma3"])
def test_a_training_step_and_an_answer_stay_on_the_device(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str
) -> None:
    path: Path = request.getfixturevalue(folder)
    with fake_tensors(monkeypatch):
        tiny = tiny_causal(path)
        assert all(isinstance(layer, Layer) for layer in tiny.model.get_decoder().layers)
        run = _Run(tiny.scorer, rows(tiny), tune=None, schedule=SCHEDULE, seed=0, folder=tmp_path)
        tiny.scorer.train_mode(True)
        run._step([0, 1])
        trained = [p for group in tiny.scorer.trained() for p in group.tensors.values()]
        assert {p.device for p in trained} == {p.grad.device for p in trained} == {ELSEWHERE}
        assert {state["exp_avg"].device for state in run.optimiser.state.values()} == {ELSEWHERE}
        tiny.scorer.train_mode(False)
        with torch.inference_mode():
            learning = tiny.scorer.logits(rows(tiny).tokens)
            tiny.scorer.freeze()
            frozen = tiny.scorer.logits(rows(tiny).tokens)
        assert learning.device == frozen.device == ELSEWHERE


def test_these_tensors_refuse_to_meet_across_devices(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_tensors(monkeypatch):
        tiny = tiny_causal(tiny_llama)
        adapter = next(iter(tiny.scorer.adapters.values()))
        adapter.lora_A = torch.nn.Parameter(torch.zeros(adapter.lora_A.shape))
        with pytest.raises(RuntimeError, match="found at least two devices"):
            adapter(torch.zeros(1, adapter.base.in_features, device=ELSEWHERE))
