"""How long one message takes: warm, in process, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from suffice.bundles.classifier import Classifier
from suffice.records.progress import Progress

N_TIMED = 200
N_WARM_UP = 5


def time_one_by_one(
    classifier: Classifier, texts: Sequence[str], *, n_timed: int = N_TIMED, progress: Progress
) -> NDArray[np.float64]:
    """Milliseconds of each of some single messages, the first few left out.

    Args:
        classifier: what answers.
        texts: messages, at least one; repeated where there are too few.
        n_timed: how many.
        progress: told of every message.
    """
    times = []
    with progress.step("timing single messages", total=N_WARM_UP + n_timed) as done:
        for text in islice(cycle(texts), N_WARM_UP + n_timed):
            times.append(_milliseconds(classifier, text))
            done(1)
    return np.array(times[N_WARM_UP:])


def _milliseconds(classifier: Classifier, text: str) -> float:
    start = perf_counter()
    classifier.classify([text])
    return (perf_counter() - start) * 1_000.0
