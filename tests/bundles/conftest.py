"""Classifiers without a base model, made in memory."""

from __future__ import annotations

import numpy as np
import pytest

from suffice.bundles.classifier import CLASSIFIER_FORMAT, Classifier, SavedClassifier
from suffice.records.labels import LabelSet
from suffice.rungs.majority import Majority

LABELS = LabelSet(names=("billing", "card", "other"))
PRIOR = (0.5, 0.3, 0.2)


@pytest.fixture(scope="session")
def majority() -> Classifier:
    """Answers `billing` at 0.5, whatever the message."""
    saved = SavedClassifier(
        format=CLASSIFIER_FORMAT,
        rung="majority",
        labels=LABELS.names,
        temperature=1.0,
        prior=PRIOR,
        text=("text",),
    )
    return Classifier(Majority(np.log(np.array(PRIOR)), LABELS, train_seconds=0.0), saved)
