"""Every base model in memory, for all the tuned language models that stand on it.

bases = SharedBases()
billing = bases.load(billing_folder / "model", billing_labels)
returns = bases.load(returns_folder / "model", returns_labels)
billing.scored_beside([(billing, billing.read(["a message"])[0]), (returns, returns.read(["another"])[0])])

One that stands alone is made part of its base, as it is everywhere else in suffice. Where others come, all are computed
beside the base: that one is read anew, untouched, and who answers goes on with what was there until it is ready.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from suffice.base_models import BaseModelFiles, Format, usable_device
from suffice.base_models.memory import free_memory, free_on_cuda
from suffice.errors import ModelError, SufficeError
from suffice.predict.bank import Resident
from suffice.records.labels import LabelSet
from suffice.records.run import Training
from suffice.records.task import BaseWeights
from suffice.rungs.bases import matching_base
from suffice.rungs.causal import SavedCausal, TunedCausal
from suffice.rungs.interface import BaseReference, FittedRung, Scores, Size
from suffice.rungs.shared_base import SharedBase
from suffice.store import strict_json
from suffice.store.files import file_sha256, folder_bytes
from suffice.text.token_budget import Budgeted

SOME_MESSAGE = "a message"
"""Read once behind an instruction, so that the first message of a person does not wait for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """A rung whose adapter is computed beside its base."""

    base: SharedBase
    """Untouched."""
    resident: Resident
    """Its adapter there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where a rung was read from."""

    folder: Path
    """What `TunedCausal.save` wrote."""
    base_folder: Path | None
    """The copy of the base model that was used instead of finding it by name."""
    hashes: tuple[str, ...]
    """Of the files in `folder`: what lies there later may be another rung."""

    @property
    def is_still_there(self) -> bool:
        """Whether the folder holds what was read from it."""
        return _hashes(self.folder) == self.hashes


class OnSharedBase:
    """A tuned language model whose base others may stand on as well; as a rung it is like any other."""

    training: Training | None = None
    train_seconds = 0.0

    def __init__(
        self, shared: Ground, form: TunedCausal | Beside, labels: LabelSet, *, saved: SavedCausal, origin: Origin
    ) -> None:
        """
        Args:
            shared: the base, and all that stand on it.
            form: how it answers: as part of a base, or beside it. It may change while requests are under way.
            labels: its K labels.
            saved: what it is put together from.
            origin: where it was read from.
        """
        self.shared, self.form, self.labels, self.origin = shared, form, labels, origin
        self.base: BaseReference | None = saved.base
        self.precision: str = saved.precision

    def read(self, texts: Sequence[str]) -> list[Budgeted]:
        """Token ids of each message within the context; they are the same in both forms."""
        form = self.form
        return form.read(texts) if isinstance(form, TunedCausal) else form.resident.frame.tokenise(texts)

    def scores(self, texts: Sequence[str]) -> Scores:
        """Logits of the labels behind its own instruction."""
        return self.scores_of(self.read(texts))

    def scores_of(self, rows: Sequence[Budgeted]) -> Scores:
        """Logits of messages that were read."""
        logits = np.stack(self.scored_beside([(self, row) for row in rows]))
        return Scores(logits=logits, truncated=np.array([row.truncated for row in rows], dtype=np.bool_))

    def scored_beside(self, asked: Sequence[tuple[FittedRung, Budgeted]]) -> list[NDArray[np.float64]]:
        """Logits of messages under several rungs of this base, shape [K] for each, in order."""
        rows = [(rung, row) for rung, row in asked if isinstance(rung, OnSharedBase)]
        assert len(rows) == len(asked), "all stand on this base"
        forms = {rung: rung.form for rung, _ in rows}  # One look at each: it may change before all are scored.
        alone: dict[TunedCausal, list[int]] = {}
        beside: dict[SharedBase, list[tuple[int, Resident]]] = {}
        for i, (rung, _) in enumerate(rows):
            form = forms[rung]
            if isinstance(form, TunedCausal):
                alone.setdefault(form, []).append(i)
            else:
                beside.setdefault(form.base, []).append((i, form.resident))
        found: dict[int, NDArray[np.float64]] = {}
        for tuned, places in alone.items():
            found |= zip(places, tuned.scores_of([rows[i][1] for i in places]).logits, strict=True)
        for base, residents in beside.items():
            scores = base.scored([(resident, rows[i][1]) for i, resident in residents])
            found |= zip((i for i, _ in residents), scores, strict=True)
        return [found[i] for i in range(len(rows))]

    def leave(self) -> None:
        """Gives up its place; answers that are under way are finished."""
        self.shared.leave(self)

    def save(self, folder: Path) -> None:
        """Copies what `TunedCausal.save` wrote."""
        shutil.copytree(self.origin.folder, folder, dirs_exist_ok=True)

    def size(self) -> Size:
        """The base's weights as loaded, whoever else stands on them, and what its own files take."""
        form = self.form
        base_bytes = form.size().base_bytes if isinstance(form, TunedCausal) else form.base.base_bytes
        return Size(base_bytes=base_bytes, adapter_bytes=folder_bytes(self.origin.folder))


