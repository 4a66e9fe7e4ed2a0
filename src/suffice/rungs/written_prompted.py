"""A language model as it is, told what to do and shown some examples."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import numpy as np

from suffice.base_models import choose_precision, locate, usable_device
from suffice.kinds.prompts import Example
from suffice.records.progress import Progress
from suffice.rungs.answering import AnswerData, AnswerSettings
from suffice.rungs.interface import BaseReference
from suffice.rungs.speech import Speech
from suffice.rungs.speeches import speech_of
from suffice.rungs.written import SavedWritten, Written
from suffice.text.normalise import is_empty


class WrittenByPrompted(Written):
    """Nothing of it was trained."""

    @classmethod
    def fit(
        cls, data: AnswerData, settings: AnswerSettings, *, base: str, checkpoints: Path, progress: Progress
    ) -> WrittenByPrompted:
        """Chooses the examples; nothing is trained.

        Raises:
            ModelError: the base model cannot be found.
        """
        del checkpoints
        files, begun, speech = locate(base, progress=progress), perf_counter(), speech_of(settings.answer)
        saved = SavedWritten(
            base=BaseReference(name=files.name, fingerprint=files.fingerprint),
            instruction=settings.instruction or speech.default_instruction(),
            examples=_shown(data, settings, speech),
            answer=settings.answer,
            precision=choose_precision(device=usable_device()),
            base_weights=settings.train.base,
        )
        rung = cls(files, saved, adapter=None)
        rung.train_seconds = perf_counter() - begun
        return rung


def _shown(data: AnswerData, settings: AnswerSettings, speech: Speech) -> tuple[Example, ...]:
    """Examples by chance, those with a trace first; fewer are the first of more. No tune row is shown: a wording may be
    chosen on them.
    """
    order = np.random.default_rng(settings.seed).permutation(data.fit_rows).tolist()
    told = [data.questions[k] for k in order if not is_empty(data.questions[k].text)]
    ordered = sorted(told, key=lambda row: not speech.explains(row))
    return tuple(map(speech.example, ordered[: settings.train.shots]))
