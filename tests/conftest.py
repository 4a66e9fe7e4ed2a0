"""Tiny models for every room's tests, and an environment in which no test reaches the network or the person's files."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from commands import RUNGS_ALONE, Fitted, fit_json, run_suffice
from messages import QUICK, split_rows, write_task

# Read when torch is first imported, here and in the processes that tests start.
os.environ["OMP_NUM_THREADS"] = "1"  # Tiny models gain nothing from two, and two test processes would fight.
os.environ["TOKENIZERS_PARALLELISM"] = "false"

# How long an example takes says what else the machine does, not whether it is right.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that are not there yet: pytest would look through all of those before to find a name for the next."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(n) for n in itertools.count())


@pytest.fixture(autouse=True)
def _own_environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, _homes: Iterator[Path]) -> None:
    """Folders of its own and no hub for every test; tests marked `real` keep the person's."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
    if request.node.get_closest_marker("real") is not None:
        return
    home = next(_homes)
    monkeypatch.setenv("SUFFICE_HOME", str(home / "suffice"))
    monkeypatch.setenv("HF_HOME", str(home / "huggingface"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in ("HF_HUB_CACHE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def tiny_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a two-layer Llama with 640 tokens."""
    import tiny_models  # noqa: PLC0415 (torch is loaded only for the tests that need it)

    return tiny_models.write_tiny_llama(tmp_path_factory.mktemp("tiny-llama"))


@pytest.fixture(scope="session")
def tiny_qwen2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a two-layer Qwen2 with 700 tokens."""
    import tiny_models  # noqa: PLC0415

    return tiny_models.write_tiny_qwen2(tmp_path_factory.mktemp("tiny-qwen2"))


@pytest.fixture(scope="session")
def wide_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the same Llama with room for tools, of which its chat template knows nothing."""
    import tiny_models  # noqa: PLC0415

    return tiny_models.write_tiny_llama(tmp_path_factory.mktemp("wide-llama"), context=tiny_models.TOOL_CONTEXT)


@pytest.fixture(scope="session")
def tool_qwen2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the same Qwen2 with a chat template that takes tools, and with room for them."""
    import tiny_models  # noqa: PLC0415

    return tiny_models.write_tiny_qwen2(tmp_path_factory.mktemp("tool-qwen2"), takes_tools=True)


@pytest.fixture(scope="session")
def tiny_gemma3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a three-layer Gemma 3 with 560 tokens and a sliding window of 16."""
    import tiny_models  # noqa: PLC0415

    return tiny_models.write_tiny_gemma3(tmp_path_factory.mktemp("tiny-gemma3"))


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a two-layer BERT encoder with 500 tokens."""
    import tiny_models  # noqa: PLC0415

    return tiny_models.write_tiny_bert(tmp_path_factory.mktemp("tiny-bert"))


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    """A finished fit of `majority` and `tfidf` by a process of its own; tests read it and change copies only."""
    folder = tmp_path_factory.mktemp("fitted")
    task = write_task(folder, split_rows())
    return fit_json(task, out=folder / "out", home=folder / "home", run=run_suffice)


@pytest.fixture(scope="session")
def fitted_causal(tmp_path_factory: pytest.TempPathFactory, tiny_llama: Path) -> Fitted:
    """A finished fit of `majority` and a tiny language model."""
    folder = tmp_path_factory.mktemp("fitted-causal")
    task = write_task(folder, split_rows(), ladder=["majority", str(tiny_llama)], train=QUICK)
    return fit_json(task, *RUNGS_ALONE, out=folder / "out", home=folder / "home")
