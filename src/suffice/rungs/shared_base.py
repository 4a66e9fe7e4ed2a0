"""One base model in memory for many tuned language models. It is for programs: no command serves several yet.

base = SharedBase(locate("smollm2-135m", progress=SILENT), precision=choose_precision())
billing = base.load("billing", run / "fitted" / "model", labels)
rows = [(billing, row.ids) for row in billing.frame.tokenise(texts)]
logits = base.bank.logits(rows)  # Not yet divided by the temperature that stands in `fitted/classifier.json`.
"""

from __future__ import annotations

from pathlib import Path

from suffice.base_models import BaseModelFiles, Format, load_causal, usable_device
from suffice.errors import BundleError, Problem
from suffice.predict.bank import AdapterBank, Resident
from suffice.predict.readout import HeadReadout
from suffice.records.labels import LabelSet
from suffice.records.task import BaseWeights
from suffice.rungs.adapter_files import load_head, load_updates
from suffice.rungs.causal import SavedCausal, frame_of, readout_of
from suffice.store import strict_json


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


def _spoken(name: str, fingerprint: str, precision: Format, weights: BaseWeights) -> str:
    return f"{name} {fingerprint[:12]} in {precision}, {weights} weights"
