"""A ledger of answers in a folder of its own."""

from __future__ import annotations

import pytest

from suffice.store.requests_writer import Writer


@pytest.fixture
def url(tmp_path):
    (tmp_path / "deep").mkdir()
    return f"sqlite:///{tmp_path / 'deep' / 'answers.sqlite'}"


@pytest.fixture
def lost():
    return []


@pytest.fixture
def writer(url, lost):
    found = Writer(url, keep_days=None, lost=lost.append)
    yield found
    found.close()
