"""What tells messages that a bundle was not taught to answer, and its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from suffice.records.scope import Measure, ScopeRecord
from suffice.rungs.interface import Scores
from suffice.stats.distance import Cloud, Clouds
from suffice.store import strict_json

SCOPE, CLOUDS = "scope.json", "scope.safetensors"
MEASURES: dict[str, Measure | None] = {"majority": None, "embed": "distance"}
"""What is measured by rung, `logit` of those that are not named; nothing where all messages are answered alike. Held
against each other on CLINC150, labels held out in turn among them: docs/LOG.md, 2026-11-30."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """How far messages lie from what a bundle was taught, and from where on they are outside."""

    record: ScopeRecord
    """What is measured, and the threshold."""
    clouds: Clouds | None
    """Of the training rows, where distances are measured."""

    def of(self, scores: Scores) -> NDArray[np.float64]:
        """How far each message lies, more is farther; shape [N].

        Args:
            scores: of the messages, length N.
        """
        return how_far(scores, clouds=self.clouds)

    def save(self, folder: Path) -> None:
        """Writes it into a bundle, in the place of what stood there.

        Args:
            folder: the bundle.
        """
        strict_json.write(folder / SCOPE, self.record)
        (folder / CLOUDS).unlink(missing_ok=True)
        if self.clouds is not None:
            parts = {"labels": self.clouds.labels, "every": self.clouds.every}
            held = {f"{name}.{key}": getattr(part, key) for name, part in parts.items() for key in ("whiten", "means")}
            save_file({name: np.ascontiguousarray(array) for name, array in held.items()}, folder / CLOUDS)

    @classmethod
    def load(cls, folder: Path) -> Scope | None:
        """Reads what `save` wrote; None of a bundle that was not calibrated, or before scopes were.

        Args:
            folder: the bundle.
        """
        if not (folder / SCOPE).is_file():
            return None
        record = strict_json.read(folder / SCOPE, ScopeRecord)
        if record.measure != "distance":
            return cls(record=record, clouds=None)
        held = load_file(folder / CLOUDS)
        labels, every = (
            Cloud(whiten=held[f"{name}.whiten"], means=held[f"{name}.means"]) for name in ("labels", "every")
        )
        return cls(record=record, clouds=Clouds(labels=labels, every=every))


def measure_of(rung: str) -> Measure | None:
    """What is measured of a rung; None where it answers alike whatever the message.

    Args:
        rung: as in `ladder`.
    """
    return MEASURES.get(rung, "logit")


def how_far(scores: Scores, *, clouds: Clouds | None) -> NDArray[np.float64]:
    """How far messages lie from what a model was taught, more is farther; shape [N].

    Args:
        scores: of the messages, length N.
        clouds: of training rows, where distances are measured; None for the largest score of a label, taken from 0.

    Source: the largest score before it is made a probability: Hendrycks et al. (2022), Scaling Out-of-Distribution
        Detection for Real-World Settings, ICML (MaxLogit); distances: `suffice.stats.distance`.
    """
    if clouds is None:
        return np.asarray(-scores.logits.max(axis=1))
    assert scores.features is not None, "distances are measured where a rung tells its features"
    return clouds.distances(scores.features)
