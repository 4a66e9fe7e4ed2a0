"""The catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from suffice.base_models.catalogue import CATALOGUE, CatalogueEntry, entry_named, hub_id_of


def test_names_are_the_promised_ones_and_unique() -> None:
    assert [entry.name for entry in CATALOGUE] == [
        "minilm-l6",
        "smollm2-135m",
        "gemma3-270m",
        "qwen2.5-0.5b",
        "qwen2.5-1.5b",
    ]


def test_an_entry_is_found_by_its_name() -> None:
    assert entry_named("smollm2-135m") is CATALOGUE[1]
    assert entry_named("smollm2") is None


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_packages_are_pinned_to_a_version_and_every_file_to_a_hash(entry: CatalogueEntry) -> None:
    assert entry.n_body < entry.n_total
    if entry.package is not None:
        assert re.fullmatch(r"[a-z0-9-]+==\d+\.\d+\.\d+", entry.package.requirement)
        assert all(re.fullmatch(r"[0-9a-f]{64}", file.sha256) for file in entry.package.files)
        assert all(not file.path.startswith("/") and ".." not in file.path for file in entry.package.files)


def test_a_name_stands_for_a_repository_of_the_hub_unless_it_is_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "mine").mkdir(parents=True)
    assert hub_id_of("smollm2-135m") == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert hub_id_of("owner/name") == "owner/name"
    for name in ("models/mine", "models/gone.gguf", "./models", "nobody", "a/b/c"):
        assert hub_id_of(name) is None
