"""One server for tests that only ask, and bundles for those that start their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import Fitted
from served import Served, served


@pytest.fixture(scope="session")
def causal_bundle(fitted_causal: Fitted) -> Path:
    """A tuned tiny language model."""
    (place,) = [folder for folder in fitted_causal.bundle("").iterdir() if folder.name != "majority"]
    return place


@pytest.fixture(scope="session")
def server(fitted: Fitted, causal_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serves `tfidf`, `majority`, and one tiny language model under two names."""
    bundles = [fitted.bundle("tfidf"), fitted.bundle("majority"), f"tiny={causal_bundle}", f"again={causal_bundle}"]
    with served(*bundles, home=tmp_path_factory.mktemp("serving")) as up:
        yield up
