"""Messages that a rung can learn, and the ways to fit and to save one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.task import TrainSpec
from suffice.rungs.interface import FittedRung, Settings, TrainingData
from suffice.rungs.ladder import describe

LABELS = LabelSet.of(["card", "never_seen", "refund", "transfer"])
_SAID = {
    "card": ("My card was declined.", "Why does the shop not take my card?", "my card is stolen"),
    "refund": ("Where is my refund?", "I want my money back!", "The refund is still pending."),
    "transfer": ("The transfer has not arrived.", "How long does a transfer take?", "Cancel my transfer please"),
}
TEXTS = [f"{text} {i}" for i in range(4) for texts in zip(*_SAID.values(), strict=True) for text in texts]
Y = LABELS.encode([label for _ in range(12) for label in _SAID])
ASKED = ["is my card declined?", "refund", "a transfer that never came", "", "x" * 2_000]


def data(*, few: bool = False, texts: list[str] | None = None, y: Any = None) -> TrainingData:
    """36 rows, three of four labels; the last twelve are tune rows, or all are in three folds."""
    said = TEXTS if texts is None else texts
    codes = Y if y is None else np.asarray(y)
    tune = None if few else np.arange(len(said) * 2 // 3, len(said))
    return TrainingData(
        texts=said, y=codes, labels=LABELS, tune=tune, folds=np.arange(len(said)) // 3 % 3 if few else None
    )


def settings(*, seed: int = 0, label_output: Any = "tokens", too_long: Any = "head_tail", **train: Any) -> Settings:
    """Short and fast."""
    spec = TrainSpec(**({"epochs": 2, "batch_size": 8, "rank": 2, "learning_rate": 5e-3} | train))
    return Settings(
        seed=seed, train=spec, instruction="", context_tokens=48, too_long=too_long, label_output=label_output
    )


def fit(
    name: str, base: Path | None, checkpoints: Path, *, rows: TrainingData | None = None, how: Settings | None = None
) -> Any:
    """A rung fitted on the rows."""
    rung = describe(name).load_class()
    given = rows or data()
    return rung.fit(given, how or settings(), base=str(base or ""), checkpoints=checkpoints, progress=SILENT)


def reloaded(name: str, fitted: FittedRung, folder: Path, *, base_folder: Path | None = None) -> Any:
    """Saved and read back."""
    folder.mkdir()
    fitted.save(folder)
    return describe(name).load_class().load(folder, fitted.labels, base_folder=base_folder)
