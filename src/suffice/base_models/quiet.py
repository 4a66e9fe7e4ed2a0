"""transformers without its bars and notes for a while: what the person sees is said by `Progress`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def quiet() -> Iterator[None]:
    """Silences transformers inside the block and puts the caller's settings back after it."""
    from transformers.utils import logging  # noqa: PLC0415 (loads torch, which takes seconds)

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


@contextmanager
def swapped(owner: object, name: str, value: Any) -> Iterator[None]:
    """Puts `value` in place of an attribute inside the block."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
