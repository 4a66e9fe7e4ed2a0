"""Repositories of the model hub: what is fetched, what never is, and how it fails."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub.constants
import pytest
from model_hub import COMMIT, Hub, running_hub

from suffice.base_models import hub as room
from suffice.base_models.download import Unavailable
from suffice.base_models.folder import problems_of
from suffice.base_models.hub import cached_snapshot, download, hub_cache, is_offline, stated_config
from suffice.records.progress import SILENT

REPO = "owner/tiny"


@pytest.fixture
def hub(tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    folder = Path(shutil.copytree(tiny_llama, tmp_path / "repository"))
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    (folder / "modeling_tiny.py").write_text("raise SystemExit")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model.safetensors").write_bytes(b"other")
    monkeypatch.delenv("HF_HUB_OFFLINE")
    # The hub's client reads the variable once, when it is first imported.
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    with running_hub(REPO, folder) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        yield running


def fetch() -> Path:
    return download(REPO, revision=None, progress=SILENT)


def test_only_safetensors_configuration_and_tokenizer_are_fetched(hub: Hub) -> None:
    folder = fetch()
    assert folder.name == COMMIT
    assert folder.is_relative_to(hub_cache())
    assert set(hub.asked) == {
        "chat_template.jinja",
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    assert problems_of(folder, where=REPO) == []


def test_what_was_fetched_is_found_again_without_a_network(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cached_snapshot(REPO, revision=None) is None
    folder = fetch()
    hub.status = 500
    assert cached_snapshot(REPO, revision=None) == folder


def test_the_token_reaches_the_hub(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_abc")
    fetch()
    assert hub.tokens == {"Bearer hf_abc"}


def test_what_the_configuration_states_is_read_and_nothing_is_kept(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stated_config(REPO) == json.loads(hub.files["config.json"])
    assert set(hub.asked) == {"config.json"}
    assert not hub_cache().exists()
    hub.files["config.json"] = b"[]"
    assert stated_config(REPO) is None
    hub.status = 503
    assert stated_config(REPO) is None
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    asked = len(hub.tokens)
    assert stated_config(REPO) is None
    assert len(hub.tokens) == asked


@pytest.mark.parametrize(
    ("status", "code", "why"),
    [
        (404, "RepoNotFound", "no such repository, or it is private and HF_TOKEN is not set"),
        (403, "GatedRepo", "accept the terms of owner/tiny on its page first, and for HF_TOKEN"),
        (404, "RevisionNotFound", "no such revision"),
        (503, "", "503"),
    ],
)
def test_each_refusal_is_told(status: int, code: str, why: str, hub: Hub) -> None:
    hub.status, hub.error_code = status, code
    with pytest.raises(Unavailable, match=why):
        fetch()


def test_a_repository_of_pickles_is_not_fetched(hub: Hub) -> None:
    del hub.files["model.safetensors"]
    with pytest.raises(Unavailable, match=r"has no model.safetensors, and a pickled file is never fetched"):
        fetch()
    assert hub.asked == []


def test_a_hub_that_does_not_answer_costs_seconds(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "REACH_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        started = time.monotonic()
        with pytest.raises(Unavailable, match="timed out"):
            fetch()
    assert time.monotonic() - started < 3


def test_an_unreachable_hub_is_told(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Unavailable, match=r"ConnectError: .*refused"):
        fetch()


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    assert hub_cache() == tmp_path / "home" / "hub"
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    assert hub_cache() == tmp_path / "cache"
    monkeypatch.delenv("HF_HUB_CACHE")
    monkeypatch.delenv("HF_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert hub_cache() == tmp_path / "xdg" / "huggingface" / "hub"


@pytest.mark.parametrize(("value", "offline"), [("1", True), ("true", True), ("0", False), ("", False), (None, False)])
def test_offline_is_what_the_environment_says(
    value: str | None, offline: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE") if value is None else monkeypatch.setenv("HF_HUB_OFFLINE", value)
    assert is_offline() is offline
