"""Classifiers made in memory, without a base model and over tiny ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from messages import message_rows
from suffice.bundles.classifier import CLASSIFIER_FORMAT, Classifier, SavedClassifier
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.task import TrainSpec
from suffice.rungs.interface import Settings, TrainingData
from suffice.rungs.ladder import describe
from suffice.rungs.majority import Majority

LABELS = LabelSet(names=("billing", "card", "other"))
PRIOR = (0.5, 0.3, 0.2)


def _saved(rung: str, labels: LabelSet, prior: tuple[float, ...]) -> SavedClassifier:
    return SavedClassifier(
        format=CLASSIFIER_FORMAT, rung=rung, labels=labels.names, temperature=1.0, prior=prior, text=("text",)
    )


@pytest.fixture(scope="session")
def majority() -> Classifier:
    """Answers `billing` at 0.5, whatever the message."""
    rung = Majority(np.log(np.array(PRIOR)), LABELS, train_seconds=0.0)
    return Classifier(rung, _saved("majority", LABELS, PRIOR))


@pytest.fixture(scope="session")
def kind(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tiny_llama: Path, tiny_bert: Path
) -> Classifier:
    """A classifier over each kind of rung, named by the test, hastily fitted."""
    rows = message_rows(40)
    labels = LabelSet.of(row.label for row in rows)
    data = TrainingData(
        texts=[row.text for row in rows],
        y=labels.encode([row.label for row in rows]),
        labels=labels,
        tune=np.arange(30, 40),
        folds=None,
    )
    how = Settings(
        seed=0,
        train=TrainSpec(epochs=1, batch_size=8, rank=2),
        instruction="",
        context_tokens=48,
        too_long="error",
        label_output="tokens",
    )
    base = {"embed": tiny_bert, "encoder": tiny_bert, "NAME": tiny_llama}.get(request.param, "")
    folder = tmp_path_factory.mktemp("kind")
    rung = describe(request.param).load_class().fit(data, how, base=str(base), checkpoints=folder, progress=SILENT)
    return Classifier(rung, _saved(request.param, labels, (0.25,) * 4))


@pytest.fixture
def no_thread_left() -> Callable[[], None]:
    """Fails if a thread goes on that was not there before the test."""
    import threading  # noqa: PLC0415

    before = set(threading.enumerate())

    def check() -> None:
        for thread in set(threading.enumerate()) - before:
            thread.join(5)
            assert not thread.is_alive(), thread

    return check
