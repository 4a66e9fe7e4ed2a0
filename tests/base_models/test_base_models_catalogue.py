"""The catalogue."""

from __future__ import annotations

import re

import pytest

from suffice.base_models.catalogue import CATALOGUE, CatalogueEntry, entry_named


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
