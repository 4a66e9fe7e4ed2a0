"""A real base model as it is, on real messages: what holds whatever it answers."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from suffice.kinds.classify import default_instruction
from suffice.records.labels import LabelSet
from suffice.records.progress import SILENT
from suffice.records.task import TrainSpec
from suffice.rungs.interface import Settings, TrainingData
from suffice.rungs.prompted import PromptedCausal

pytestmark = pytest.mark.real

N_ASKED = 24


@pytest.fixture(scope="module")
def eleven() -> TrainingData:
    """Messages of eleven labels of Banking77; the last ones are asked."""
    data = Path(os.environ["SUFFICE_DATA"]) / "banking77" / "banking77.jsonl"
    rows = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    labels = LabelSet(names=tuple(sorted({row["label"] for row in rows})[:11]))
    kept = [row for row in rows if row["label"] in labels.names]
    drawn = [kept[i] for i in np.random.default_rng(0).permutation(len(kept))[: 200 + N_ASKED]]
    return TrainingData(
        texts=[row["text"] for row in drawn],
        y=labels.encode([row["label"] for row in drawn]),
        labels=labels,
        tune=np.arange(200, 200 + N_ASKED),
        folds=None,
    )


def test_a_model_that_is_prompted_says_labels_alone_and_examples_change_what_it_says(eleven: TrainingData) -> None:
    asked = [eleven.texts[i] for i in range(200, 200 + N_ASKED)]
    said = {}
    for shots in (0, 8):
        how = Settings(
            seed=0,
            train=TrainSpec(shots=shots),
            instruction="",
            context_tokens=512,
            too_long="head_tail",
            label_output="tokens",
        )
        rung = PromptedCausal.fit(eleven, how, base="smollm2-135m", checkpoints=Path(), progress=SILENT)
        assert len({example.answer for example in rung.saved.examples}) == shots
        assert not {example.text for example in rung.saved.examples} & set(asked)
        said[shots] = rung.scores(asked).logits
        np.testing.assert_allclose(np.exp(said[shots]).sum(axis=1), 1.0, atol=1e-9)
        invented = rung.invented(asked[:8])
        assert ((invented > 0) & (invented < 1)).all()
    assert not np.allclose(said[0], said[8], atol=0.1)
    # One word less in the instruction is another prompt, and the same model answers it.
    other = rung.under(default_instruction(eleven.labels).replace(" only", "")).scores(asked).logits
    assert np.abs(other - said[8]).max() > 0
