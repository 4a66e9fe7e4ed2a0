"""Fitted scikit-learn objects to files that can run no code, and back."""

from __future__ import annotations

import sys
import threading
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

_LOCK = threading.Lock()


def save_skops(fitted: Any, path: Path) -> None:
    """Writes a file.

    Args:
        fitted: estimators, or a tuple of them.
        path: of the file.
    """
    _skops_io().dump(fitted, path)


def load_skops(path: Path) -> Any:
    """Reads what `save_skops` wrote; a file that holds any type that is not among ours is refused.

    Args:
        path: of the file.

    Raises:
        skops.io.exceptions.UntrustedTypesFoundException: the file names another type.
    """
    return _skops_io().load(path, trusted=[])


@cache
def _skops_io() -> Any:
    """skops.io, trusting the estimators of our files and no others of scikit-learn.

    When it is imported it lists what it trusts by importing all modules of scikit-learn, one of which imports torch:
    two seconds, of which a server of n-grams needs nothing. Whoever imports it for purposes of their own gets another
    one, which lists all.
    """
    import sklearn.utils  # noqa: PLC0415 - questions out of fold do without scikit-learn

    with _LOCK:
        if "skops.io" in sys.modules:
            return sys.modules["skops.io"]
        every = sklearn.utils.all_estimators
        sklearn.utils.all_estimators = lambda: [(one.__name__, one) for one in _estimators()]
        try:
            return import_module("skops.io")
        finally:
            sklearn.utils.all_estimators = every
            for name in [name for name in sys.modules if f"{name}.".startswith("skops.io.")]:
                del sys.modules[name]


def _estimators() -> tuple[type, ...]:
    """Of which our files are made."""
    from sklearn.dummy import DummyClassifier  # noqa: PLC0415
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import FeatureUnion  # noqa: PLC0415

    return CountVectorizer, DummyClassifier, FeatureUnion, LogisticRegression, TfidfTransformer, TfidfVectorizer
