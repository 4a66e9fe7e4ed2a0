"""Silence inside the block, the caller's settings after it."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest
from transformers.utils import logging

from suffice.base_models.quiet import quiet, swapped


@pytest.fixture(autouse=True)
def _settings_come_back() -> object:
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    yield
    logging.set_verbosity(verbosity)
    (logging.enable_progress_bar if bars else logging.disable_progress_bar)()


@pytest.mark.parametrize("bars", [True, False])
def test_the_caller_s_settings_come_back_even_after_an_error(bars: bool) -> None:
    logging.set_verbosity(logging.INFO)
    (logging.enable_progress_bar if bars else logging.disable_progress_bar)()

    def loud() -> None:
        assert not logging.is_progress_bar_enabled()
        assert not logging.get_logger("transformers.test").isEnabledFor(logging.ERROR)
        raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"), quiet():
        loud()
    assert logging.get_verbosity() == logging.INFO
    assert logging.is_progress_bar_enabled() == bars


def test_a_swapped_attribute_comes_back() -> None:
    owner = SimpleNamespace(name=1)

    def look() -> None:
        assert owner.name == 2
        raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"), swapped(owner, "name", 2):
        look()
    assert owner.name == 1


def test_importing_the_room_loads_no_torch() -> None:
    code = "import suffice.base_models, sys; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
