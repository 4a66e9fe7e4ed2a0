"""A rung that waits at a gate, and a bundle of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from suffice.bundles.classifier import CLASSIFIER_FORMAT, Classifier, SavedClassifier
from suffice.records.labels import LabelSet
from suffice.rungs.interface import Scores
from suffice.serve.shelf import Clerk

LABELS = LabelSet(names=("a", "b"))


@dataclass
class Slow:
    """Answers `b` to what begins with b; waits at a gate, and writes down what it was asked at once."""

    labels: LabelSet = LABELS
    base: Any = None
    train_seconds: float = 0.0
    training: Any = None
    precision: str = "fp64"
    gate: threading.Event = field(default_factory=threading.Event)
    asked: list[list[str]] = field(default_factory=list)

    def scores(self, texts):
        self.asked.append(list(texts))
        assert self.gate.wait(10)
        if "fault" in texts:
            raise RuntimeError("of the model")
        logits = np.array([[0.0, 5.0] if text.startswith("b") else [5.0, 0.0] for text in texts])
        return Scores(logits=logits, truncated=np.zeros(len(texts), dtype=bool))

    def save(self, folder): ...

    def size(self): ...


def clerk_of(rung, name="one", **more):
    saved = SavedClassifier(
        format=CLASSIFIER_FORMAT, rung="tfidf", labels=LABELS.names, temperature=1.0, prior=(0.5, 0.5), text=("text",)
    )
    classifier = Classifier(rung, saved)
    told = {"name": name, "version": "v", "parent": None, "since": 0, "folder": Path(), **more}
    return Clerk(classifier=classifier, lane=id(classifier), **told)
