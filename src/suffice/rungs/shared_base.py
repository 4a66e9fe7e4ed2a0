"""A base model in memory, and adapters that stand on it beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from suffice.base_models import BaseModelFiles, Format, load_causal, usable_device
from suffice.base_models.four_bit import n_bytes
from suffice.errors import BundleError, Problem
from suffice.predict.bank import AdapterBank, Resident
from suffice.predict.batching import by_length
from suffice.predict.readout import HeadReadout
from suffice.records.labels import LabelSet
from suffice.records.task import BaseWeights
from suffice.rungs.adapter_files import load_head, load_updates
from suffice.rungs.causal import SavedCausal, frame_of, readout_of
from suffice.store import strict_json
from suffice.text.token_budget import Budgeted


class SharedBase:
    """A base model, and the saved rungs that stand on it."""

    def __init__(self, files: BaseModelFiles, *, precision: Format, weights: BaseWeights = "full") -> None:
        """
        Args:
            files: the base model.
            precision: what it multiplies in; the rungs must have been fitted in the same.
            weights: how its linear layers lie in memory; likewise.

        Raises:
            ModelError: it cannot be loaded, or is of an architecture whose layers are not computed here.
        """
        self.files, self.precision, self.weights = files, precision, weights
        self._loaded = load_causal(files, precision=precision, device=usable_device(), weights=weights)
        self.base_bytes = n_bytes(self._loaded.model)
        self.bank = AdapterBank(self._loaded.model)

    def load(self, name: str, folder: Path, labels: LabelSet) -> Resident:
        """Takes a rung into memory that `TunedCausal.save` wrote.

        Args:
            name: what it is called in the bank.
            folder: where it lies.
            labels: its K labels.

        Raises:
            BundleError: it was fitted on another base, or in another precision.
        """
        saved = strict_json.read(folder / "causal.json", SavedCausal)
        here = (self.files.fingerprint, self.precision, self.weights)
        its = (saved.base.fingerprint, saved.precision, saved.base_weights)
        if here != its:
            raise BundleError(
                Problem(
                    where=str(folder),
                    rule=f"the rung must stand on {_spoken(self.files.name, *here)}",
                    got=_spoken(saved.base.name, *its),
                    fix="load it with a base of its own",
                )
            )
        readout = readout_of(self._loaded, labels, saved)
        if isinstance(readout, HeadReadout):
            readout.load_state_dict({key.removeprefix("head."): t for key, t in load_head(folder).items()})
        frame = frame_of(self._loaded, saved)
        return self.bank.load(name, load_updates(folder), shape=saved.lora, frame=frame, readout=readout)

    def scored(self, asked: Sequence[tuple[Resident, Budgeted]]) -> list[NDArray[np.float64]]:
        """Logits of messages under several adapters of this base, shape [K] for each, in order.

        Args:
            asked: each message's adapter, and its tokens as that adapter's frame makes them.
        """
        found: dict[int, NDArray[np.float64]] = {}
        with torch.inference_mode():
            for batch in by_length([len(row.ids) for _, row in asked]):
                scores = self.bank.logits([(asked[i][0], asked[i][1].ids) for i in batch])
                found |= {i: score.double().cpu().numpy() for i, score in zip(batch, scores, strict=True)}
        return [found[i] for i in range(len(asked))]


def _spoken(name: str, fingerprint: str, precision: Format, weights: BaseWeights) -> str:
    return f"{name} {fingerprint[:12]} in {precision}, {weights} weights"
