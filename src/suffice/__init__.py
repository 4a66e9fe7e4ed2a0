"""suffice: the smallest model that does a narrow task well enough, with the evidence.

`suffice.load(BUNDLE).classify(texts)`, `.answer(questions)` or `.call(requests)` answers; everything else is the
`suffice` command.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from suffice.bundles import Answerer, Classifier

__all__ = ["load"]
__version__ = "0.1.0"


def load(bundle: str | Path) -> Classifier | Answerer:
    """Loads a bundle after checking every file's hash.

    Args:
        bundle: a folder that `suffice fit` wrote.

    Returns:
        What answers. Of a task of labels `.classify(texts)` gives one `Answer` per text, in order, each with the
        probability of every label; no label outside the bundle's set can come out. Of a task whose answers are free
        text `.answer(questions)` gives one `FreeAnswer` per question: the completion, and the answer found in it. Of a
        task of tool calls `.call(requests)` gives one `FreeCalls` per request with its tools.

    Raises:
        suffice.errors.BundleError: the folder is no bundle, or a file of it was changed.
        suffice.errors.ModelError: its base model cannot be found.
    """
    from suffice.bundles import load_any  # noqa: PLC0415 - importing the package does nothing

    return load_any(bundle)