class Ground:
    """One base in one number format, and all that stand on it; it is in memory while somebody does."""

    def __init__(self) -> None:
        self.beside: SharedBase | None = None  # The untouched one, where somebody is computed beside it.
        self._standing: list[OnSharedBase] = []
        self._lock, self._numbers = threading.Lock(), count(1)

    def join(self, origin: Origin, labels: LabelSet, saved: SavedCausal, *, alone: bool) -> OnSharedBase:
        """Takes a rung into memory.

        Args:
            origin: where it lies.
            labels: its K labels.
            saved: what it is put together from.
            alone: whether it is to be made part of a base of its own, where memory has room for another beside that.

        Raises:
            BundleError: what was found as its base has other weights.
            ModelError: the base cannot be found, or adapters cannot stand beside one another on it.
        """
        with self._lock:
            form: TunedCausal | Beside
            if alone and _has_room(matching_base(saved.base, base_folder=origin.base_folder), saved, copies=2):
                form = _merged(origin, labels)
            else:
                base = self.beside or self._untouched(origin, saved)
                form = Beside(base=base, resident=base.load(self._name(origin), origin.folder, labels))
                self.beside = base
            rung = OnSharedBase(self, form, labels, saved=saved, origin=origin)
            self._standing.append(rung)
            return rung

    def leave(self, rung: OnSharedBase) -> None:
        """Takes a rung off; an untouched base beside which nobody is computed is let go.

        Args:
            rung: one that stands here.
        """
        with self._lock:
            self._standing.remove(rung)
            if isinstance(rung.form, Beside):
                rung.form.base.bank.unload(rung.form.resident.name)
            self._let_go()

    def settle(self) -> None:
        """Makes one that stands alone part of its base, and puts those that do not beside the others."""
        with self._lock:
            if len(self._standing) == 1:
                self._merge(self._standing[0])
            elif self.beside is not None:
                for rung in self._standing:
                    self._put_beside(rung, self.beside)
            self._let_go()

    def _merge(self, rung: OnSharedBase) -> None:
        """Where that cannot be done any more, it answers on as it does."""
        form, origin = rung.form, rung.origin
        if isinstance(form, TunedCausal):
            return
        saved = strict_json.read(origin.folder / "causal.json", SavedCausal) if origin.is_still_there else None
        if saved is None or not _has_room(form.base.files, saved, copies=1):
            return
        try:
            merged = _merged(origin, rung.labels)
        except (SufficeError, OSError):  # Its base, too, may lie there no more.
            return
        if origin.is_still_there:
            rung.form = merged

    def _put_beside(self, rung: OnSharedBase, base: SharedBase) -> None:
        if isinstance(rung.form, TunedCausal):
            resident = rung.form.beside(base.bank, self._name(rung.origin))
            rung.form = Beside(base=base, resident=resident)

    def _let_go(self) -> None:
        if not any(isinstance(rung.form, Beside) for rung in self._standing):
            self.beside = None

    def _untouched(self, origin: Origin, saved: SavedCausal) -> SharedBase:
        files = matching_base(saved.base, base_folder=origin.base_folder)
        return SharedBase(files, precision=saved.precision, weights=saved.base_weights)

    def _name(self, origin: Origin) -> str:
        return f"{origin.folder} {next(self._numbers)}"


class SharedBases:
    """Every base that is in memory."""

    def __init__(self) -> None:
        self._grounds: dict[tuple[str, Format, BaseWeights], Ground] = {}
        self._lock = threading.Lock()

    def load(
        self, folder: Path, labels: LabelSet, *, base_folder: Path | None = None, alone: bool = False
    ) -> FittedRung:
        """Reads a rung that `TunedCausal.save` wrote, on a base that is there already or comes with it.

        Args:
            folder: where it lies.
            labels: its K labels.
            base_folder: a copy of the base model to use instead of finding it by name.
            alone: whether no other is to stand on its base. It is faster then, and takes a base for itself; `settle`
                puts it beside others that come all the same.

        Returns:
            The rung on a shared base, or on one of its own where the architecture's layers are not computed here.

        Raises:
            BundleError: what was found as its base has other weights.
            ModelError: the base cannot be found.
        """
        saved = strict_json.read(folder / "causal.json", SavedCausal)
        with self._lock:
            ground = self._grounds.setdefault((saved.base.fingerprint, saved.precision, saved.base_weights), Ground())
        origin = Origin(folder=folder, base_folder=base_folder, hashes=_hashes(folder))
        try:
            return ground.join(origin, labels, saved, alone=alone)
        except ModelError:
            return cast("FittedRung", TunedCausal.load(folder, labels, base_folder=base_folder))

    def settle(self) -> None:
        """Makes whoever stands alone part of the base, and puts all others beside one another.

        Answers go on meanwhile, each in the form in which it was begun.
        """
        with self._lock:
            grounds = list(self._grounds.values())
        for ground in grounds:
            ground.settle()


def _merged(origin: Origin, labels: LabelSet) -> TunedCausal:
    tuned = TunedCausal.load(origin.folder, labels, base_folder=origin.base_folder)
    tuned.scores([SOME_MESSAGE])
    return tuned


def _has_room(files: BaseModelFiles, saved: SavedCausal, *, copies: int) -> bool:
    """Whether so many copies of a base have room in what is free now; where the system does not tell, they have."""
    free = free_on_cuda() if usable_device() == "cuda" else free_memory()
    wide = 2 if saved.precision == "fp32" else 1  # Of a file in bfloat16.
    return free is None or free >= copies * wide * files.size_bytes


def _hashes(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(f"{file.name} {file_sha256(file)}" for file in sorted(folder.iterdir()))
    except OSError:
        return ()
