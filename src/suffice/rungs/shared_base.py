"""One base model in memory for many tuned language models."""

from __future__ import annotations

from pathlib import Path

from suffice.base_models import BaseModelFiles, Format, load_causal
from suffice.errors import BundleError, Problem
from suffice.predict.bank import AdapterBank, Resident
from suffice.predict.readout import HeadReadout
from suffice.records.labels import LabelSet
from suffice.rungs.adapter_files import load_head, load_updates
from suffice.rungs.causal import SavedCausal, frame_of, readout_of
from suffice.store import strict_json


class SharedBase:
    """A base model, and the saved rungs that stand on it."""

    def __init__(self, files: BaseModelFiles, *, precision: Format) -> None:
        """
        Args:
            files: the base model.
            precision: what it multiplies in; the rungs must have been fitted in the same.

        Raises:
            ModelError: it cannot be loaded, or is of an architecture whose layers are not computed here.
        """
        self.files, self.precision = files, precision
        self._loaded = load_causal(files, precision=precision)
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
        here, its = (self.files.fingerprint, self.precision), (saved.base.fingerprint, saved.precision)
        if here != its:
            raise BundleError(
                Problem(
                    where=str(folder),
                    rule=f"the rung must stand on {self.files.name} {here[0][:12]} in {here[1]}",
                    got=f"{saved.base.name} {its[0][:12]} in {its[1]}",
                    fix="load it with a base of its own",
                )
            )
        readout = readout_of(self._loaded, labels, saved)
        if isinstance(readout, HeadReadout):
            readout.load_state_dict({key.removeprefix("head."): t for key, t in load_head(folder).items()})
        frame = frame_of(self._loaded, saved)
        return self.bank.load(name, load_updates(folder), shape=saved.lora, frame=frame, readout=readout)
