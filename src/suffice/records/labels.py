"""The closed label set of a task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

INVENTED = -1
"""Label code of an answer that is no label of the set: it equals none of them, so that it counts as wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelSet:
    """The labels of a task in a fixed order; every array over labels (`_K`) follows it."""

    names: tuple[str, ...]
    """Distinct label names, sorted unless the task file orders them."""

    @classmethod
    def of(cls, labels: Iterable[str]) -> LabelSet:
        """The sorted set of the labels seen."""
        return cls(names=tuple(sorted(set(labels))))

    def __len__(self) -> int:
        return len(self.names)

    def encode(self, labels: Sequence[str]) -> NDArray[np.int64]:
        """Label names to positions, shape [N].

        Raises:
            KeyError: a label is outside the set.
        """
        position = {name: k for k, name in enumerate(self.names)}
        return np.array([position[label] for label in labels], dtype=np.int64)


OUTCOMES = LabelSet(names=("wrong", "right"))
"""What may become of an answer that is free text. Every row of such a task has the label `right`: a rung that answers
it wrongly gave it the other one, so that counts, comparisons and curves are those of a task with labels."""
RIGHT = 1
"""Code of the second of these."""
