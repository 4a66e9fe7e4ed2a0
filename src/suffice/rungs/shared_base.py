"""One base model in memory for many tuned language models.

bases = SharedBases()
billing = bases.load(billing_folder / "model", billing_labels)
returns = bases.load(returns_folder / "model", returns_labels)
billing.scored_beside([(billing, billing.read(["a message"])[0]), (returns, returns.read(["another"])[0])])
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray

from suffice.base_models import BaseModelFiles, Format, load_causal, usable_device
from suffice.errors import BundleError, ModelError, Problem
from suffice.predict.bank import AdapterBank, Resident
from suffice.predict.batching import by_length
from suffice.predict.readout import HeadReadout
from suffice.records.labels import LabelSet
from suffice.records.run import Training
from suffice.records.task import BaseWeights
from suffice.rungs.adapter_files import load_head, load_updates
from suffice.rungs.bases import matching_base
from suffice.rungs.causal import SavedCausal, TunedCausal, frame_of, readout_of
from suffice.rungs.interface import BaseReference, FittedRung, Scores, Size
from suffice.store import strict_json
from suffice.store.files import folder_bytes
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
        self.bank = AdapterBank(self._loaded.model)
        self.base_bytes = sum(t.numel() * t.element_size() for t in self._loaded.model.state_dict().values())

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


class OnSharedBase:
    """A tuned language model whose base others stand on as well; as a rung it is like any other."""

    training: Training | None = None
    train_seconds = 0.0

    def __init__(self, shared: SharedBase, resident: Resident, labels: LabelSet, *, folder: Path) -> None:
        """
        Args:
            shared: the base that it stands on.
            resident: its adapter there.
            labels: its K labels.
            folder: where `TunedCausal.save` wrote it.
        """
        self.shared, self.resident, self.labels, self._folder = shared, resident, labels, folder
        self.base: BaseReference | None = BaseReference(name=shared.files.name, fingerprint=shared.files.fingerprint)
        self.precision: str = shared.precision

    def read(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message within the context."""
        return self.resident.frame.tokenise(texts)

    def scores(self, texts: Sequence[str]) -> Scores:
        """Logits of the labels behind its own instruction."""
        return self.scores_of(self.read(texts))

    def scores_of(self, rows: Sequence[Budgeted]) -> Scores:
        """Logits of messages that were read."""
        logits = np.stack(self.scored_beside([(self, row) for row in rows]))
        return Scores(logits=logits, truncated=np.array([row.truncated for row in rows], dtype=np.bool_))

    def scored_beside(self, asked: Sequence[tuple[FittedRung, Budgeted]]) -> list[NDArray[np.float64]]:
        """Logits of messages under several adapters of this base, shape [K] for each, in order."""
        rows = [(rung.resident, row.ids) for rung, row in asked if isinstance(rung, OnSharedBase)]
        assert len(rows) == len(asked), "all stand on this base"
        found: dict[int, NDArray[np.float64]] = {}
        with torch.inference_mode():
            for batch in by_length([len(ids) for _, ids in rows]):
                scores = self.shared.bank.logits([rows[i] for i in batch])
                found |= {i: score.double().cpu().numpy() for i, score in zip(batch, scores, strict=True)}
        return [found[i] for i in range(len(rows))]

    def leave(self) -> None:
        """Takes the adapter from memory; answers that are under way are finished."""
        self.shared.bank.unload(self.resident.name)

    def save(self, folder: Path) -> None:
        """Copies what `TunedCausal.save` wrote."""
        shutil.copytree(self._folder, folder, dirs_exist_ok=True)

    def size(self) -> Size:
        """The base's weights as loaded, whoever else stands on them, and what its own files take."""
        return Size(base_bytes=self.shared.base_bytes, adapter_bytes=folder_bytes(self._folder))


class SharedBases:
    """Every base that is in memory, one for all rungs that can stand on it together."""

    def __init__(self) -> None:
        self._bases: dict[tuple[str, Format, BaseWeights], SharedBase] = {}
        self._lock, self._numbers = threading.Lock(), count(1)

    def load(self, folder: Path, labels: LabelSet, *, base_folder: Path | None = None) -> FittedRung:
        """Reads a rung that `TunedCausal.save` wrote, on a base that is there already or comes with it.

        Args:
            folder: where it lies.
            labels: its K labels.
            base_folder: a copy of the base model to use instead of finding it by name.

        Returns:
            The rung on a shared base, or on one of its own where the architecture's layers are not computed here.

        Raises:
            BundleError: what was found as its base has other weights.
            ModelError: the base cannot be found.
        """
        saved = strict_json.read(folder / "causal.json", SavedCausal)
        key = (saved.base.fingerprint, saved.precision, saved.base_weights)
        with self._lock:
            if key not in self._bases:
                files = matching_base(saved.base, base_folder=base_folder)
                try:
                    self._bases[key] = SharedBase(files, precision=saved.precision, weights=saved.base_weights)
                except ModelError:
                    return cast("FittedRung", TunedCausal.load(folder, labels, base_folder=base_folder))
            shared = self._bases[key]
        resident = shared.load(f"{folder} {next(self._numbers)}", folder, labels)
        return OnSharedBase(shared, resident, labels, folder=folder)


def _spoken(name: str, fingerprint: str, precision: Format, weights: BaseWeights) -> str:
    return f"{name} {fingerprint[:12]} in {precision}, {weights} weights"
